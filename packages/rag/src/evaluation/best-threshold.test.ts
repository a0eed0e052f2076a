import { expect, test } from "vitest";
import { bestThreshold } from "./best-threshold.ts";

const verdict = (probability: number, threshold = 0.5) => ({ probability, threshold });

test("finds the threshold that balances right and wrong refusals best", () => {
  const rows = [
    ...[0.9, 0.8, 0.62].map((p) => ({ answerable: true, refused: false, verdict: verdict(p) })),
    ...[0.6, 0.55, 0.3].map((p) => ({ answerable: false, refused: p < 0.5, verdict: verdict(p) })),
  ];
  expect(bestThreshold(rows)).toEqual({ threshold: 0.61, right: 1, wrong: 0, balanced: 1 });
});

test("what the check after the verdict refused stays refused, what the verdict refused can be let through", () => {
  const rows = [
    { answerable: true, refused: true, verdict: verdict(0.7) },
    { answerable: true, refused: true, verdict: verdict(0.4) },
    { answerable: false, refused: true, verdict: verdict(0.2) },
  ];
  expect(bestThreshold(rows)).toEqual({ threshold: 0.21, right: 1, wrong: 0.5, balanced: 0.75 });
});

test("questions that needed no verdict keep what became of them", () => {
  const rows = [
    { answerable: true, refused: false },
    { answerable: false, refused: true, verdict: null },
    { answerable: false, refused: false, verdict: verdict(0.6) },
  ];
  expect(bestThreshold(rows)).toMatchObject({ right: 1, wrong: 0, balanced: 1 });
});

test("says nothing without verdicts, or with questions of one kind", () => {
  expect(bestThreshold([{ answerable: true, refused: false, verdict: verdict(0.6) }])).toBeUndefined();
  const untold = [true, false].map((answerable) => ({ answerable, refused: false }));
  expect(bestThreshold(untold)).toBeUndefined();
});

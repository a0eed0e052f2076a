import { expect, test } from "vitest";
import { measureLabelled, readLabelled } from "../testing/labelled.ts";

test("F2: two hundred pairs were labelled by hand, half of them unsupported, in both languages", async () => {
  const passages = await readLabelled();
  const pairs = passages.flatMap(({ language, pairs: own }) => own.map((pair) => ({ ...pair, language })));
  expect(pairs).toHaveLength(200);
  expect(pairs.filter(({ supported }) => !supported)).toHaveLength(100);
  expect(pairs.filter(({ language }) => language === "zh").length).toBeGreaterThan(80);
});

test("F2: of the hand-labelled sentences shown as supported, nine in ten and more are", async () => {
  const { all, en, zh } = measureLabelled(await readLabelled());
  expect(all.precision).toBeGreaterThanOrEqual(0.9);
  expect(Math.min(en.precision, zh.precision)).toBeGreaterThanOrEqual(0.85);
  expect(all.recall).toBeGreaterThanOrEqual(0.5);
});

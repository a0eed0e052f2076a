import fc from "fast-check";
import { expect, test } from "vitest";
import { readRange } from "./send-original.ts";

test("a range that is given lies inside the file and is never empty", () => {
  const header = fc.oneof(
    fc.tuple(fc.nat(30), fc.nat(30)).map(([first, last]) => `bytes=${first}-${last}`),
    fc.nat(30).map((first) => `bytes=${first}-`),
    fc.nat(30).map((length) => `bytes=-${length}`),
    fc.string(),
  );
  fc.assert(
    fc.property(header, fc.nat(20), (text, sizeBytes) => {
      const range = readRange(text, sizeBytes);
      if (range === null || range === "unsatisfiable") return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.start).toBeLessThan(range.end);
      expect(range.end).toBeLessThanOrEqual(sizeBytes);
    }),
    { seed: 3, numRuns: 2000 },
  );
});

test.each([
  [undefined, null],
  ["bytes=0-0", { start: 0, end: 1 }],
  ["bytes=5-", { start: 5, end: 10 }],
  ["bytes=-3", { start: 7, end: 10 }],
  ["bytes=-99", { start: 0, end: 10 }],
  ["bytes=8-99", { start: 8, end: 10 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=4-2", null],
  ["bytes=0-1,3-4", null],
  ["bytes=-", null],
  ["items=0-1", null],
])("%s of ten bytes", (header, expected) => {
  expect(readRange(header, 10)).toEqual(expected);
});

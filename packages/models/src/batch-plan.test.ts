import fc from "fast-check";
import { expect, test } from "vitest";
import { planBatches } from "./batch-plan.ts";

test("puts texts of like length together and keeps to the budget", () => {
  expect(planBatches([10, 100, 11, 90, 12], 200)).toEqual([
    [0, 2, 4],
    [3, 1],
  ]);
});

test("gives a text over the budget a batch of its own", () => {
  expect(planBatches([5, 900, 5], 100)).toEqual([[0, 2], [1]]);
});

test("uses every index once, never over the budget unless alone, for any lengths", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 80 }),
      fc.integer({ min: 1, max: 600 }),
      (lengths, budget) => {
        const batches = planBatches(lengths, budget);
        expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
        for (const batch of batches) {
          const padded = Math.max(...batch.map((i) => lengths[i]!)) * batch.length;
          expect(batch.length === 1 || padded <= budget).toBe(true);
        }
      },
    ),
  );
});

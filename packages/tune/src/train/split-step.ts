/**
 * How a step's work is dealt to two lanes (lanes.ts), as rounds: in a round each lane has at most one part, and the next
 * round begins when both are done, so a pause or a cancel still waits for one batch at most. A batch of several examples
 * is cut by length where its longer part costs least, padding included; batches of one example share a round with the next of
 * their length. Invariant: every example stands in exactly one part. The plan of the run (batches.ts) knows nothing of lanes.
 */
import type { LaneCount } from "./choose-lanes.ts";

/** Indexes of examples. The second lane has the costlier part, for the first adds up and updates besides. */
export interface Round {
  readonly first: readonly number[];
  /** Empty where there is nothing to share. */
  readonly second: readonly number[];
}

/** lengths: by the task's lengthOf, of all examples. */
export function splitStep(
  batches: readonly (readonly number[])[],
  lengths: readonly number[],
  lanes: LaneCount,
): Round[] {
  if (lanes === 1) return batches.map((batch) => ({ first: batch, second: [] }));
  const singles = batches.filter(({ length }) => length === 1).flat();
  const several = batches.filter(({ length }) => length > 1);
  return [
    ...several.map((batch) => cutInTwo(byLength(batch, lengths), lengths)),
    ...pairsOf(byLength(singles, lengths)).map(([shorter, longer]) =>
      longer === undefined ? { first: [shorter], second: [] } : { first: [shorter], second: [longer] },
    ),
  ];
}

/** Shortest first; ties stay in the batch's order. */
function byLength(indexes: readonly number[], lengths: readonly number[]): number[] {
  return [...indexes].sort((a, b) => lengths[a]! - lengths[b]!);
}

/** Where max(cost of the shorter ones, cost of the longer ones) is least; a part costs its count times its longest. */
function cutInTwo(sorted: readonly number[], lengths: readonly number[]): Round {
  const longest = lengths[sorted.at(-1)!]!;
  let [best, leastCost] = [1, Infinity];
  for (let count = 1; count < sorted.length; count += 1) {
    const cost = Math.max(count * lengths[sorted[count - 1]!]!, (sorted.length - count) * longest);
    if (cost < leastCost) [best, leastCost] = [count, cost];
  }
  const [shorter, longer] = [sorted.slice(0, best), sorted.slice(best)];
  const isSecondCostlier = longer.length * longest >= shorter.length * lengths[shorter.at(-1)!]!;
  return isSecondCostlier ? { first: shorter, second: longer } : { first: longer, second: shorter };
}

function pairsOf(items: readonly number[]): [number, number | undefined][] {
  const pairs: [number, number | undefined][] = [];
  for (let at = 0; at < items.length; at += 2) pairs.push([items[at]!, items[at + 1]]);
  return pairs;
}

/**
 * How telling a term is in the searched collections: inverse document frequency scaled into (0,1], where 1 means that at
 * most one chunk in the collection has it. Terms nobody asked statistics for count as fully telling.
 */
import type { GenerationId, Passages } from "@lorekeep/core";

export type TermWeight = (key: string) => number;

const MIN_WEIGHT = 0.05;

export const evenTermWeight: TermWeight = () => 1;

export function termWeightsFrom(statistics: {
  readonly documentCount: number;
  readonly frequencies: ReadonlyMap<string, number>;
}): TermWeight {
  const { documentCount, frequencies } = statistics;
  // One chunk more than there are, so that a collection of one chunk still tells its terms apart from absent ones.
  const scale = Math.log((documentCount + 1) / 0.5);
  return (key) => {
    const frequency = Math.max(0, (frequencies.get(key) ?? 0) - 0.5);
    return Math.max(MIN_WEIGHT, Math.log((documentCount + 1) / (frequency + 0.5)) / scale);
  };
}

export async function loadTermWeights(
  passages: Pick<Passages, "termStatistics">,
  generationIds: readonly GenerationId[],
  keys: readonly string[],
): Promise<TermWeight> {
  if (keys.length === 0 || generationIds.length === 0) return evenTermWeight;
  return termWeightsFrom(await passages.termStatistics(generationIds, [...new Set(keys)]));
}

/** Share of the terms' weight that `held` has; 0 when there are no terms. */
export function coverage(keys: readonly string[], held: ReadonlySet<string>, weight: TermWeight): number {
  let total = 0;
  let matched = 0;
  for (const key of keys) {
    total += weight(key);
    if (held.has(key)) matched += weight(key);
  }
  return total === 0 ? 0 : matched / total;
}

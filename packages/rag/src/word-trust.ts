/**
 * How far the keyword arm can be trusted with a question: by the share of its telling words that the searched documents know. A Chinese
 * question over English documents meets them in a product's name only, which half of their passages hold, and that one word put
 * passages first that have nothing to do with the question.
 *
 * 48 Chinese questions of the Debian FAQ over its English PDF, recall@5 / @10: 0.688 / 0.792 without, 0.792 / 0.833 with meaning alone
 * at weights from 0.7 to 1; this gives 0.792 / 0.833 too.
 */
import type { GenerationId, Passages } from "@lorekeep/core";
import { coverage, termWeightsFrom } from "./text/term-weights.ts";
import { contentTerms, distinctKeys } from "./text/terms.ts";

/** From this share of known words, by their weight, on the keyword arm has its full weight; below it, less in proportion. */
const KNOWN_ENOUGH = 0.5;

/** In [0,1]; 1 where nobody can count, and for a query without words. */
export async function trustInWords(
  query: string,
  generationIds: readonly GenerationId[],
  passages: Partial<Pick<Passages, "termStatistics">>,
): Promise<number> {
  const keys = distinctKeys(contentTerms(query.normalize("NFKC")));
  if (keys.length === 0 || generationIds.length === 0 || passages.termStatistics === undefined) return 1;
  const statistics = await passages.termStatistics(generationIds, keys);
  const known = new Set(keys.filter((key) => (statistics.frequencies.get(key) ?? 0) > 0));
  return Math.min(1, coverage(keys, known, termWeightsFrom(statistics)) / KNOWN_ENOUGH);
}

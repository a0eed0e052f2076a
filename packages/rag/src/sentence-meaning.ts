/**
 * How near sentences of the best passages are to the question in meaning. Asked for only across languages: measured within
 * one language it moved the share of right sentences by less than the noise and cost eight embeddings an answer.
 */
import type { Embedder } from "@lorekeep/core";
import type { PackedPassage } from "./pack-context.ts";
import { passageSentences } from "./passage-sentences.ts";

/** Where a sentence starts in its document tells it from every other one. */
export type SentenceMeaning = (packed: PackedPassage, start: number) => number;

const MAX_PASSAGES = 3;
const MAX_SENTENCES = 24;

/** Cosine of question and sentence, scaled into [0,1] over the sentences compared; 0 for those that were not. */
export async function compareMeaning(
  question: string,
  packed: readonly PackedPassage[],
  embedder: Embedder,
  signal: AbortSignal | undefined,
): Promise<SentenceMeaning> {
  const sentences = packed
    .slice(0, MAX_PASSAGES)
    .flatMap((item) => passageSentences(item.passage).map((sentence) => ({ item, sentence })))
    .slice(0, MAX_SENTENCES);
  const texts = sentences.map(({ sentence }) => sentence.readAs);
  const [[asked], said] = await Promise.all([
    embedder.embed([question], { kind: "query", signal }),
    embedder.embed(texts, { kind: "passage", signal }),
  ]);
  const cosines = said.map((vector) => vector.reduce((sum, value, at) => sum + value * asked![at]!, 0));
  const [lowest, highest] = [Math.min(...cosines), Math.max(...cosines)];
  const scaled = new Map(
    sentences.map(({ item, sentence }, at) => [
      `${item.marker}:${sentence.span[0]}`,
      highest === lowest ? 1 : (cosines[at]! - lowest) / (highest - lowest),
    ]),
  );
  return ({ marker }, start) => scaled.get(`${marker}:${start}`) ?? 0;
}

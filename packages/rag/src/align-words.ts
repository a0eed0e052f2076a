/**
 * How near the question's telling words are in meaning to words of the passage, each word as it stands in its context: what is
 * said in other words is then told from what is not said. Late interaction (Khattab & Zaharia 2020, section 3.3) over words
 * instead of tokens, within the one sentence that meets the question best. Costs one encoding of the question and one of the passage.
 */
import type { Embedder, Passage, TokenVectors } from "@lorekeep/core";
import { passageBody, passageSentences } from "./passage-sentences.ts";
import type { Question } from "./question.ts";
import { contentTerms } from "./text/terms.ts";

export interface WordAlignment {
  /** Name of the embedder whose vectors were compared. */
  readonly embedder: string;
  /** Cosine of that telling word of the question which has least of a counterpart in the sentence that meets all of them best. */
  readonly leastAlike: number;
  /** Cosine of the question as a whole and the sentence nearest to it. */
  readonly likeness: number;
}
type Place = readonly [start: number, end: number];

/** Null where the embedder cannot say it, or one of the two has no telling words. Throws model_failed, aborted. */
export async function alignWords(
  question: Question,
  passage: Passage,
  embedder: Embedder,
  signal?: AbortSignal,
): Promise<WordAlignment | null> {
  const { embedTokens } = embedder;
  const asked = placesOf(question.text);
  if (embedTokens === undefined || asked.length === 0) return null;
  const [[questionTokens], [passageTokens]] = await Promise.all([
    embedTokens([question.text], { kind: "query", signal }),
    embedTokens([passage.text], { kind: "passage", signal }),
  ]);
  const wanted = asked.map((place) => vectorOf(questionTokens!, place)).filter((vector) => vector !== null);
  const sentences = sentencesIn(passage, passageTokens!);
  const nearest = sentences
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => wanted.map((word) => Math.max(...words.map((other) => dot(word, other)))));
  if (wanted.length === 0 || nearest.length === 0) return null;
  const best = nearest.reduce((left, right) => (mean(right) > mean(left) ? right : left));
  const likenesses = sentences.flatMap(({ whole }) => (whole === null ? [] : dot(questionTokens!.whole, whole)));
  return { embedder: embedder.name, leastAlike: Math.min(...best), likeness: Math.max(...likenesses) };
}

interface SentenceVectors {
  readonly whole: Float32Array | null;
  readonly words: readonly Float32Array[];
}

/** A row of a table holds the words of its column names too, as everywhere (passage-sentences.ts). */
function sentencesIn(passage: Passage, tokens: TokenVectors): SentenceVectors[] {
  const bodyAt = passage.header === null ? 0 : passage.text.length - passageBody(passage).length;
  const wordsIn = (from: number, to: number): Float32Array[] =>
    placesOf(passage.text.slice(from, to))
      .map(([start, end]) => vectorOf(tokens, [from + start, from + end]))
      .filter((vector) => vector !== null);
  let columns = wordsIn(0, bodyAt);
  return passageSentences(passage).map(({ span, kind }) => {
    const from = bodyAt + span[0] - passage.span[0];
    const to = from + span[1] - span[0];
    const words = wordsIn(from, to);
    if (kind !== "row") columns = kind === "column-names" ? words : [];
    return { whole: vectorOf(tokens, [from, to]), words: kind === "row" ? [...columns, ...words] : words };
  });
}

const placesOf = (text: string): Place[] => contentTerms(text).map(({ start, end }): Place => [start, end]);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Unit vector of what stands there: the mean of the tokens that touch it; null where none does. */
function vectorOf({ spans, vectors }: TokenVectors, [from, to]: Place): Float32Array | null {
  const dimensions = vectors.length / Math.max(1, spans.length);
  const sum = new Float32Array(dimensions);
  for (const [token, [start, end]] of spans.entries()) {
    if (end <= from || start >= to || end === start) continue;
    for (let d = 0; d < dimensions; d += 1) sum[d] = sum[d]! + vectors[token * dimensions + d]!;
  }
  const length = Math.hypot(...sum);
  return length === 0 ? null : sum.map((value) => value / length);
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < left.length; d += 1) sum += left[d]! * right[d]!;
  return sum;
}

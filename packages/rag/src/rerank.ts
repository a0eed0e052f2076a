/**
 * The second stage: the best passages of the fused search, read once more beside the question and put in order by both views. The
 * reader judges question and passage together, which two separate vectors cannot, but its logits compare badly across passages, so it
 * moves passages and never decides alone (Nogueira & Cho 2019 rank by such a score alone; mixing is Lin, Nogueira & Yates 2021,
 * section 3.2). It costs a pass of the encoder for each passage. Passages beyond the ones read keep their places behind them.
 *
 * nDCG@10 with 12 passages read, fused → mixed: 58 Chinese questions about English text 0.606 → 0.623 (by the span's score; its
 * relevance was of no use there), 58 questions about an article that the reader never saw 0.972 → 0.972: hence an option, off by default.
 */
import type { Passage, ReadAnswer, Reader } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";
import { isModelError } from "./dense-arm.ts";
import { retrieve } from "./retrieve.ts";
import type { Retrieval, RetrieveDeps, RetrieveRequest } from "./retrieve.ts";

/** Passages read. */
export const RERANK_DEPTH = 20;
/** How far the reader moves a passage, in shares of the best fused score: from nothing to this, or by this for ten logits of the span's. */
export const RERANK_WEIGHTS = { relevance: 0.1, spanAcrossLanguages: 1.2 };
/** Logits are squeezed over these ranges: what lies beyond differs from reader to reader and says no more. */
const RELEVANCE_SCALE = 2;
const SPAN_LIMIT = 12;

export interface RerankedPassage {
  readonly passage: Passage;
  /** The reader's logit that the passage is about the question; null of passages that were not read, or not judged. */
  readonly relevance: number | null;
  /** What the order follows; comparable within one call only. */
  readonly mixed: number;
}

/** `passages`: best fused first, as retrieval gives them. The same passages in their new order. Throws model_failed, aborted. */
export async function rerank(
  question: string,
  passages: readonly Passage[],
  reader: Reader,
  signal?: AbortSignal,
): Promise<RerankedPassage[]> {
  const texts = passages.slice(0, RERANK_DEPTH).map(({ text }) => text);
  return mixReadings(question, passages, await reader.read(question, texts, { signal }));
}

/** How the second stage went; `skipped` names why it did not. A type, so that it is a plain record on the wire. */
export type RerankPlan = {
  readonly reader: string | null;
  readonly readCount: number;
  readonly ms: number;
  readonly skipped?: string | undefined;
};

export interface RerankedRetrieval extends Retrieval {
  /** By chunk; of the passages that were read and judged. */
  readonly relevance: ReadonlyMap<Passage["chunkId"], number>;
  readonly rerank: RerankPlan;
}

/** Retrieval and its second stage. Without a reader, or when it fails, the first stage's order stands. Throws as `retrieve`. */
export async function retrieveReranked(
  request: RetrieveRequest,
  deps: RetrieveDeps & { readonly reader?: (() => Promise<Reader | undefined>) | undefined },
): Promise<RerankedRetrieval> {
  const { query, limit, signal } = request;
  const first = await retrieve({ ...request, limit: Math.max(limit, RERANK_DEPTH) }, deps);
  const startedAt = performance.now();
  const asRetrieved = (skipped: string): RerankedRetrieval => ({
    ...first,
    passages: first.passages.slice(0, limit),
    relevance: new Map(),
    rerank: { reader: null, readCount: 0, ms: performance.now() - startedAt, skipped },
  });
  try {
    const reader = await deps.reader?.();
    if (reader === undefined) return asRetrieved("model_missing");
    const ranked = await rerank(query, first.passages, reader, signal);
    const relevance = new Map(
      ranked.flatMap(({ passage, relevance: logit }) => (logit === null ? [] : [[passage.chunkId, logit] as const])),
    );
    const ms = performance.now() - startedAt;
    const passages = ranked.slice(0, limit).map(({ passage }) => passage);
    return {
      ...first,
      passages,
      relevance,
      rerank: { reader: reader.name, readCount: Math.min(RERANK_DEPTH, ranked.length), ms },
    };
  } catch (error) {
    if (!isModelError(error)) throw error;
    return asRetrieved(error.code);
  }
}

/** For callers that have read the passages already: `answers` in their order, of as many of the first ones as were read. */
export function mixReadings(
  question: string,
  passages: readonly Passage[],
  answers: readonly Pick<ReadAnswer, "score" | "relevance">[],
  weights = RERANK_WEIGHTS,
): RerankedPassage[] {
  const read = passages.slice(0, answers.length);
  const top = Math.max(Number.MIN_VALUE, ...read.map(({ scores }) => scores.fused));
  const crosses = crossesLanguages(question, read);
  const rated = read.map((passage, at): RerankedPassage => {
    const { score, relevance = null } = answers[at]!;
    const span = crosses ? weights.spanAcrossLanguages * (clamp(score) / 10) : 0;
    const about = crosses || relevance === null ? 0 : weights.relevance * sureness(relevance);
    return { passage, relevance, mixed: passage.scores.fused / top + span + about };
  });
  const unread = passages.slice(answers.length).map((passage) => ({
    ...{ passage, relevance: null },
    mixed: Math.min(0, ...rated.map(({ mixed }) => mixed)),
  }));
  return [...rated.sort((left, right) => right.mixed - left.mixed), ...unread];
}

/** Most of the passages are in another language than the question: words do not meet, so the fused order is weak. */
function crossesLanguages(question: string, passages: readonly Passage[]): boolean {
  const asked = detectLanguage(question);
  const foreign = passages.filter(({ language }) => language !== null && language !== asked).length;
  return 2 * foreign > passages.length;
}

const clamp = (logit: number): number => Math.max(-SPAN_LIMIT, Math.min(SPAN_LIMIT, logit));

/** Logit → (0, 1). */
function sureness(logit: number): number {
  return 1 / (1 + Math.exp(-logit / RELEVANCE_SCALE));
}

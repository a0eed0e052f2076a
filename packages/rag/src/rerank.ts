/**
 * The second stage: the best passages of the fused search, read once more beside the question and put in order by both views. The
 * reader judges question and passage together, which two separate vectors cannot, but its logits compare badly across passages
 * (alone it ranks worse than the fusion), so it moves passages and never decides alone (Nogueira & Cho 2019 rank by such a score
 * alone; mixing is Lin, Nogueira & Yates 2021, section 3.2). It costs a pass of the encoder for each passage: on in chat, an option
 * in search. Passages beyond the ones read keep their places behind them.
 */
import type { Passage, Reader } from "@lorekeep/core";
import { isModelError } from "./dense-arm.ts";
import { retrieve } from "./retrieve.ts";
import type { Retrieval, RetrieveDeps, RetrieveRequest } from "./retrieve.ts";

/** Passages read: measured, a gold passage below this place hardly ever comes back to the top. */
export const RERANK_DEPTH = 20;
/** How far a passage that the reader is sure of is moved, in shares of the best fused score. */
export const RELEVANCE_WEIGHT = 0.35;
/** Logits are squeezed over this range: what lies beyond differs from reader to reader and says no more. */
const RELEVANCE_SCALE = 2;

export interface RerankedPassage {
  readonly passage: Passage;
  /** The reader's logit that the passage is about the question; null of passages that were not read. */
  readonly relevance: number | null;
  /** What the order follows; comparable within one call only. */
  readonly mixed: number;
}

/**
 * `passages`: best fused first, as retrieval gives them. The same passages in their new order; as they came when the reader tells no
 * relevance. Throws model_failed, aborted.
 */
export async function rerank(
  question: string,
  passages: readonly Passage[],
  reader: Reader,
  signal?: AbortSignal,
): Promise<RerankedPassage[]> {
  const texts = passages.slice(0, RERANK_DEPTH).map(({ text }) => text);
  const answers = await reader.read(question, texts, { signal });
  return mixRelevance(
    passages,
    answers.map(({ relevance }) => relevance ?? null),
  );
}

/** How the second stage went; `skipped` names why it did not. A type, so that it is a plain record on the wire. */
export type RerankPlan = {
  readonly reader: string | null;
  readonly readCount: number;
  readonly ms: number;
  readonly skipped?: string | undefined;
};

export interface RerankedRetrieval extends Retrieval {
  /** By chunk; of the passages that were read. */
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
  const asRetrieved = (skipped: string, reader: string | null = null): RerankedRetrieval => ({
    ...first,
    passages: first.passages.slice(0, limit),
    relevance: new Map(),
    rerank: { reader, readCount: 0, ms: performance.now() - startedAt, skipped },
  });
  try {
    const reader = await deps.reader?.();
    if (reader === undefined) return asRetrieved("model_missing");
    const ranked = await rerank(query, first.passages, reader, signal);
    const relevance = new Map(
      ranked.flatMap(({ passage, relevance: logit }) => (logit === null ? [] : [[passage.chunkId, logit] as const])),
    );
    if (relevance.size === 0 && ranked.length > 0) return asRetrieved("no_relevance", reader.name);
    const ms = performance.now() - startedAt;
    const passages = ranked.slice(0, limit).map(({ passage }) => passage);
    return { ...first, passages, relevance, rerank: { reader: reader.name, readCount: relevance.size, ms } };
  } catch (error) {
    if (!isModelError(error)) throw error;
    return asRetrieved(error.code);
  }
}

/** For callers that have read the passages already: `relevances` in their order, of as many of the first ones as were read. */
export function mixRelevance(
  passages: readonly Passage[],
  relevances: readonly (number | null)[],
  weight = RELEVANCE_WEIGHT,
): RerankedPassage[] {
  const top = Math.max(Number.MIN_VALUE, ...passages.map(({ scores }) => scores.fused));
  const rated = passages.map((passage, at): RerankedPassage => {
    const relevance = relevances[at] ?? null;
    const share = passage.scores.fused / top;
    return { passage, relevance, mixed: share + (relevance === null ? 0 : weight * sureness(relevance)) };
  });
  const readCount = rated.findLastIndex(({ relevance }) => relevance !== null) + 1;
  const read = rated.slice(0, readCount).sort((left, right) => right.mixed - left.mixed);
  return [...read, ...rated.slice(readCount)];
}

/** Logit → (0, 1). */
function sureness(logit: number): number {
  return 1 / (1 + Math.exp(-logit / RELEVANCE_SCALE));
}

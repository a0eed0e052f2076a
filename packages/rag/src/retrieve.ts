/**
 * Question → passages. The keyword arm and the dense arm run side by side; a filter becomes a list of admitted rows before
 * either of them looks, so that it never shortens the answer; a weighted fusion of their scores joins them.
 *
 * Collections may have different embedders: the question is embedded once per model and each generation is searched with
 * its own model's vector, never another's (the fingerprint decides, not the size). Where an embedder is missing, the
 * keyword arm answers alone and the plan says so.
 */
import type {
  Collection,
  Collections,
  Embedder,
  Generation,
  Passage,
  Passages,
  SearchFilter,
  VectorIndex,
} from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { NO_RANKINGS, searchVectors } from "./dense-arm.ts";
import type { DenseArm, Hit } from "./dense-arm.ts";
import { fuseRankings } from "./fuse.ts";
import type { Ranking } from "./fuse.ts";
import { putExactFirst } from "./identifiers.ts";
import { trustInWords } from "./word-trust.ts";

export interface RetrieveDeps {
  readonly collections: Pick<Collections, "generation">;
  readonly passages: Pick<Passages, "keywordSearch" | "matchFilter" | "load"> &
    Partial<Pick<Passages, "termStatistics">>;
  readonly index: Pick<VectorIndex, "search">;
  /** The embedder of this name, loaded. Throws model_missing and the like. */
  readonly embedderFor: (name: string) => Promise<Embedder>;
}

export interface RetrieveRequest {
  readonly query: string;
  /** What was said before the query (the last answer of a conversation): it helps to order what the query's words find. */
  readonly background?: string | undefined;
  readonly collections: readonly Collection[];
  readonly limit: number;
  readonly mode?: "hybrid" | "dense" | "lexical" | undefined;
  readonly filter?: SearchFilter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How the query was served. A type, not an interface, so that it is a plain record on the wire. */
export type RetrievalPlan = {
  readonly mode: "hybrid" | "dense" | "lexical";
  /** Rows that the filter admits; null without a filter. */
  readonly admittedCount: number | null;
  readonly lexicalHitCount: number | null;
  readonly dense: readonly DenseArm[];
  readonly denseWeight: number;
  /** How much of the keyword arm's weight it had, in [0,1]: less where the documents know few of the query's words. */
  readonly wordTrust: number;
  readonly fusedCount: number;
  /** Hits whose document went away between search and reading. */
  readonly goneCount: number;
};

/** Milliseconds. */
export type RetrievalTimings = {
  readonly filterMs: number;
  readonly embedMs: number;
  readonly lexicalMs: number;
  readonly denseMs: number;
  readonly fuseMs: number;
  readonly loadMs: number;
  readonly totalMs: number;
};

export interface Retrieval {
  /** Best first, at most `limit`. */
  readonly passages: Passage[];
  readonly plan: RetrievalPlan;
  readonly timings: RetrievalTimings;
}

interface LexicalResult {
  readonly hits: readonly Hit[];
  readonly ms: number;
}
const NO_HITS: LexicalResult = { hits: [], ms: 0 };
/** Hits that each arm brings beyond what is asked for: fusion needs depth, and some hits may be gone by the time they are read. */
const ARM_DEPTH_FACTOR = 3;
const MIN_ARM_DEPTH = 60;

/** Throws aborted; in mode `dense` also model_missing and the like. */
export async function retrieve(request: RetrieveRequest, deps: RetrieveDeps): Promise<Retrieval> {
  const startedAt = performance.now();
  const mode = request.mode ?? "hybrid";
  const generations = await servingGenerations(request.collections, deps);
  const allow = await admittedRows(generations, request, deps);
  const filterMs = performance.now() - startedAt;
  const depth = Math.max(MIN_ARM_DEPTH, request.limit * ARM_DEPTH_FACTOR);
  const searched = allow?.length === 0 ? [] : generations;
  const ids = searched.map(({ id }) => id);
  const [lexical, dense, wordTrust] = await Promise.all([
    mode === "dense" ? NO_HITS : searchKeywords(searched, request, depth, allow, deps),
    mode === "lexical" ? NO_RANKINGS : searchVectors({ ...request, generations: searched, depth, allow }, deps),
    mode === "hybrid" ? trustInWords(request.query, ids, deps.passages) : 1,
  ]);
  throwIfAborted(request.signal);

  const fuseStartedAt = performance.now();
  const denseWeight = averageDenseWeight(request.collections);
  const weights = { dense: denseWeight, lexical: (1 - denseWeight) * wordTrust };
  const ordered = [...order(mode, lexical.hits, dense.rankings, weights)];
  const loadStartedAt = performance.now();
  const { passages, goneCount } = await loadPassages(ordered, request, scoresOf(lexical.hits, dense.rankings), deps);
  return {
    passages,
    plan: {
      mode,
      admittedCount: allow?.length ?? null,
      lexicalHitCount: mode === "dense" ? null : lexical.hits.length,
      dense: dense.arms,
      denseWeight,
      wordTrust,
      fusedCount: ordered.length,
      goneCount,
    },
    timings: {
      filterMs,
      embedMs: dense.embedMs,
      lexicalMs: lexical.ms,
      denseMs: dense.ms,
      fuseMs: loadStartedAt - fuseStartedAt,
      loadMs: performance.now() - loadStartedAt,
      totalMs: performance.now() - startedAt,
    },
  };
}

async function servingGenerations(collections: readonly Collection[], deps: RetrieveDeps): Promise<Generation[]> {
  const found = await Promise.all(collections.map(({ generationId }) => deps.collections.generation(generationId)));
  return found.filter((generation) => generation !== null);
}

async function admittedRows(
  generations: readonly Generation[],
  request: RetrieveRequest,
  deps: RetrieveDeps,
): Promise<Uint32Array | undefined> {
  if (request.filter === undefined || Object.keys(request.filter).length === 0) return undefined;
  return deps.passages.matchFilter(
    generations.map(({ id }) => id),
    request.filter,
  );
}

async function searchKeywords(
  generations: readonly Generation[],
  request: RetrieveRequest,
  depth: number,
  allow: Uint32Array | undefined,
  deps: RetrieveDeps,
): Promise<LexicalResult> {
  const startedAt = performance.now();
  if (generations.length === 0) return NO_HITS;
  const hits = await deps.passages.keywordSearch({
    generationIds: generations.map(({ id }) => id),
    query: request.query,
    background: request.background,
    limit: depth,
    allow,
  });
  return { hits, ms: performance.now() - startedAt };
}

/** seq → the score that decides the order: the arm's own in a one-armed search, the fused one in a hybrid search. */
function order(
  mode: RetrievalPlan["mode"],
  lexical: readonly Hit[],
  dense: readonly (readonly Hit[])[],
  weights: { readonly dense: number; readonly lexical: number },
): Map<number, number> {
  if (mode === "lexical") return new Map(lexical.map(({ seq, score }) => [seq, score]));
  const denseRankings = dense.map((hits): Ranking => ({ hits, weight: weights.dense }));
  if (mode === "dense" && dense.length === 1) return new Map(dense[0]!.map(({ seq, score }) => [seq, score]));
  if (mode === "dense") return fuseRankings(denseRankings);
  return fuseRankings([{ hits: lexical, weight: weights.lexical }, ...denseRankings]);
}

function averageDenseWeight(collections: readonly Collection[]): number {
  const weights = collections.map(({ retrieval }) => retrieval.denseWeight);
  return weights.length === 0 ? 0.5 : weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
}

function scoresOf(lexical: readonly Hit[], dense: readonly (readonly Hit[])[]) {
  return {
    lexical: new Map(lexical.map(({ seq, score }) => [seq, score])),
    dense: new Map(dense.flat().map(({ seq, score }) => [seq, score])),
  };
}

/** Reads until `limit` live passages are there or nothing is left; rows that died since the search do not shorten the result. */
async function loadPassages(
  ordered: readonly (readonly [seq: number, fused: number])[],
  request: RetrieveRequest,
  scores: { lexical: Map<number, number>; dense: Map<number, number> },
  deps: RetrieveDeps,
): Promise<{ passages: Passage[]; goneCount: number }> {
  const passages: Passage[] = [];
  let goneCount = 0;
  const slice = Math.max(request.limit + 10, 30);
  for (let from = 0; from < ordered.length && passages.length < request.limit; from += slice) {
    const wanted = new Map(ordered.slice(from, from + slice));
    const loaded = await deps.passages.load([...wanted.keys()]);
    goneCount += wanted.size - loaded.length;
    for (const passage of loaded) {
      const { seq } = passage;
      const fused = wanted.get(seq) ?? 0;
      passages.push({
        ...passage,
        scores: { dense: scores.dense.get(seq) ?? null, lexical: scores.lexical.get(seq) ?? null, fused },
      });
    }
  }
  const exactFirst =
    request.mode === "dense" ? passages : putExactFirst(passages, request.query, (passage) => passage.text);
  return { passages: exactFirst.slice(0, request.limit), goneCount };
}

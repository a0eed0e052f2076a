/**
 * The dense arm: one question vector per embedder, one search per generation, one ranking per embedder, because cosines of
 * one model compare with each other and those of two models do not. A model that is missing, or that is not the one a
 * generation was built with (its fingerprint decides, not its size), leaves that generation to the keyword arm.
 */
import type { Embedder, Generation, GenerationId, VectorIndex } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";

/** How one generation's dense arm went; `skipped` names why it did not. */
export interface DenseArm {
  readonly generationId: GenerationId;
  readonly embedder: string;
  readonly plan: string;
  readonly hitCount: number;
  readonly skipped?: string | undefined;
}

export interface DenseResult {
  /** One ranking per embedder: cosines of one model compare with each other, those of two models do not. */
  readonly rankings: readonly (readonly Hit[])[];
  readonly arms: readonly DenseArm[];
  readonly embedMs: number;
  readonly ms: number;
}

export interface Hit {
  readonly seq: number;
  readonly score: number;
}

export interface DenseDeps {
  readonly index: Pick<VectorIndex, "search">;
  readonly embedderFor: (name: string) => Promise<Embedder>;
}

interface DenseRequest {
  readonly query: string;
  readonly mode?: "hybrid" | "dense" | "lexical" | undefined;
  readonly generations: readonly Generation[];
  readonly depth: number;
  readonly allow: Uint32Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const NO_RANKINGS: DenseResult = { rankings: [], arms: [], embedMs: 0, ms: 0 };

export async function searchVectors(request: DenseRequest, deps: DenseDeps): Promise<DenseResult> {
  const startedAt = performance.now();
  const byEmbedder = Map.groupBy(request.generations, (generation) => generation.embedder);
  let embedMs = 0;
  const groups = await Promise.all(
    [...byEmbedder].map(async ([name, group]) => {
      const query = await embedQuery(name, request, deps);
      if ("skipped" in query)
        return { hits: [], arms: group.map((generation) => skippedArm(generation, query.skipped)) };
      embedMs = Math.max(embedMs, performance.now() - startedAt);
      const searched = await Promise.all(group.map((generation) => searchGeneration(generation, query, request, deps)));
      const hits = searched.flatMap((result) => result.hits).sort((left, right) => right.score - left.score);
      return { hits: hits.slice(0, request.depth), arms: searched.map((result) => result.arm) };
    }),
  );
  return {
    rankings: groups.map((group) => group.hits).filter((hits) => hits.length > 0),
    arms: groups.flatMap((group) => group.arms),
    embedMs,
    ms: performance.now() - startedAt,
  };
}

async function embedQuery(
  name: string,
  request: DenseRequest,
  deps: DenseDeps,
): Promise<{ vector: Float32Array; fingerprint: string } | { skipped: string }> {
  try {
    const embedder = await deps.embedderFor(name);
    const text = await cutToWindow(request.query, embedder, request.signal);
    const [vector] = await embedder.embed([text], { kind: "query", signal: request.signal });
    if (vector === undefined) throw new AppError("model_failed", `The embedder ${name} returned no vector.`);
    return { vector, fingerprint: embedder.fingerprint };
  } catch (error) {
    // Only in hybrid mode, and only when the model is to blame, does the keyword arm go on alone.
    if (request.mode === "dense" || !isModelError(error)) throw error;
    return { skipped: error.code };
  }
}

/** A question longer than the embedder reads keeps its end: people put the question last. */
async function cutToWindow(query: string, embedder: Embedder, signal: AbortSignal | undefined): Promise<string> {
  let text = query;
  for (;;) {
    const [tokenCount] = await embedder.countTokens([text], signal);
    if (tokenCount === undefined || tokenCount <= embedder.maxTokens || text.length < 2) return text;
    text = text.slice(-Math.floor((text.length * embedder.maxTokens * 0.95) / tokenCount));
  }
}

async function searchGeneration(
  generation: Generation,
  query: { vector: Float32Array; fingerprint: string },
  request: DenseRequest,
  deps: DenseDeps,
): Promise<{ hits: readonly Hit[]; arm: DenseArm }> {
  if (query.fingerprint !== generation.embedderFingerprint)
    return { hits: [], arm: skippedArm(generation, "embedder_changed") };
  const { neighbours, plan } = await deps.index.search({
    generationId: generation.id,
    vector: query.vector,
    k: request.depth,
    allow: request.allow,
    signal: request.signal,
  });
  return {
    hits: neighbours,
    arm: { generationId: generation.id, embedder: generation.embedder, plan, hitCount: neighbours.length },
  };
}

function skippedArm(generation: Generation, skipped: string): DenseArm {
  return { generationId: generation.id, embedder: generation.embedder, plan: "none", hitCount: 0, skipped };
}

/** The model is missing, busy or broken: what is asked goes on without it. */
export function isModelError(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith("model_");
}

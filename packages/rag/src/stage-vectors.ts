/**
 * Chunks → staged rows with vectors, in slices small enough that neither the database nor the event loop is held.
 *
 * A vector is made once per distinct content hash: hashes known in the generation (an earlier version, another document, a
 * try that broke off) are reused. They are looked up before the version begins, because beginning throws away the staged
 * rows of a broken try together with the vectors it had already paid for.
 */
import type { DocumentRecord, Embedder, Generation, ParsedPage, VersionId, Versions } from "@lorekeep/core";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { EmbeddableDraft } from "./embed-in-context.ts";
import type { ReportProgress } from "./stage-records.ts";

/** Chunks staged in one transaction at most (the store's own bound). */
export const SLICE = 64;
const HASHES_PER_LOOKUP = 500;
const PAGES_PER_SLICE = 50;

export interface StagedVersion {
  readonly versionId: VersionId;
  readonly embeddedCount: number;
  readonly reusedCount: number;
}

export async function stageWithVectors(
  request: {
    readonly document: DocumentRecord;
    readonly generation: Generation;
    readonly embedder: Embedder;
    readonly pages: readonly ParsedPage[];
    readonly drafts: readonly EmbeddableDraft[];
    readonly report: ReportProgress;
    readonly signal: AbortSignal | undefined;
  },
  versions: Pick<Versions, "findVectors" | "begin" | "stagePages" | "stageChunks">,
): Promise<StagedVersion> {
  const { document, generation, drafts, report, signal } = request;
  const vectors = await findKnownVectors(generation, drafts, versions);
  const reusedCount = vectors.size;
  const versionId = await versions.begin({
    documentId: document.id,
    generationId: generation.id,
    blob: document.blob,
  });
  for (let from = 0; from < request.pages.length; from += PAGES_PER_SLICE)
    await versions.stagePages(versionId, request.pages.slice(from, from + PAGES_PER_SLICE));

  report(0, drafts.length);
  for (let from = 0; from < drafts.length; from += SLICE) {
    throwIfAborted(signal);
    const slice = drafts.slice(from, from + SLICE);
    await embedMissing(slice, vectors, request.embedder, signal);
    await versions.stageChunks(
      versionId,
      slice.map(({ embedded: _, ...draft }) => ({ ...draft, vector: vectors.get(draft.contentHash)! })),
    );
    report(from + slice.length, drafts.length);
  }
  return { versionId, embeddedCount: vectors.size - reusedCount, reusedCount };
}

async function findKnownVectors(
  generation: Generation,
  drafts: readonly EmbeddableDraft[],
  versions: Pick<Versions, "findVectors">,
): Promise<Map<string, Float32Array>> {
  const hashes = [...new Set(drafts.map(({ contentHash }) => contentHash))];
  const known = new Map<string, Float32Array>();
  for (let from = 0; from < hashes.length; from += HASHES_PER_LOOKUP) {
    const found = await versions.findVectors(generation.id, hashes.slice(from, from + HASHES_PER_LOOKUP));
    for (const [hash, vector] of found) known.set(hash, vector);
  }
  return known;
}

/** Adds the vectors of this slice that are not known yet; every one is checked before it may be stored (C6). */
async function embedMissing(
  slice: readonly EmbeddableDraft[],
  vectors: Map<string, Float32Array>,
  embedder: Embedder,
  signal: AbortSignal | undefined,
): Promise<void> {
  const missing = [...new Map(slice.map((draft) => [draft.contentHash, draft])).values()].filter(
    (draft) => !vectors.has(draft.contentHash),
  );
  if (missing.length === 0) return;
  const made = await embedder.embed(
    missing.map(({ embedded }) => embedded),
    { kind: "passage", signal },
  );
  for (const [index, draft] of missing.entries()) {
    const vector = made[index];
    if (vector === undefined || vector.length !== embedder.dimensions || !vector.every(Number.isFinite))
      throw new AppError(
        "model_failed",
        `The embedder ${embedder.name} returned no usable vector for chunk ${draft.ordinal}.`,
      );
    vectors.set(draft.contentHash, vector);
  }
}

/**
 * The write path: bytes → blocks → chunks → vectors → one published version → ready.
 *
 * Running it twice, or again after a crash at any point, ends in the same state: staged rows of a broken try are thrown
 * away, publishing is one transaction that replaces the version before, and vectors are found again by content hash. A
 * document is `ready` only after all of it; a failure leaves `failed` with a code and a sentence for people, an abort puts it
 * back to `queued`, and a document that was deleted or got other bytes meanwhile ends the run quietly.
 */
import type {
  Blobs,
  Clock,
  Collections,
  DocumentId,
  DocumentRecord,
  Documents,
  Embedder,
  Generation,
  GenerationId,
  Logger,
  ParsedDocument,
  Parser,
  Stage,
  VectorIndex,
  Versions,
} from "@lorekeep/core";
import { AppError, throwIfAborted, toAppError } from "@lorekeep/core";
import { embedInContext } from "./embed-in-context.ts";
import { readChunks } from "./read-chunks.ts";
import { trackStages } from "./stage-records.ts";
import { stageWithVectors } from "./stage-vectors.ts";

export interface IngestRequest {
  readonly documentId: DocumentId;
  /** Absent: the generation that serves the collection now. Another one is filled without touching the document's status. */
  readonly generationId?: GenerationId | undefined;
}

export interface IngestDeps {
  readonly documents: Pick<Documents, "get" | "setStatus" | "setStages" | "setParsed">;
  readonly versions: Versions;
  readonly collections: Pick<Collections, "get" | "generation">;
  readonly blobs: Pick<Blobs, "localPath" | "open">;
  readonly parser: Pick<Parser, "parse">;
  readonly embedderFor: (name: string) => Promise<Embedder>;
  readonly index: Pick<VectorIndex, "refresh">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface IngestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((stage: Stage, done: number, total: number | null) => void) | undefined;
}

export type IngestOutcome =
  | {
      readonly outcome: "ready";
      readonly chunkCount: number;
      readonly embeddedCount: number;
      readonly reusedCount: number;
    }
  | { readonly outcome: "gone" };

/** Throws what the job runner should know: the document is then `failed` (or `queued` after `aborted`) already. */
export async function ingestDocument(
  request: IngestRequest,
  deps: IngestDeps,
  options: IngestOptions = {},
): Promise<IngestOutcome> {
  const target = await findTarget(request, deps);
  if (target === null) return { outcome: "gone" };
  const { document, generation, isServing } = target;
  const { signal } = options;
  const stages = trackStages({
    clock: deps.clock,
    write: async (records) => (isServing ? deps.documents.setStages(document.id, records) : undefined),
    onProgress: options.progress,
  });
  try {
    if (isServing) await deps.documents.setStatus(document.id, "processing", { error: null, stages: [] });
    const embedder = await findEmbedder(generation, deps);
    const { parsed, drafts: cut } = await readChunks({ document, generation, embedder, stages, signal }, deps);
    const title = titleOf(document, parsed);
    if (isServing) await deps.documents.setParsed(document.id, { ...parsed, title });
    const staged = await stages.run("embed", async (report) => {
      const drafts = await embedInContext(cut, title, embedder, signal);
      return stageWithVectors(
        { document, generation, embedder, pages: parsed.pages, drafts, report, signal },
        deps.versions,
      );
    });
    throwIfAborted(signal);
    const { chunkCount } = await stages.run("store", () => deps.versions.publish(staged.versionId));
    await stages.run("index", () => deps.index.refresh(generation.id));
    if (isServing)
      await deps.documents.setStatus(document.id, "ready", {
        error: null,
        warnings: parsed.warnings,
        stages: stages.current(),
      });
    deps.logger.info("document.ready", { documentId: document.id, chunkCount, embeddedCount: staged.embeddedCount });
    return { outcome: "ready", chunkCount, embeddedCount: staged.embeddedCount, reusedCount: staged.reusedCount };
  } catch (error) {
    return await settle(error, target, deps, signal);
  }
}

/** Texts and chunks that came as JSON have the title that came with them; files say their own. */
function titleOf({ source, title }: DocumentRecord, parsed: ParsedDocument): string | null {
  return parsed.title ?? (source === "text" || source === "chunks" ? title : null);
}

interface Target {
  readonly document: DocumentRecord;
  readonly generation: Generation;
  readonly isServing: boolean;
}

async function findTarget(request: IngestRequest, deps: IngestDeps): Promise<Target | null> {
  const document = await deps.documents.get(request.documentId);
  const collection = document === null ? null : await deps.collections.get(document.collectionId);
  if (document === null || collection === null) return null;
  const generation = await deps.collections.generation(request.generationId ?? collection.generationId);
  if (generation === null || generation.status === "retired") return null;
  return { document, generation, isServing: generation.id === collection.generationId };
}

/** Vectors of two models never meet in one generation: an embedder that changed under its name is refused. */
async function findEmbedder(generation: Generation, deps: IngestDeps): Promise<Embedder> {
  const embedder = await deps.embedderFor(generation.embedder);
  if (embedder.fingerprint !== generation.embedderFingerprint)
    throw new AppError(
      "conflict",
      `The embedding model ${generation.embedder} is not the one this collection was indexed with. Re-embed the collection.`,
      { generationId: generation.id },
    );
  return embedder;
}

/** Decides what a broken run leaves behind. */
async function settle(
  error: unknown,
  { document, isServing }: Target,
  deps: IngestDeps,
  signal: AbortSignal | undefined,
): Promise<IngestOutcome> {
  const current = await deps.documents.get(document.id);
  if (current === null || current.blob !== document.blob) return { outcome: "gone" };
  const cause = signal?.aborted
    ? new AppError("aborted", "Processing was stopped.", {}, { cause: error })
    : toAppError(error);
  if (isServing && cause.code === "aborted") await deps.documents.setStatus(document.id, "queued", { stages: [] });
  if (isServing && cause.code !== "aborted")
    await deps.documents.setStatus(document.id, "failed", { error: { code: cause.code, detail: cause.message } });
  throw cause;
}

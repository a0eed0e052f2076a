/**
 * One document into one generation: the step that upload jobs and generation builds share, wired to the drivers.
 */
import type { Clock, DocumentId, Embedder, GenerationId, JobContext, JobHandler, Parser } from "@lorekeep/core";
import { ingestDocument } from "@lorekeep/rag";
import type { IngestOutcome } from "@lorekeep/rag";
import { LEXICAL_ONLY_FINGERPRINT, lexicalOnlyEmbedder } from "./lexical-only-embedder.ts";
import type { LibraryOptions } from "./library.ts";
import type { PurgeDeps } from "./purge.ts";
import type { RunningDocuments } from "./running-documents.ts";

export interface WorkOptions extends LibraryOptions, PurgeDeps {
  readonly parser: Parser;
  readonly clock: Clock;
  readonly running: RunningDocuments;
  readonly version: string;
  /** Forgets index changes up to this number, once the index has a snapshot that holds them. */
  /** The closed loop's jobs, and its step of the nightly run. */
  readonly adaptation: {
    readonly handlers: Readonly<Record<"draft-examples" | "fine-tune" | "evaluate", JobHandler>>;
    readonly closeAbandoned: () => Promise<void>;
    readonly trainWhenDue: () => Promise<string[]>;
  };
  /** Refusal curves: their job, and their step of the nightly run. */
  readonly curves: {
    readonly handlers: Readonly<Record<"refusal-curve", JobHandler>>;
    readonly renewStale: () => Promise<string[]>;
  };
  readonly trimChanges: (generationId: GenerationId, upTo: number) => Promise<number>;
}

const PROGRESS_EVERY_MS = 500;

/** At most one write of progress in half a second; the last state of a stage always counts as done by the next one. */
export function throttleProgress(context: JobContext): (done: number, total: number | null, note: string) => void {
  let last = { note: "", atMs: -Infinity };
  return (done, total, note) => {
    const nowMs = performance.now();
    if (note === last.note && nowMs - last.atMs < PROGRESS_EVERY_MS) return;
    last = { note, atMs: nowMs };
    // Progress is a courtesy: a failed write of it must not end the job.
    context.progress(done, total, note).catch(() => undefined);
  };
}

/** Ingests one document into one generation, with the embedder (or stand-in) that the generation was begun with. */
export async function ingestInto(
  options: WorkOptions,
  request: { documentId: DocumentId; generationId: GenerationId },
  run: { signal: AbortSignal; progress?: (done: number, total: number | null, note: string) => void },
): Promise<IngestOutcome> {
  const { store, blobs, parser, index, clock, logger, models } = options;
  const generation = await store.collections.generation(request.generationId);
  const hasStandIn = generation?.embedderFingerprint === LEXICAL_ONLY_FINGERPRINT;
  const embedderFor = async (name: string): Promise<Embedder> =>
    hasStandIn ? lexicalOnlyEmbedder(name) : models.embedder(name);
  return ingestDocument(
    request,
    {
      documents: store.documents,
      versions: store.versions,
      collections: store.collections,
      blobs,
      parser,
      embedderFor,
      index,
      clock,
      logger,
    },
    { signal: run.signal, progress: (stage, done, total) => run.progress?.(done, total, stage) },
  );
}

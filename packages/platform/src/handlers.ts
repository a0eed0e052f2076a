/**
 * Job kind → function. Every handler can run twice, or again after a crash, and ends in the same state.
 *
 * A document is ingested into the generation that serves and into the one being built beside it; which ones these are is
 * read again after each run, so that a flip in between leaves no document behind.
 */
import type { DocumentId, GenerationId, JobContext, JobHandler } from "@lorekeep/core";
import type { JobKindName, JobPayload } from "@lorekeep/jobs";
import type { IngestOutcome } from "@lorekeep/rag";
import { buildGeneration } from "./build-generation.ts";
import { enqueueIngest, enqueuePurge } from "./enqueue.ts";
import { ingestInto, throttleProgress } from "./ingest-into.ts";
import type { WorkOptions } from "./ingest-into.ts";
import { runNightly } from "./nightly.ts";
import { observeHandler } from "./observe.ts";
import { purge } from "./purge.ts";

async function ingestEverywhere(
  options: WorkOptions,
  documentId: DocumentId,
  run: { signal: AbortSignal; progress: (done: number, total: number | null, note: string) => void },
): Promise<IngestOutcome> {
  const done = new Set<GenerationId>();
  let first: IngestOutcome | null = null;
  for (;;) {
    const document = await options.store.documents.get(documentId);
    const collection = document && (await options.store.collections.get(document.collectionId));
    if (!document || !collection) return first ?? { outcome: "gone" };
    const wanted = [collection.generationId, collection.nextGenerationId].find((id) => id !== null && !done.has(id));
    if (!wanted) return first ?? { outcome: "gone" };
    const outcome = await ingestInto(options, { documentId, generationId: wanted }, run);
    first ??= outcome;
    done.add(wanted);
  }
}

async function handleIngest(options: WorkOptions, documentId: DocumentId, context: JobContext): Promise<unknown> {
  const before = await options.store.documents.get(documentId);
  if (before === null) return { outcome: "gone" };
  const progress = throttleProgress(context);
  const outcome = await options.running.track(documentId, context.signal, (signal) =>
    ingestEverywhere(options, documentId, { signal, progress }),
  );
  const after = await options.store.documents.get(documentId);
  // The rows of the version before this one, or of a document that went away meanwhile.
  if (before.versionId !== null || after === null) await enqueuePurge(options.queue);
  // New bytes came while these were read and their job was taken for this one's.
  if (outcome.outcome === "gone" && after !== null && after.status === "queued")
    await enqueueIngest(options.queue, after);
  return outcome;
}

/** The handlers, each observed; what the queue's `work` is given. */
export function jobHandlers(options: WorkOptions): Record<JobKindName, JobHandler> {
  // The queue has checked each payload against its kind's schema, so the casts hold.
  const handlers: Record<JobKindName, JobHandler> = {
    "ingest-document": (payload, context) =>
      handleIngest(options, (payload as JobPayload<"ingest-document">).documentId, context),
    "delete-purge": (_payload, context) =>
      purge(options, { signal: context.signal, onProgress: (rows) => context.progress(rows, null, "purge") }),
    "build-generation": (payload, context) =>
      buildGeneration(options, (payload as JobPayload<"build-generation">).generationId, context),
    reindex: (_payload, context) => runNightly(options, context),
    ...options.adaptation.handlers,
    ...options.curves.handlers,
  };
  const observed = Object.entries(handlers).map(([kind, handler]) => [kind, observeHandler(kind, handler, options)]);
  return Object.fromEntries(observed) as Record<JobKindName, JobHandler>;
}

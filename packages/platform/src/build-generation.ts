/**
 * Re-embeds (and re-chunks) a collection into a generation beside the serving one, then flips one row. The old generation
 * answers until then; a cancelled or failed build leaves it untouched.
 *
 * Resuming: the place reached is kept as a setting after every document, and chunks whose vectors exist in the generation
 * are not embedded again, so a build that was killed pays only for re-reading the document it was at. Documents that come in
 * during the build are put into both generations by their own jobs (handlers.ts).
 */
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { Collection, DocumentRecord, Generation, GenerationId, JobContext } from "@lorekeep/core";
import { z } from "zod";
import { enqueueIngest, enqueuePurge } from "./enqueue.ts";
import { isHeld } from "./evaluation/hold-generation.ts";
import { ingestInto, throttleProgress } from "./ingest-into.ts";
import type { WorkOptions } from "./ingest-into.ts";

export interface BuildOutcome {
  /** `held`: complete, and only to be tried for now (evaluation/hold-generation.ts). */
  readonly outcome: "served" | "already-served" | "held" | "gone";
  readonly documentCount: number;
  readonly failedCount: number;
}

const PAGE = 100;
const placeSchema = z.object({ cursor: z.string().nullable(), done: z.int(), failed: z.int() });
type Place = z.infer<typeof placeSchema>;
const START: Place = { cursor: null, done: 0, failed: 0 };
const placeName = (id: GenerationId): string => `build-generation:${id}`;

async function readPlace(options: WorkOptions, id: GenerationId): Promise<Place> {
  return placeSchema.safeParse(await options.store.settings.get(placeName(id))).data ?? START;
}

export async function buildGeneration(
  options: WorkOptions,
  generationId: GenerationId,
  context: JobContext,
): Promise<BuildOutcome> {
  const { collections } = options.store;
  const generation = await collections.generation(generationId);
  const collection = generation && (await collections.get(generation.collectionId));
  if (!generation || !collection || generation.status === "retired")
    return { outcome: "gone", documentCount: 0, failedCount: 0 };
  if (generation.status === "serving") return { outcome: "already-served", documentCount: 0, failedCount: 0 };
  try {
    const place = await fill(options, collection, generation, context);
    throwIfAborted(context.signal);
    if (await isHeld(options.store.settings, generation)) return await hold(options, generation, place);
    return await flip(options, generation, place);
  } catch (error) {
    // A person's cancel gives the idea up; a shutdown or a lost lease comes back to it.
    if (isCancelled(context)) await abandon(options, generation);
    throw error;
  }
}

const isCancelled = (context: JobContext): boolean => {
  const reason: unknown = context.signal.reason;
  return context.signal.aborted && reason instanceof AppError && reason.details.reason === "cancelled";
};

async function abandon(options: WorkOptions, generation: Generation): Promise<void> {
  await options.store.collections.retireGeneration(generation.id);
  await options.store.settings.put(placeName(generation.id), null);
  await enqueuePurge(options.queue);
  options.logger.info("generation.cancelled", { generationId: generation.id });
}

async function fill(
  options: WorkOptions,
  collection: Collection,
  generation: Generation,
  context: JobContext,
): Promise<Place> {
  const { documents, settings } = options.store;
  const progress = throttleProgress(context);
  const startedMs = performance.now();
  let place = await readPlace(options, generation.id);
  const doneBefore = place.done;
  for (;;) {
    const page = await documents.list({ collectionId: collection.id, limit: PAGE, cursor: place.cursor ?? undefined });
    for (const document of page.items) {
      throwIfAborted(context.signal);
      const failed = await buildOne(options, document, generation, context);
      place = { ...place, done: place.done + 1, failed: place.failed + (failed ? 1 : 0) };
      const perDocumentMs = (performance.now() - startedMs) / Math.max(1, place.done - doneBefore);
      const leftSeconds = Math.ceil((Math.max(0, collection.documentCount - place.done) * perDocumentMs) / 1000);
      progress(place.done, Math.max(collection.documentCount, place.done), `${leftSeconds} s left`);
    }
    if (page.nextCursor === null) return place;
    place = { ...place, cursor: page.nextCursor };
    await settings.put(placeName(generation.id), place);
  }
}

/** True when the document could not be read: it then has no passages in the new generation, as a failed upload has none. */
async function buildOne(
  options: WorkOptions,
  document: DocumentRecord,
  generation: Generation,
  context: JobContext,
): Promise<boolean> {
  if (document.status === "failed" && document.versionId === null) return true;
  try {
    const request = { documentId: document.id, generationId: generation.id };
    await options.running.track(document.id, context.signal, (signal) => ingestInto(options, request, { signal }));
    return false;
  } catch (error) {
    // What is wrong with one document does not stop the others; what is wrong with the model or the disk does.
    const isItsOwn = error instanceof AppError && /^(document_|parser_|blob_|aborted)/.test(error.code);
    if (!isItsOwn || context.signal.aborted) throw error;
    options.logger.warn("generation.document_failed", { documentId: document.id, code: error.code });
    return true;
  }
}

async function hold({ index, logger }: WorkOptions, { id }: Generation, place: Place): Promise<BuildOutcome> {
  await index.refresh(id);
  logger.info("generation.held", { generationId: id, documentCount: place.done, failedCount: place.failed });
  return { outcome: "held", documentCount: place.done, failedCount: place.failed };
}

async function flip(options: WorkOptions, generation: Generation, place: Place): Promise<BuildOutcome> {
  const { store, index, logger, queue } = options;
  await index.refresh(generation.id); // searches find it open and complete
  const before = await store.collections.get(generation.collectionId);
  await store.collections.serveGeneration(generation.id);
  if (before) await index.drop(before.generationId);
  await store.settings.put(placeName(generation.id), null);
  // Documents whose run ended between our last page and the flip notice it themselves; those still waiting do as well.
  const waiting = await store.documents.list({ collectionId: generation.collectionId, status: "queued", limit: PAGE });
  for (const document of waiting.items) await enqueueIngest(queue, document);
  await enqueuePurge(queue);
  logger.info("generation.serving", {
    generationId: generation.id,
    documentCount: place.done,
    failedCount: place.failed,
  });
  return { outcome: "served", documentCount: place.done, failedCount: place.failed };
}

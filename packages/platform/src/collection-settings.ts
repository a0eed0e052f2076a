/**
 * Making and changing collections. A changed embedder or chunking never touches the serving generation: another one is
 * built beside it (build-generation.ts) and one row flips when it is complete.
 */
import { AppError } from "@lorekeep/core";
import type {
  Chunking,
  Collection,
  CollectionId,
  Config,
  Embedder,
  Generation,
  RetrievalSettings,
} from "@lorekeep/core";
import { requirePrompt } from "@lorekeep/rag";
import { findCollection, requireScope } from "./access.ts";
import { enqueueBuild, enqueueOrWait, enqueuePurge } from "./enqueue.ts";
import { dropSwitchingOn, releaseGeneration } from "./evaluation/hold-generation.ts";
import { lexicalOnlyEmbedder } from "./lexical-only-embedder.ts";
import type { Actor, Library, Platform } from "./platform.ts";
import { forgetCurve } from "./refusal-curve/kept-curves.ts";

export type LibraryParts = Pick<Platform, "config" | "store" | "blobs" | "queue" | "index" | "models" | "logger">;
type NewCollectionRequest = Parameters<Library["createCollection"]>[1];
type CollectionChanges = Parameters<Library["updateCollection"]>[2];

export const DEFAULT_COLLECTION = "Library";

const defaultChunking = (config: Config): Chunking => ({
  maxTokens: config.ingest.chunkTokens,
  overlapTokens: config.ingest.overlapTokens,
});
const defaultRetrieval = (config: Config): RetrievalSettings => ({ ...config.retrieval });

const defined = <Value extends object>(value: Value | undefined): Partial<Value> =>
  // holds: only keys of Value are left
  Object.fromEntries(Object.entries(value ?? {}).filter(([, each]) => each !== undefined)) as Partial<Value>;

/** The embedder, or its stand-in while it is missing, so that documents can still be found by their words. */
export async function embedderOrStandIn(
  parts: Pick<LibraryParts, "models" | "logger">,
  name: string,
): Promise<Embedder> {
  try {
    return await parts.models.embedder(name);
  } catch (error) {
    if (!(error instanceof AppError) || !["model_missing", "model_download_failed"].includes(error.code)) throw error;
    parts.logger.warn("embedder.missing", { embedder: name, code: error.code });
    return lexicalOnlyEmbedder(name);
  }
}

/** Throws request_invalid. */
export function checkChunking(chunking: Chunking, embedder: Embedder): Chunking {
  if (chunking.maxTokens > embedder.maxTokens)
    throw new AppError(
      "request_invalid",
      `Chunks of ${chunking.maxTokens} tokens do not fit ${embedder.name}, which reads ${embedder.maxTokens}.`,
      { maxTokens: embedder.maxTokens },
    );
  if (chunking.overlapTokens * 2 > chunking.maxTokens)
    throw new AppError("request_invalid", "The overlap may be at most half of a chunk.");
  return chunking;
}

export async function createCollection(
  parts: LibraryParts,
  actor: Actor,
  request: NewCollectionRequest,
): Promise<Collection> {
  requireScope(actor, "admin");
  requirePrompt(request.retrieval?.prompt);
  return insertCollection(parts, request);
}

async function insertCollection(parts: LibraryParts, request: NewCollectionRequest): Promise<Collection> {
  const { config, store } = parts;
  const name = request.embedder ?? config.models.embedder;
  // A named embedder must exist; only the default one has a stand-in.
  const embedder =
    request.embedder === undefined ? await embedderOrStandIn(parts, name) : await parts.models.embedder(name);
  const chunking = checkChunking({ ...defaultChunking(config), ...defined(request.chunking) }, embedder);
  const collection = await store.collections.create({
    name: request.name,
    description: request.description,
    language: request.language ?? "auto",
    embedder: embedder.name,
    embedderFingerprint: embedder.fingerprint,
    dimensions: embedder.dimensions,
    chunking,
    retrieval: { ...defaultRetrieval(config), ...defined(request.retrieval) },
  });
  parts.logger.info("collection.created", { collectionId: collection.id, embedder: embedder.name });
  return collection;
}

/** The collection named, or the default one, which is made on first use. A key bound to collections must name one. */
export async function collectionForWriting(
  parts: LibraryParts,
  actor: Actor,
  idOrName: string | undefined,
): Promise<Collection> {
  const { collections } = parts.store;
  if (idOrName !== undefined) return findCollection(collections, actor, idOrName);
  if (actor.collectionIds !== null) {
    const [only] = actor.collectionIds;
    if (only !== undefined && actor.collectionIds.length === 1) return findCollection(collections, actor, only);
    throw new AppError("request_invalid", "This key is bound to collections: say which one is meant.");
  }
  const existing = await collections.getByName(DEFAULT_COLLECTION);
  if (existing !== null) return existing;
  try {
    return await insertCollection(parts, { name: DEFAULT_COLLECTION });
  } catch (error) {
    // Two first uploads at once: the other one has made it.
    const made =
      error instanceof AppError && error.code === "conflict" ? await collections.getByName(DEFAULT_COLLECTION) : null;
    if (made === null) throw error;
    return made;
  }
}

export async function updateCollection(
  parts: LibraryParts,
  actor: Actor,
  id: CollectionId,
  changes: CollectionChanges,
): Promise<Collection> {
  requireScope(actor, "admin");
  const { collections } = parts.store;
  const before = await findCollection(collections, actor, id);
  const build =
    changes.embedder !== undefined || changes.chunking !== undefined ? await plan(parts, before, changes) : null;
  const { name, description, language, retrieval } = changes;
  requirePrompt(retrieval?.prompt);
  const updated = await collections.update(id, {
    ...defined({ name, description, language }),
    ...(retrieval === undefined ? {} : { retrieval: { ...before.retrieval, ...defined(retrieval) } }),
  });
  if (build === null) return updated;
  await build();
  return (await collections.get(id)) ?? updated;
}

export type Target = Pick<Generation, "embedder" | "embedderFingerprint" | "dimensions" | "chunking">;

export const sameTarget = (left: Target, right: Target): boolean =>
  left.embedderFingerprint === right.embedderFingerprint &&
  left.embedder === right.embedder &&
  left.chunking.maxTokens === right.chunking.maxTokens &&
  left.chunking.overlapTokens === right.chunking.overlapTokens;

/** Checks the wish before anything is changed; the returned function carries it out. */
async function plan(parts: LibraryParts, before: Collection, changes: CollectionChanges): Promise<() => Promise<void>> {
  const target = await targetOf(parts, before, changes);
  return async () => {
    await dropSwitchingOn(parts.store.settings, before.id);
    await rebuild(parts, before.id, target);
  };
}

/** The generation that a collection should have after these changes. Throws request_invalid, model_missing. */
export async function targetOf(
  { models }: Pick<LibraryParts, "models">,
  before: Pick<Collection, "embedder" | "chunking">,
  changes: Pick<CollectionChanges, "embedder" | "chunking">,
): Promise<Target> {
  const embedder = await models.embedder(changes.embedder ?? before.embedder);
  const chunking = checkChunking({ ...before.chunking, ...defined(changes.chunking) }, embedder);
  const { name, fingerprint, dimensions } = embedder;
  return { embedder: name, embedderFingerprint: fingerprint, dimensions, chunking };
}

/** Starts building the generation that the collection should have, or stops building one when it has it already. */
export async function rebuild(
  parts: Pick<LibraryParts, "store" | "queue" | "logger">,
  id: CollectionId,
  target: Target,
): Promise<void> {
  const { collections } = parts.store;
  const collection = await collections.get(id);
  const serving = collection && (await collections.generation(collection.generationId));
  if (!collection || !serving) return;
  if (!sameTarget(serving, target)) {
    // From now on it is wanted, not only tried.
    await releaseGeneration(parts.store.settings, id);
    const generation = await collections.beginGeneration(id, target);
    await enqueueBuild(parts.queue, generation);
    parts.logger.info("generation.begun", { collectionId: id, generationId: generation.id, embedder: target.embedder });
  } else if (collection.nextGenerationId !== null) {
    await collections.retireGeneration(collection.nextGenerationId);
    await enqueuePurge(parts.queue);
  }
}

export async function deleteCollection(parts: LibraryParts, actor: Actor, id: CollectionId): Promise<void> {
  requireScope(actor, "admin");
  const collection = await findCollection(parts.store.collections, actor, id);
  await parts.store.collections.delete(collection.id);
  await parts.store.audit.record({ actor: actor.id, action: "collection.deleted", target: collection.id });
  await forgetCurve(parts.store, collection.id);
  await releaseGeneration(parts.store.settings, collection.id);
  await enqueueOrWait(parts.logger, () => enqueuePurge(parts.queue));
  for (const generationId of [collection.generationId, collection.nextGenerationId])
    if (generationId !== null) await parts.index.drop(generationId);
}

/**
 * Brings the models in use to readiness in the background, so that the first question does not wait and a missing model is
 * fetched without anybody asking. Nothing here is needed for the house to open: until it is done, search goes by words and
 * answers are quoted.
 */
import { AppError } from "@lorekeep/core";
import type { Config, Logger } from "@lorekeep/core";
import { listAllCollections } from "./access.ts";
import { rebuild } from "./collection-settings.ts";
import type { LibraryParts } from "./collection-settings.ts";
import type { Models } from "./platform.ts";

export interface WarmUpOptions {
  readonly config: Config;
  readonly models: Models;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Fetches what is missing and loads the models; failures are logged, never thrown. */
export async function warmUp(options: WarmUpOptions): Promise<void> {
  const { config, models } = options;
  const { embedder, generator } = config.models;
  await Promise.all([
    // At once, for a second start has all files; where the embedder's is missing, it is asked for again afterwards.
    models.reader().catch(() => undefined),
    attempt(options, embedder, () => models.embedder(embedder)).then(() => warmReader(options)),
    attempt(options, generator, () => models.generator()),
  ]);
}

/** Made of the embedder's file, so it comes after it; without one, answers are quoted by words alone. */
async function warmReader({ models, logger, signal }: WarmUpOptions): Promise<void> {
  const { reader, reason } = await models.reader().catch(() => ({ reader: undefined, reason: "closed" }));
  if (signal.aborted) return;
  if (reader === undefined) logger.info("reader.absent", { reason });
  else logger.info("model.ready", { model: reader.name });
}

async function attempt(options: WarmUpOptions, name: string, load: () => Promise<unknown>): Promise<void> {
  const { models, config, logger, signal } = options;
  const startedMs = performance.now();
  try {
    try {
      await load();
    } catch (error) {
      const isMissing = error instanceof AppError && error.code === "model_missing";
      if (!isMissing || config.offline || signal.aborted) throw error;
      await models.pull(name, signal);
      await load();
    }
    logger.info("model.ready", { model: name, durationMs: Math.round(performance.now() - startedMs) });
  } catch (error) {
    if (!signal.aborted) logger.warn("model.unavailable", { model: name, error });
  }
}

/**
 * Collections whose generation was made with other weights than the embedder of that name has now (the stand-in while it was
 * missing, or an earlier release of it) are built again in the background.
 */
export async function adoptEmbedders(parts: LibraryParts): Promise<void> {
  for (const collection of await listAllCollections(parts.store.collections)) {
    try {
      const embedder = await parts.models.embedder(collection.embedder);
      const serving = await parts.store.collections.generation(collection.generationId);
      if (!serving || serving.embedderFingerprint === embedder.fingerprint) continue;
      const { fingerprint, dimensions, name } = embedder;
      const chunking = collection.chunking;
      await rebuild(parts, collection.id, { embedder: name, embedderFingerprint: fingerprint, dimensions, chunking });
    } catch (error) {
      parts.logger.warn("collection.embedder_unavailable", { collectionId: collection.id, error });
    }
  }
}

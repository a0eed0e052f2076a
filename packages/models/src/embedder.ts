/**
 * Text → unit vectors, by an encoder in a worker thread of its own: the main event loop only passes strings and arrays. Queries
 * overtake the passages of a running ingest, any number of callers may wait at once, and a caller that goes away costs at most the batch
 * that runs. A worker that dies fails its callers (model_failed) and is started again for the next one.
 */
import { join } from "node:path";
import { AppError, throwIfAborted, type Embedder, type Logger } from "@lorekeep/core";
import type { EmbedderEntry } from "./catalogue.ts";
import type { EmbedAnswer, EmbedJob, EmbedReady, WorkerSetup } from "./embed-protocol.ts";
import { fingerprintOf, type InstalledModel } from "./installed.ts";
import { restartingThread } from "./model-thread.ts";

export interface EmbedderOptions {
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly logger: Logger;
}

/** Starts the thread and loads the model. Throws model_failed, model_invalid. */
export async function openEmbedder(model: InstalledModel<EmbedderEntry>, options: EmbedderOptions): Promise<Embedder> {
  const { entry, folder } = model;
  const { dimensions, windowTokens, prefixes, pooling } = entry;
  const setup: WorkerSetup = {
    modelPath: join(folder, "model.onnx"),
    tokenizerPath: join(folder, "tokenizer.json"),
    threads: options.threads,
    dimensions,
    windowTokens,
    prefixes,
    pooling,
  };
  const thread = await restartingThread<EmbedJob, EmbedReady, EmbedAnswer>({
    worker: new URL("./embed-worker.ts", import.meta.url),
    setup,
    role: "embedder",
    name: entry.name,
    logger: options.logger,
  });
  return {
    name: entry.name,
    fingerprint: `${entry.name}@${fingerprintOf(model, { prefixes, pooling, windowTokens })}`,
    dimensions,
    maxTokens: thread.ready.maxTokens,
    embed: async (texts, embedOptions) => {
      throwIfAborted(embedOptions.signal);
      if (texts.length === 0) return [];
      const answer = await thread.ask({ kind: embedOptions.kind, texts }, embedOptions);
      if (!("vectors" in answer)) throw new AppError("model_failed", "The embedding thread gave no vectors.");
      const { vectors } = answer;
      return texts.map((_, i) => vectors.slice(i * dimensions, (i + 1) * dimensions));
    },
    embedTokens: thread.ready.hasSpans
      ? async (texts, { kind, signal }) => {
          throwIfAborted(signal);
          if (texts.length === 0) return [];
          const answer = await thread.ask({ kind, texts, perToken: true }, { signal });
          if (!("tokens" in answer)) throw new AppError("model_failed", "The embedding thread gave no tokens.");
          return [...answer.tokens];
        }
      : undefined,
    countTokens: async (texts, signal) => {
      throwIfAborted(signal);
      if (texts.length === 0) return [];
      const answer = await thread.ask({ kind: "count", texts }, { signal });
      if (!("counts" in answer)) throw new AppError("model_failed", "The embedding thread gave no counts.");
      return [...answer.counts];
    },
    close: () => thread.close(),
  };
}

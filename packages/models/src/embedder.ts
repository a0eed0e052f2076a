/**
 * Text → unit vectors, by an encoder in a worker thread of its own: the main event loop only passes strings and arrays. Queries
 * overtake the passages of a running ingest, any number of callers may wait at once, and a caller that goes away costs at most the batch
 * that runs. A worker that dies fails its callers (model_failed) and is started again for the next one.
 */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { AppError, throwIfAborted, type EmbedOptions, type Embedder, type Logger } from "@lorekeep/core";
import type { EmbedderEntry } from "./catalogue.ts";
import type { FromWorker, JobKind, ToWorker, WorkerSetup } from "./embed-protocol.ts";
import { fingerprintOf, type InstalledModel } from "./installed.ts";

const CLOSE_TIMEOUT_MS = 5_000;

export interface EmbedderOptions {
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly logger: Logger;
}
interface Waiting {
  readonly done: (message: FromWorker) => void;
  readonly fail: (error: AppError) => void;
  readonly onProgress: ((done: number) => void) | undefined;
}

/** A worker and those who wait for it. `ready` settles once. */
class EmbedThread {
  readonly ready: Promise<number>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #dead: AppError | null = null;

  constructor(setup: WorkerSetup) {
    this.#worker = new Worker(new URL("./embed-worker.ts", import.meta.url), { workerData: setup });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (message: FromWorker) => {
        if (message.type === "ready") resolve(message.maxTokens);
        else if (message.type === "failed" && message.id === null) reject(errorOf(message));
        else this.#receive(message);
      });
      this.#worker.on("error", (error) => reject(this.#die(error)));
      this.#worker.on("exit", () => reject(this.#die(undefined)));
    });
    this.ready.catch(() => undefined).finally(() => this.#keepAlive());
    this.#exited = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
  }

  get isDead(): boolean {
    return this.#dead !== null;
  }

  async ask(kind: JobKind, texts: readonly string[], options: Partial<EmbedOptions>): Promise<FromWorker> {
    await this.ready;
    throwIfAborted(options.signal);
    if (this.#dead !== null) throw this.#dead;
    const id = this.#nextId;
    this.#nextId += 1;
    const onAbort = (): void => {
      this.#post({ type: "abort", id });
      this.#waiting
        .get(id)
        ?.fail(new AppError("aborted", "The request was stopped.", {}, { cause: options.signal?.reason }));
    };
    try {
      return await new Promise((done, fail) => {
        this.#waiting.set(id, { done, fail, onProgress: options.onProgress });
        this.#keepAlive();
        options.signal?.addEventListener("abort", onAbort, { once: true });
        this.#post({ type: "job", id, kind, texts });
      });
    } finally {
      options.signal?.removeEventListener("abort", onAbort);
      this.#waiting.delete(id);
      this.#keepAlive();
    }
  }

  async close(): Promise<void> {
    await this.ready.catch(() => undefined);
    this.#failAll(new AppError("aborted", "The embedder was closed."));
    if (this.#dead !== null) return;
    this.#worker.ref();
    this.#post({ type: "close" });
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** An idle worker does not keep the process alive. */
  #keepAlive(): void {
    if (this.#waiting.size > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  #receive(message: FromWorker): void {
    if (message.type === "ready") return;
    const waiting = this.#waiting.get(message.id ?? 0);
    if (message.type === "progress") waiting?.onProgress?.(message.done);
    else if (message.type === "failed") waiting?.fail(errorOf(message));
    else waiting?.done(message);
  }

  #die(cause: unknown): AppError {
    this.#dead ??= new AppError("model_failed", "The embedding thread ended unexpectedly.", {}, { cause });
    this.#failAll(this.#dead);
    return this.#dead;
  }

  #failAll(error: AppError): void {
    for (const waiting of [...this.#waiting.values()]) waiting.fail(error);
  }
}

function errorOf(message: Extract<FromWorker, { type: "failed" }>): AppError {
  return new AppError(message.code, message.message, { ...message.details });
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
  let thread = new EmbedThread(setup);
  let closed = false;
  const startedAt = performance.now();
  const maxTokens = await thread.ready;
  options.logger.info("embedder.loaded", { model: entry.name, durationMs: Math.round(performance.now() - startedAt) });

  const ask: EmbedThread["ask"] = (kind, texts, askOptions) => {
    if (closed) throw new AppError("aborted", "The embedder was closed.");
    if (thread.isDead) {
      options.logger.warn("embedder.restarted", { model: entry.name });
      thread = new EmbedThread(setup);
    }
    return thread.ask(kind, texts, askOptions);
  };

  return {
    name: entry.name,
    fingerprint: `${entry.name}@${fingerprintOf(model, { prefixes, pooling, windowTokens })}`,
    dimensions,
    maxTokens,
    embed: async (texts, embedOptions) => {
      throwIfAborted(embedOptions.signal);
      if (texts.length === 0) return [];
      const answer = await ask(embedOptions.kind, texts, embedOptions);
      if (answer.type !== "vectors") throw new AppError("model_failed", "The embedding thread gave no vectors.");
      const { vectors } = answer;
      return texts.map((_, i) => vectors.slice(i * dimensions, (i + 1) * dimensions));
    },
    countTokens: async (texts, signal) => {
      throwIfAborted(signal);
      if (texts.length === 0) return [];
      const answer = await ask("count", texts, { signal });
      if (answer.type !== "counts") throw new AppError("model_failed", "The embedding thread gave no counts.");
      return [...answer.counts];
    },
    close: async () => {
      closed = true;
      await thread.close();
    },
  };
}

/**
 * A model in a worker thread of its own, seen from the main one, and those who wait for its answers. Any number may wait at once;
 * who goes away is told to the worker. A worker that dies fails its callers (model_failed); `restartingThread` starts it again for the
 * next one. The other side is serve-jobs.ts.
 */
import { Worker } from "node:worker_threads";
import { switchOffTelemetry } from "@lorekeep/autodiff";
import { AppError, throwIfAborted, type ErrorCode, type Logger } from "@lorekeep/core";

const CLOSE_TIMEOUT_MS = 5_000;
/** V8's own 48 MB for young objects would only be filled before it is swept: what lives long is native. */
const HEAP = { maxYoungGenerationSizeMb: 6 } as const;

export type ToWorker<Job> =
  | { readonly type: "job"; readonly id: number; readonly job: Job }
  | { readonly type: "abort"; readonly id: number }
  | { readonly type: "close" };
export type FromWorker<Ready, Answer> =
  | { readonly type: "ready"; readonly ready: Ready }
  | { readonly type: "progress"; readonly id: number; readonly done: number }
  | { readonly type: "answer"; readonly id: number; readonly answer: Answer }
  /** `id` null = the worker cannot start at all. */
  | {
      readonly type: "failed";
      readonly id: number | null;
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };
export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}
interface Waiting<Answer> {
  readonly done: (answer: Answer) => void;
  readonly fail: (error: AppError) => void;
  readonly onProgress: ((done: number) => void) | undefined;
}

export interface ThreadOptions {
  readonly worker: URL;
  readonly setup: unknown;
  /** For messages and logs: "embedder". */
  readonly role: string;
}

class ModelThread<Job, Ready, Answer> {
  readonly ready: Promise<Ready>;
  readonly #role: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #dead: AppError | null = null;

  constructor(options: ThreadOptions) {
    this.#role = options.role;
    switchOffTelemetry();
    this.#worker = new Worker(options.worker, { workerData: options.setup, resourceLimits: HEAP });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (message: FromWorker<Ready, Answer>) => {
        if (message.type === "ready") resolve(message.ready);
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

  async ask(job: Job, options: AskOptions): Promise<Answer> {
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
        this.#post({ type: "job", id, job });
      });
    } finally {
      options.signal?.removeEventListener("abort", onAbort);
      this.#waiting.delete(id);
      this.#keepAlive();
    }
  }

  async close(): Promise<void> {
    await this.ready.catch(() => undefined);
    this.#failAll(new AppError("aborted", `The ${this.#role} was closed.`));
    if (this.#dead !== null) return;
    this.#worker.ref();
    this.#post({ type: "close" });
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #post(message: ToWorker<Job>): void {
    this.#worker.postMessage(message);
  }

  /** An idle worker does not keep the process alive. */
  #keepAlive(): void {
    if (this.#waiting.size > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  #receive(message: FromWorker<Ready, Answer>): void {
    if (message.type === "ready") return;
    const waiting = this.#waiting.get(message.id ?? 0);
    if (message.type === "progress") waiting?.onProgress?.(message.done);
    else if (message.type === "failed") waiting?.fail(errorOf(message));
    else waiting?.done(message.answer);
  }

  #die(cause: unknown): AppError {
    this.#dead ??= new AppError("model_failed", `The ${this.#role}'s thread ended unexpectedly.`, {}, { cause });
    this.#failAll(this.#dead);
    return this.#dead;
  }

  #failAll(error: AppError): void {
    for (const waiting of [...this.#waiting.values()]) waiting.fail(error);
  }
}

function errorOf(message: { code: ErrorCode; message: string; details: Readonly<Record<string, unknown>> }): AppError {
  return new AppError(message.code, message.message, { ...message.details });
}

export interface RestartingThread<Job, Ready, Answer> {
  /** What the first worker said of itself. */
  readonly ready: Ready;
  /** Throws model_failed, aborted, and what the worker throws. */
  ask(job: Job, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts the worker and waits until its model is loaded. Throws what its loading throws. */
export async function restartingThread<Job, Ready, Answer>(
  options: ThreadOptions & { readonly name: string; readonly logger: Logger },
): Promise<RestartingThread<Job, Ready, Answer>> {
  const { role, name, logger } = options;
  let thread = new ModelThread<Job, Ready, Answer>(options);
  let closed = false;
  const startedAt = performance.now();
  const ready = await thread.ready;
  logger.info(`${role}.loaded`, { model: name, durationMs: Math.round(performance.now() - startedAt) });
  return {
    ready,
    ask: async (job, askOptions = {}) => {
      throwIfAborted(askOptions.signal);
      if (closed) throw new AppError("aborted", `The ${role} was closed.`);
      if (thread.isDead) {
        logger.warn(`${role}.restarted`, { model: name });
        thread = new ModelThread(options);
      }
      return thread.ask(job, askOptions);
    },
    close: async () => {
      closed = true;
      await thread.close();
    },
  };
}

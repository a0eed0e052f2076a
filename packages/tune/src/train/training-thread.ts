/**
 * One order, one thread, one answer: both ends. The worker's end makes its thread nice: on Linux a thread has a niceness of
 * its own, which the runtime's threads inherit, so training takes the cores that nobody else wants and answers come first.
 */
import { getPriority, setPriority } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { switchOffTelemetry } from "@lorekeep/autodiff";
import { AppError, toAppError, type ErrorCode } from "@lorekeep/core";

/** An error on its way to another thread. */
export interface ThreadFailure {
  readonly type: "failed";
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Record<string, unknown>;
}
type FromThread<Progress, Result> =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "result"; readonly result: Result }
  | ThreadFailure;

const NICENESS = 10;

/**
 * Starts the thread with a structured-cloneable order and waits for its result. Aborting kills the thread; leave the signal out where
 * the order brings its own way of stopping. Throws what the work threw, model_failed when the thread is lost, aborted.
 */
export async function runInThread<Progress, Result>(
  entry: URL,
  order: unknown,
  { onProgress, signal }: { onProgress?: ((progress: Progress) => void) | undefined; signal?: AbortSignal | undefined },
): Promise<Result> {
  switchOffTelemetry();
  const worker = new Worker(entry, { name: "training", workerData: order });
  let stop = (): void => undefined;
  try {
    return await new Promise((resolve, reject) => {
      stop = () => reject(new AppError("aborted", "The request was stopped.", {}, { cause: signal?.reason }));
      signal?.addEventListener("abort", stop, { once: true });
      worker.on("message", (message: FromThread<Progress, Result>) => {
        if (message.type === "result") resolve(message.result);
        else if (message.type === "failed") reject(new AppError(message.code, message.message, message.details));
        else onProgress?.(message.progress);
      });
      const lose = (cause: unknown): void =>
        reject(new AppError("model_failed", "The training thread ended unexpectedly. Start it again.", {}, { cause }));
      worker.on("error", lose);
      worker.on("exit", lose);
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

/** The worker's end: does the work of its order and posts how it ended. */
export async function serveThread<Order, Progress, Result>(
  work: (order: Order, report: (progress: Progress) => void) => Promise<Result>,
): Promise<void> {
  const post = (message: FromThread<Progress, Result>): void => parentPort!.postMessage(message);
  makeThreadNice();
  try {
    const result = await work(workerData as Order, (progress) => post({ type: "progress", progress }));
    post({ type: "result", result });
  } catch (error) {
    post(failureOf(error));
  }
}

export function failureOf(error: unknown): ThreadFailure {
  const { code, message, details } = toAppError(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return { type: "failed", code, message, details: { ...details, cause } };
}

/** Elsewhere than on Linux the call would make the whole process nice, answers included. */
function makeThreadNice(): void {
  if (process.platform === "linux" && !isMainThread && getPriority() < NICENESS) setPriority(NICENESS);
}

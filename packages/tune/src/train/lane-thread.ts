/**
 * The second lane (lanes.ts): a thread with its own session over the same training graph, so the frozen weights are mapped once and
 * only their packed copies are held twice. Parameters and gradient cross in shared memory, copied at both ends, because
 * ONNX Runtime is given plain arrays only; examples cross as messages, a few kilobytes a step.
 *
 * It begins to load when it is opened, beside the first lane's session. A lane that fails or ends is `model_failed` at the next
 * `ready` or `finish`. It is asked to end, and stopped only when it does not.
 */
import { Worker } from "node:worker_threads";
import { AppError } from "@lorekeep/core";
import type { Lane, LaneWork } from "./lanes.ts";
import { flatLength } from "./flat-parameters.ts";
import type { TrainingGraphFiles } from "./training-task.ts";
import type { ThreadFailure } from "./training-thread.ts";

export interface LaneOrder {
  readonly files: TrainingGraphFiles;
  readonly taskModule: string;
  readonly taskExport: string;
  /** Of this lane. */
  readonly threads: number;
  readonly isSpinning: boolean;
}
export interface LaneData {
  readonly lane: LaneOrder;
  /** Flat over all parameters. */
  readonly parameters: Float32Array<SharedArrayBuffer>;
  readonly gradient: Float32Array<SharedArrayBuffer>;
}
export type ToLane =
  ({ readonly type: "measure"; readonly isNewParameters: boolean } & LaneWork<unknown>) | { readonly type: "close" };
export type FromLane =
  { readonly type: "ready" } | { readonly type: "measured"; readonly loss: number } | ThreadFailure;

/** Longer than a usual batch, which a thread cannot be stopped in anyway. */
const CLOSE_TIMEOUT_MS = 10_000;

/** `ready` settles when its session is open. */
export function openLaneThread<E>(order: LaneOrder): Lane<E> & { readonly ready: Promise<void> } {
  const shared = (): Float32Array<SharedArrayBuffer> =>
    new Float32Array(new SharedArrayBuffer(flatLength(order.files.parameters) * Float32Array.BYTES_PER_ELEMENT));
  const data: LaneData = { lane: order, parameters: shared(), gradient: shared() };
  const worker = new Worker(new URL("./lane-worker.ts", import.meta.url), { name: "lane", workerData: data });
  const answers = answersOf(worker);
  const ready = answers.next().then(() => undefined);
  ready.catch(() => undefined); // told to whoever awaits it
  let [isNewParameters, measuring] = [true, null as Promise<FromLane> | null];
  const post = (message: ToLane): void => worker.postMessage(message);
  return {
    ready,
    gradient: data.gradient,
    takeParameters: (parameters) => {
      data.parameters.set(parameters);
      isNewParameters = true;
    },
    begin: (work) => {
      measuring = answers.next();
      measuring.catch(() => undefined); // told by finish
      post({ type: "measure", isNewParameters, ...work });
      isNewParameters = false;
    },
    finish: async () => {
      const answer = await measuring;
      if (answer?.type !== "measured") throw lost(answer);
      return answer.loss;
    },
    close: async () => {
      if (answers.isOver()) return;
      const exit = new Promise<void>((resolve) => void worker.once("exit", () => resolve()));
      post({ type: "close" });
      const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
      await exit;
      clearTimeout(timer);
    },
  };
}

function lost(cause: unknown): AppError {
  return new AppError(
    "model_failed",
    "A lane of the training ended unexpectedly. Start the training again.",
    {},
    { cause },
  );
}

/** The worker's messages one by one; each wait rejects when the lane fails or is over. */
function answersOf(worker: Worker) {
  let over: AppError | null = null;
  let waiting: { resolve(answer: FromLane): void; reject(error: AppError): void } | null = null;
  let [isExited, early] = [false, null as FromLane | null];
  const fail = (error: AppError): void => {
    over ??= error;
    waiting?.reject(over);
    waiting = null;
  };
  worker.on("message", (message: FromLane) => {
    if (message.type === "failed") fail(new AppError(message.code, message.message, message.details));
    else if (waiting === null) early = message;
    else {
      waiting.resolve(message);
      waiting = null;
    }
  });
  worker.on("error", (error) => fail(lost(error)));
  worker.on("exit", (code) => {
    isExited = true;
    fail(lost(new Error(`exit code ${code}`)));
  });
  return {
    isOver: () => isExited,
    next: () =>
      new Promise<FromLane>((resolve, reject) => {
        if (over !== null) return reject(over);
        if (early === null) return void (waiting = { resolve, reject });
        resolve(early);
        early = null;
      }),
  };
}

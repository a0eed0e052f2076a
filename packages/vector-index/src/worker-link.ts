/**
 * The main thread's end of the index worker: requests as promises. A worker that dies fails what was asked of it with
 * index_unavailable and is started again by the next request, empty: `onRestart` tells the owner to open generations anew.
 */
import { Worker } from "node:worker_threads";
import type { TransferListItem } from "node:worker_threads";
import { AppError } from "@lorekeep/core";
import type { Logger } from "@lorekeep/core";
import type { OperationName, Operations, WorkerMessage, WorkerSettings } from "./worker-protocol.ts";

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
}

export interface WorkerLink {
  ask<Name extends OperationName>(
    operation: Name,
    generationId: string,
    request: Operations[Name]["request"],
    options?: { transfer?: TransferListItem[]; onProgress?: ((done: number, total: number) => void) | undefined },
  ): Promise<Operations[Name]["result"]>;
  close(): Promise<void>;
}

/** How long closing waits for a file that is being written. */
const CLOSE_MS = 10_000;

export function openWorkerLink(
  settings: WorkerSettings,
  logger: Logger,
  onRestart: () => void,
  entry: URL = new URL("./index-worker.ts", import.meta.url),
): WorkerLink {
  let worker: Worker | null = null;
  let closed = false;
  let lastId = 0;
  const pending = new Map<number, Pending>();

  const receive = (message: WorkerMessage): void => {
    if (message.type === "log") return logger[message.level](message.event, message.fields);
    const waiting = pending.get(message.id);
    if (waiting === undefined) return;
    if (message.type === "progress") return waiting.onProgress?.(message.done, message.total);
    pending.delete(message.id);
    if (message.type === "result")
      waiting.resolve(message.result as never); // ask() ties id, operation and result together
    else waiting.reject(new AppError(message.code, message.message, message.details));
  };

  const lose = (which: Worker, error: unknown): void => {
    if (worker !== which) return;
    worker = null;
    const lost = [...pending.values()];
    pending.clear();
    if (!closed) {
      logger.error("index.worker_lost", { error, requestCount: lost.length });
      onRestart();
    }
    for (const { reject } of lost) {
      reject(
        new AppError(
          "index_unavailable",
          "The index stopped and is being opened again. Try again.",
          {},
          { cause: error },
        ),
      );
    }
  };

  const start = (): Worker => {
    const started = new Worker(entry, { workerData: settings, name: "vector-index" });
    started.on("message", receive);
    started.on("error", (error) => lose(started, error));
    started.on("exit", (code) => lose(started, new Error(`exit ${code}`)));
    return started;
  };

  const ask: WorkerLink["ask"] = (operation, generationId, request, options = {}) => {
    if (closed && operation !== "close") {
      return Promise.reject(new AppError("index_unavailable", "The index has been closed."));
    }
    worker ??= start();
    const id = ++lastId;
    const to = worker;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject, onProgress: options.onProgress });
      to.postMessage({ id, operation, generationId, request }, options.transfer ?? []);
    });
  };

  return {
    ask,
    async close() {
      if (closed) return;
      closed = true;
      const last = worker;
      if (last === null) return;
      const timer = setTimeout(() => void last.terminate(), CLOSE_MS);
      await ask("close", "", {}).catch(() => undefined); // a worker that dies while closing is closed
      clearTimeout(timer);
      await last.terminate();
    },
  };
}

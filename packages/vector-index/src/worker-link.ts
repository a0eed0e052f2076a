/**
 * The main thread's end of the index worker: requests as promises. A worker that dies fails what was asked of it with
 * index_unavailable and is started again by the next request, empty: `onRestart` tells the owner to open generations anew.
 */
import { Worker } from "node:worker_threads";
import type { TransferListItem } from "node:worker_threads";
import { AppError } from "@lorekeep/core";
import type { Logger } from "@lorekeep/core";
import type { OperationName, Operations, RequestMessage, WorkerMessage, WorkerSettings } from "./worker-protocol.ts";

export interface WorkerLink {
  ask<Name extends OperationName>(
    operation: Name,
    generationId: string,
    request: Operations[Name]["request"],
    options?: { transfer?: TransferListItem[]; onProgress?: ((done: number, total: number) => void) | undefined },
  ): Promise<Operations[Name]["result"]>;
  close(): Promise<void>;
}

/** Whoever runs serveIndex: a thread in the product. Ends by itself after the operation `close`. */
export interface Peer {
  post(message: RequestMessage, transfer: readonly TransferListItem[]): void;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** Ends it by force. */
  end(): void;
}
export type StartPeer = (on: {
  readonly message: (message: WorkerMessage) => void;
  /** It ended, asked or not. */
  readonly loss: (error: unknown) => void;
}) => Peer;

/** How long closing waits for a file that is being written. */
const CLOSE_MS = 10_000;

export function startThread(
  settings: WorkerSettings,
  entry: URL = new URL("./index-worker.ts", import.meta.url),
): StartPeer {
  return (on) => {
    const worker = new Worker(entry, { workerData: settings, name: "vector-index" });
    worker.on("message", on.message);
    worker.on("error", on.loss);
    const ended = new Promise<void>((resolve) => {
      worker.on("exit", (code) => {
        on.loss(new Error(`The index worker ended with code ${code}`));
        resolve();
      });
    });
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      ended,
      end: () => void worker.terminate(),
    };
  };
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
}

export function openWorkerLink(start: StartPeer, logger: Logger, onRestart: () => void): WorkerLink {
  let peer: Peer | null = null;
  let isClosed = false;
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

  const connect = (): Peer => {
    const loss = (error: unknown): void => {
      if (peer !== mine) return;
      peer = null;
      const lost = [...pending.values()];
      pending.clear();
      if (!isClosed) {
        logger.error("index.worker_lost", { error, requestCount: lost.length });
        onRestart();
      }
      const message = "The index stopped and is being opened again. Try again.";
      for (const { reject } of lost) reject(new AppError("index_unavailable", message, {}, { cause: error }));
    };
    const mine = start({ message: receive, loss });
    return mine;
  };

  const ask: WorkerLink["ask"] = (operation, generationId, request, options = {}) => {
    if (isClosed && operation !== "close") {
      return Promise.reject(new AppError("index_unavailable", "The index has been closed."));
    }
    peer ??= connect();
    const to = peer;
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject, onProgress: options.onProgress });
      // Operation and request belong together by the signature of ask.
      to.post({ id, operation, generationId, request } as RequestMessage, options.transfer ?? []);
    });
  };

  return {
    ask,
    async close() {
      if (isClosed) return;
      isClosed = true;
      const last = peer;
      if (last === null) return;
      const timer = setTimeout(() => last.end(), CLOSE_MS);
      await ask("close", "", {}).catch(() => undefined); // one that dies while closing is closed
      await last.ended;
      clearTimeout(timer);
    },
  };
}

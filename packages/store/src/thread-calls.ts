/**
 * Calls to functions of a worker thread that has its own connection to the database file: keyword search and upkeep, which
 * can take longer than the event loop may be held. The thread starts with the first call, lets the process end while it
 * is idle, and is started again when it died. Arguments and results are structured clones.
 */
import { Worker } from "node:worker_threads";
import { AppError, ERRORS } from "@lorekeep/core";
import type { ErrorCode } from "@lorekeep/core";

export interface ThreadRequest {
  readonly id: number;
  readonly name: string;
  readonly given: readonly unknown[];
}
export type ThreadReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: string | null; readonly message: string } };

/** How long closing waits for what the thread is at. */
const CLOSE_MS = 3000;

export interface ThreadCalls {
  call(name: string, ...given: unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export function openThreadCalls(script: URL, workerData: unknown): ThreadCalls {
  let worker: Worker | null = null;
  let isClosed = false;
  let lastId = 0;
  const pending = new Map<number, Pending>();

  function start(): Worker {
    const started = new Worker(script, { workerData });
    started.unref();
    started.on("message", (reply: ThreadReply) => settle(reply));
    started.on("error", (error) => abandon(started, error));
    started.on("exit", () => abandon(started, new Error("The thread ended.")));
    return started;
  }

  function settle(reply: ThreadReply): void {
    const call = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0) worker?.unref();
    if ("result" in reply) call?.resolve(reply.result);
    else call?.reject(toError(reply.error));
  }

  function abandon(dead: Worker, cause: unknown): void {
    if (worker !== dead) return;
    worker = null;
    for (const { reject } of pending.values())
      reject(new AppError("database_busy", "A thread of the database ended. Try again.", {}, { cause }));
    pending.clear();
  }

  return {
    call(name, ...given) {
      if (isClosed) return Promise.reject(new AppError("database_busy", "The database is being closed."));
      worker ??= start();
      worker.ref();
      const id = ++lastId;
      const request: ThreadRequest = { id, name, given };
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        worker!.postMessage(request);
      });
    },
    async close() {
      isClosed = true;
      const open = worker;
      worker = null;
      if (open !== null) await endThread(open);
      for (const { reject } of pending.values()) reject(new AppError("aborted", "The database was closed."));
      pending.clear();
    },
  };
}

/**
 * Asks first: a thread that is stopped from outside while it loads or runs native code can take the process with it. One that is long
 * at something (a backup, a check of everything) is stopped nevertheless.
 */
async function endThread(worker: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.ref();
  worker.postMessage(null);
  const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
  await ended;
  clearTimeout(timer);
}

function toError({ code, message }: { code: string | null; message: string }): Error {
  return code !== null && code in ERRORS ? new AppError(code as ErrorCode, message) : new Error(message);
}

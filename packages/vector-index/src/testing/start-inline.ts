/**
 * Runs the index in the test's own thread, over the same messages. Starting and ending a thread for every test costs a
 * quarter of a second each, and Node 24 now and then aborts when many threads that compiled WebAssembly (its own
 * TypeScript loader does) end in one process.
 */
import { MessageChannel } from "node:worker_threads";
import { serveIndex } from "../serve-index.ts";
import type { StartPeer } from "../worker-link.ts";
import type { WorkerSettings } from "../worker-protocol.ts";

export function startInline(settings: WorkerSettings): StartPeer {
  return (on) => {
    const { port1, port2 } = new MessageChannel();
    serveIndex(port2, settings);
    port1.on("message", on.message);
    const ended = new Promise<void>((resolve) => port1.once("close", () => resolve()));
    return { post: (message, transfer) => port1.postMessage(message, transfer), ended, end: () => port1.close() };
  };
}

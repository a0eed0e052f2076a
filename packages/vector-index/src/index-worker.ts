/** The index worker's entry. Holds every generation of this process: an index object cannot be shared by threads. */
import { parentPort, workerData } from "node:worker_threads";
import { serveIndex } from "./serve-index.ts";
import type { WorkerSettings } from "./worker-protocol.ts";

serveIndex(parentPort!, workerData as WorkerSettings); // started by startThread only

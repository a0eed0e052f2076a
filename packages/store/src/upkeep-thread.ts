/** Worker thread: checks and backups on a connection of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { answerThreadCalls } from "./answer-thread-calls.ts";
import { copyDatabase } from "./backup.ts";
import { openDatabase } from "./open-database.ts";
import { checkIntegrity, countOrphans } from "./orphans.ts";

const { path } = workerData as { path: string };
const { sqlite } = openDatabase(path, { readonly: true });

answerThreadCalls(parentPort!, {
  orphans: () => countOrphans(sqlite),
  integrity: () => checkIntegrity(sqlite),
  backupTo: (target: string) => copyDatabase(sqlite, target),
});

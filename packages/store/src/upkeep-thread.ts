/** Worker thread: checks, backups and checkpoints on a connection of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { answerThreadCalls } from "./answer-thread-calls.ts";
import { copyDatabase } from "./backup.ts";
import { openDatabase } from "./open-database.ts";
import { checkIntegrity, countOrphans } from "./orphans.ts";

const { path, readonly } = workerData as { path: string; readonly: boolean };
const { sqlite } = openDatabase(path, { readonly });

const answers = {
  orphans: () => countOrphans(sqlite),
  checkpoint: () => void sqlite.pragma("wal_checkpoint(PASSIVE)"),
  integrity: () => checkIntegrity(sqlite),
  backupTo: (target: string) => copyDatabase(sqlite, target),
};
answerThreadCalls(parentPort!, answers, () => sqlite.close());

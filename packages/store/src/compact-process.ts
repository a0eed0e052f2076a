/** Child process: compacts the database file given as its argument, reports by message, ends. */
import { toStoreError } from "./sqlite-errors.ts";
import { compactFile } from "./compact.ts";
import { openDatabase } from "./open-database.ts";
import { AppError } from "@lorekeep/core";

const path = process.argv[2]!;
// A writer of the main process must never meet a long wait because of us: we are the ones who wait.
const { sqlite } = openDatabase(path, { busyTimeoutMs: 30_000 });
try {
  await compactFile(sqlite, path);
  process.send!({ isDone: true });
} catch (error) {
  const translated = toStoreError(error);
  process.send!({
    isDone: false,
    code: translated instanceof AppError ? translated.code : "unexpected",
    message: translated instanceof Error ? translated.message : String(translated),
  });
}
process.disconnect();

/** A consistent copy of the database while it is read and written. */
import { open, rename, rm } from "node:fs/promises";
import type { Database } from "better-sqlite3";

/**
 * Copies through a read transaction that stays open for the whole copy, so what others write meanwhile neither shows up
 * nor makes the copy start again. The target appears whole or not at all.
 */
export async function copyDatabase(sqlite: Database, target: string): Promise<void> {
  const partial = `${target}.partial`;
  await rm(partial, { force: true });
  sqlite.exec("BEGIN");
  try {
    sqlite.prepare("SELECT count(*) FROM sqlite_schema").get();
    await sqlite.backup(partial, { progress: () => 1000 });
    const file = await open(partial, "r+");
    await file.sync().finally(() => file.close());
    await rename(partial, target);
  } finally {
    if (sqlite.inTransaction) sqlite.exec("COMMIT");
    await rm(partial, { force: true });
  }
}

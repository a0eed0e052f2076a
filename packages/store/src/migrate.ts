/**
 * Brings a database to the newest of the numbered files of `migrations/`: append-only, one transaction for all that is
 * missing, the checksum of each recorded. Anything else than a prefix of our files (newer, edited, with a gap, or not
 * ours at all) is refused with database_incompatible: a house that starts on a half-known database loses data later.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** The migrations of a folder in order. Throws database_incompatible when the numbers have a gap or a double. */
export function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return files.sort().map((file, index) => {
    const number = Number(FILE_NAME.exec(file)?.[1] ?? Number.NaN);
    if (number !== index + 1)
      throw new AppError("database_incompatible", `Migration file ${file} should have number ${index + 1}.`);
    const sql = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n");
    return { number, name: file, sql, checksum: createHash("sha256").update(sql).digest("hex") };
  });
}

/** Returns how many migrations were applied. Throws database_incompatible; nothing is changed then. */
export function migrate(connection: Connection, folder: string): number {
  const migrations = readMigrations(folder);
  const { sqlite } = connection;
  // With the write lock held from the start, two processes opening at once cannot both apply a file.
  return connection.writeDurably(() => {
    const isNew = sqlite.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0;
    if (isNew)
      sqlite.exec(
        "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL)",
      );
    const missing = migrations.slice(checkApplied(connection, migrations));
    const record = sqlite.prepare(
      "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
    );
    for (const { number, name, sql, checksum } of missing) {
      sqlite.exec(sql);
      record.run(number, name, checksum, connection.now());
    }
    return missing.length;
  });
}

/** Number of our migrations that the database has. */
function checkApplied({ sqlite }: Connection, migrations: readonly Migration[]): number {
  const known = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").get();
  if (!known) throw new AppError("database_incompatible", "This SQLite file was not made by Lorekeep.");
  const applied = sqlite.prepare("SELECT number, name, checksum FROM schema_migrations ORDER BY number").all() as {
    number: number;
    name: string;
    checksum: string;
  }[];
  applied.forEach((row, index) => {
    const ours = migrations[index];
    if (row.number !== index + 1)
      throw new AppError("database_incompatible", `The database lacks migration ${index + 1}: restore a backup.`);
    if (!ours)
      throw new AppError(
        "database_incompatible",
        `The database has migration ${row.name}, which this version of Lorekeep does not know: use a newer Lorekeep.`,
      );
    if (ours.checksum !== row.checksum)
      throw new AppError(
        "database_incompatible",
        `Migration ${row.name} of the database differs from this version's: merged migrations are never edited.`,
      );
  });
  return applied.length;
}

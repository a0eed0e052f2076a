/**
 * The one way to a SQLite connection: pragmas, transactions, durability.
 *
 * WAL lets readers go on while one connection writes. `synchronous` is NORMAL, so a commit costs no fsync: killing the
 * process loses nothing (the bytes are with the operating system), only a power cut may lose the last commits. What has
 * been promised to somebody goes through `writeDurably`, which is FULL for that commit, or, where many come one after the other (an
 * admitted upload, its job, a published version), through `writeAndSync`, which lets a thread wait for the disk. Either
 * fsync of the log also carries every earlier commit to the disk.
 * `secure_delete` overwrites what is deleted, `temp_store` keeps scratch data out of files.
 */
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { Clock } from "@lorekeep/core";
import { AppError, systemClock } from "@lorekeep/core";
import { openLogSync } from "./log-sync.ts";

export interface Connection {
  readonly sqlite: Database.Database;
  readonly orm: BetterSQLite3Database;
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
  /** One transaction that takes the write lock first; nested calls join the outer one. */
  readonly write: <Value>(work: () => Value) => Value;
  /** As `write`, and on the disk when it returns. */
  readonly writeDurably: <Value>(work: () => Value) => Value;
  /** As `write`, at once; on the disk when the promise resolves. Not inside another transaction. */
  readonly writeAndSync: <Value>(work: () => Value) => Promise<Value>;
  /** All that was committed is on the disk when it resolves. */
  readonly synced: () => Promise<void>;
}

/** Smaller than this and a 384-wide vector wastes a third of its page. */
const PAGE_BYTES = 8192;
const BUSY_TIMEOUT_MS = 5000;
/** 64 MB: checkpoints.ts comes first. */
const LOG_PAGES_AT_MOST = 8192;

export interface OpenOptions {
  readonly clock?: Clock | undefined;
  readonly readonly?: boolean | undefined;
  /** How long a statement waits for another writer. */
  readonly busyTimeoutMs?: number | undefined;
  /** Called after each transaction of `write` and `writeDurably`. */
  readonly onCommit?: (() => void) | undefined;
}

/** `:memory:` gives a database that only this connection sees. */
export function openDatabase(path: string, options: OpenOptions = {}): Connection {
  const sqlite = new Database(path, {
    timeout: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS,
    readonly: options.readonly ?? false,
  });
  try {
    applyPragmas(sqlite, options.readonly ?? false);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  const clock = options.clock ?? systemClock;
  const transact = <Value>(work: () => Value): Value => {
    const value = sqlite.transaction(work).immediate();
    options.onCommit?.();
    return value;
  };
  const log = path === ":memory:" ? null : openLogSync(path);
  const synced = async (): Promise<void> => log?.sync();
  return {
    sqlite,
    orm: drizzle(sqlite),
    now: () => clock.now().toISOString(),
    write: (work) => (sqlite.inTransaction ? work() : transact(work)),
    writeDurably(work) {
      if (sqlite.inTransaction) return work();
      sqlite.pragma("synchronous = FULL");
      try {
        return transact(work);
      } finally {
        sqlite.pragma("synchronous = NORMAL");
      }
    },
    async writeAndSync(work) {
      if (sqlite.inTransaction) throw new AppError("unexpected", "A transaction that is to be synced stands alone.");
      const value = transact(work);
      await synced();
      return value;
    },
    synced,
  };
}

function applyPragmas(sqlite: Database.Database, readonly: boolean): void {
  if (!readonly) {
    // Both only take effect before the first table is made.
    sqlite.pragma(`page_size = ${PAGE_BYTES}`);
    sqlite.pragma("auto_vacuum = INCREMENTAL");
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = NORMAL");
    sqlite.pragma(`wal_autocheckpoint = ${LOG_PAGES_AT_MOST}`);
    sqlite.pragma("foreign_keys = ON");
    sqlite.pragma("secure_delete = ON");
    // After a checkpoint the log shrinks to this, so that one large import does not leave a large file behind.
    sqlite.pragma("journal_size_limit = 67108864");
  }
  sqlite.pragma("temp_store = MEMORY");
  sqlite.pragma("cache_size = -32000");
  sqlite.pragma("trusted_schema = OFF");
}

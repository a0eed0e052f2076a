/** SQLite's failures as the house's errors: every method of a repository is wrapped once, where the store is opened. */
import { SqliteError } from "better-sqlite3";
import { AppError } from "@lorekeep/core";

/** The error itself unless SQLite raised it. Messages of SQLite name tables and columns, never values. */
export function toStoreError(error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const { code } = error;
  const cause = { cause: error };
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return new AppError("database_busy", "The database is busy with another writer. Try again.", {}, cause);
  if (code === "SQLITE_FULL")
    return new AppError("disk_full", "The disk that holds the database is full. Free some space.", {}, cause);
  if (code === "SQLITE_CONSTRAINT_UNIQUE")
    return new AppError("conflict", "That name or key is taken already.", {}, cause);
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT"))
    return new AppError(
      "database_incompatible",
      "The database file is damaged or not a database. Restore a backup.",
      {},
      cause,
    );
  return error;
}

function isSqliteError(error: unknown): error is SqliteError & { code: string } {
  return error instanceof SqliteError && typeof error.code === "string";
}

/** The same port with every method's failures translated; works for synchronous and asynchronous methods. */
export function translateErrors<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        try {
          const result: unknown = Reflect.apply(member, target, given);
          return result instanceof Promise
            ? result.catch((error: unknown) => {
                throw toStoreError(error);
              })
            : result;
        } catch (error) {
          throw toStoreError(error);
        }
      };
    },
  });
}

/** Page cursors: opaque to callers, a JSON list of the last row's sort keys inside. */
import { AppError } from "@lorekeep/core";
import type { Page } from "@lorekeep/core";

export function encodeCursor(keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

/** The sort keys, or null for the first page. Throws request_invalid. */
export function decodeCursor(cursor: string | undefined, kinds: readonly ("string" | "number")[]): unknown[] | null {
  if (cursor === undefined) return null;
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(keys) && keys.length === kinds.length && kinds.every((kind, at) => typeof keys[at] === kind))
      return keys as unknown[];
  } catch {
    // falls through to the one message
  }
  throw new AppError("request_invalid", "The cursor is not one that this server gave out.");
}

/** The row number in a one-number cursor; `first` when there is none. */
export function cursorNumber(cursor: string | undefined, first: number): number {
  const keys = decodeCursor(cursor, ["number"]);
  return keys ? (keys[0] as number) : first;
}

/** A page from `limit + 1` rows: the extra row only tells that there is more. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  keysOf: (row: Row) => readonly (string | number)[],
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last ? encodeCursor(keysOf(last)) : null };
}

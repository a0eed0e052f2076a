import type { ApiKey, CollectionId } from "@lorekeep/core";

/** Who asks; every use case that reads content demands it. Made by the API's one authentication function (or the CLI). */
export interface Actor {
  /** Stable name for ownership, rate limits and the audit log: `user:…`, `key:…`, `cli`. */
  readonly id: string;
  readonly scopes: readonly ("search" | "chat" | "ingest" | "admin")[];
  /** null = every collection. */
  readonly collectionIds: readonly CollectionId[] | null;
  readonly key: ApiKey | null;
}

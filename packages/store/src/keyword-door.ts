/**
 * Where a keyword search runs. In a small store a thread's round trip would cost more than the search, so it runs right
 * here; in a larger one it would hold the event loop, so it runs in a thread with its own read-only connection.
 */
import type { Database } from "better-sqlite3";
import type { Passages } from "@lorekeep/core";
import { openKeywordSearch } from "./keyword-search.ts";
import type { KeywordSearch } from "./keyword-search.ts";
import { openThreadCalls } from "./thread-calls.ts";

type Searches = Pick<Passages, "keywordSearch" | "matchFilter" | "termStatistics" | "facets">;

/** From this many chunk rows on (ever written) a search may take some milliseconds. */
export const THREAD_FROM_CHUNKS = 1500;

export function openKeywordDoor(
  sqlite: Database,
  { path, threadFromChunks = THREAD_FROM_CHUNKS }: { path: string; threadFromChunks?: number | undefined },
): Searches & { close(): Promise<void> } {
  const lastSeq = sqlite.prepare("SELECT coalesce(max(seq), 0) FROM chunks").pluck();
  const thread =
    path === ":memory:" ? null : openThreadCalls(new URL("./keyword-thread.ts", import.meta.url), { path });
  let here: KeywordSearch | null = null;
  let isLarge = false;

  function inProcess(): KeywordSearch | null {
    isLarge ||= thread !== null && (lastSeq.get() as number) >= threadFromChunks;
    return isLarge ? null : (here ??= openKeywordSearch(sqlite));
  }

  return {
    async keywordSearch(request) {
      return (inProcess()?.search(request) ?? thread!.call("search", request)) as ReturnType<Searches["keywordSearch"]>;
    },
    async matchFilter(generationIds, filter) {
      return (inProcess()?.matchFilter(generationIds, filter) ??
        thread!.call("matchFilter", generationIds, filter)) as ReturnType<Searches["matchFilter"]>;
    },
    async termStatistics(generationIds, terms) {
      return (inProcess()?.termStatistics(generationIds, terms) ??
        thread!.call("termStatistics", generationIds, terms)) as ReturnType<Searches["termStatistics"]>;
    },
    async facets(generationIds, filter, timeZone) {
      return (inProcess()?.facets(generationIds, filter, timeZone) ??
        thread!.call("facets", generationIds, filter, timeZone)) as ReturnType<Searches["facets"]>;
    },
    async close() {
      await thread?.close();
    },
  };
}

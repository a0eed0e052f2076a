/**
 * Keyword search over FTS5 with BM25 on one connection: which terms to look for, how to walk them, which rows may come
 * back. Runs in the process or in a worker thread (keyword-worker.ts); :memory: databases can only have the first.
 */
import type { Database } from "better-sqlite3";
import type { KeywordHit, SearchFilter } from "@lorekeep/core";
import { filterToSql } from "./filter-sql.ts";
import { anyOf, queryTerms } from "./keyword-query.ts";
import { openLiveMap } from "./live-map.ts";

export interface KeywordRequest {
  readonly generationIds: readonly string[];
  readonly query: string;
  readonly limit: number;
  readonly allow?: Uint32Array | undefined;
}

export interface KeywordSearch {
  search(request: KeywordRequest): KeywordHit[];
  matchFilter(generationIds: readonly string[], filter: SearchFilter): Uint32Array;
}

export function openKeywordSearch(sqlite: Database): KeywordSearch {
  const liveMap = openLiveMap(sqlite);
  const generationNumbers = sqlite
    .prepare(
      `SELECT g.no FROM generations g JOIN collections c ON c.no = g.collection_no
        WHERE g.id IN (SELECT value FROM json_each(?)) AND c.deleted_at IS NULL`,
    )
    .pluck();
  let mayReturn: (seq: number) => boolean = () => false;
  sqlite.function("may_return", { deterministic: false, directOnly: true }, (seq: number) => (mayReturn(seq) ? 1 : 0));
  const selective = sqlite
    .prepare(
      `SELECT rowid, bm25(chunk_terms, 2.0, 1.5, 1.0) AS score FROM chunk_terms
        WHERE chunk_terms MATCH ? AND may_return(rowid) ORDER BY score LIMIT ?`,
    )
    .raw();
  const findNumbers = (ids: readonly string[]) => new Set(generationNumbers.all(JSON.stringify(ids)) as number[]);

  return {
    search({ generationIds, query, limit, allow }) {
      const terms = queryTerms(query);
      if (terms.length === 0) return [];
      return sqlite.transaction(() => {
        liveMap.refresh();
        const generations = findNumbers(generationIds);
        const allowed = allow ? new Set(allow) : null;
        mayReturn = (seq) => generations.has(liveMap.generationOf(seq)) && (allowed === null || allowed.has(seq));
        const rows = selective.all(anyOf(terms), limit) as [number, number][];
        return rows.map(([seq, score]) => ({ seq, score: -score }));
      })();
    },
    matchFilter(generationIds, filter) {
      const condition = filterToSql(filter);
      const seqs = sqlite
        .prepare(
          `SELECT k.seq FROM generations g JOIN collections c ON c.no = g.collection_no AND c.deleted_at IS NULL
             JOIN document_versions v ON v.generation_no = g.no AND v.status = 'live'
             JOIN documents d ON d.no = v.document_no AND d.deleted_at IS NULL
             JOIN chunks k ON k.version_no = v.no
            WHERE g.id IN (SELECT value FROM json_each(?)) AND ${condition.sql}`,
        )
        .pluck()
        .all(JSON.stringify(generationIds), ...condition.values) as number[];
      return Uint32Array.from(seqs).sort();
    },
  };
}

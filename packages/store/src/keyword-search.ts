/**
 * Keyword search over FTS5 on one connection. Runs in the process or in a worker thread (keyword-threads.ts).
 *
 * What costs is scoring rows that match common words. So the rarest words of a query find the candidates, up to a budget
 * of matching rows, and the best candidates are then scored by all words (bm25.ts). Which rows may come back (live, of
 * these generations, admitted by the filter) is decided while they are found, before any top-k.
 */
import type { Database } from "better-sqlite3";
import type { Facets, KeywordHit, SearchFilter } from "@lorekeep/core";
import { HEADINGS_WEIGHT, scoreByBm25, TITLE_WEIGHT } from "./bm25.ts";
import type { Candidate, TermStatistics } from "./bm25.ts";
import { countFacets } from "./facets.ts";
import { filterToSql } from "./filter-sql.ts";
import { anyOf, queryTerms } from "./keyword-query.ts";
import { openLiveMap } from "./live-map.ts";
import { openTermFrequencies } from "./term-frequencies.ts";
import type { Scope } from "./term-frequencies.ts";
import { scopeTerm } from "./term-index.ts";
import { splitForQuery } from "./split-terms.ts";

export interface KeywordRequest {
  readonly generationIds: readonly string[];
  readonly query: string;
  readonly background?: string | undefined;
  readonly limit: number;
  /** Rows that the filter admits, ascending. */
  readonly allow?: Uint32Array | undefined;
}

export interface KeywordSearch {
  readonly search: (request: KeywordRequest) => KeywordHit[];
  readonly matchFilter: (generationIds: readonly string[], filter: SearchFilter) => Uint32Array;
  readonly termStatistics: (generationIds: readonly string[], terms: readonly string[]) => TermStatistics;
  readonly facets: (generationIds: readonly string[], filter: SearchFilter, timeZone?: string) => Facets;
  /** Live chunks in all generations. */
  readonly liveCount: () => number;
}

/** What bounds the work of one query. */
export interface KeywordLimits {
  /** Rows that the words of one query may match together before its common words are left to the second step. */
  readonly matchBudget: number;
  /** The same under a selective filter, which passes few rows on to scoring, so more may be looked at. */
  readonly filteredMatchBudget: number;
  /** Rows scored by all words, at least. */
  readonly candidateCount: number;
  /** With fewer live chunks every candidate is scored by all words: FTS5 has no sense of rarity there. */
  readonly smallCollection: number;
}
export const KEYWORD_LIMITS: KeywordLimits = {
  matchBudget: 12_000,
  filteredMatchBudget: 60_000,
  candidateCount: 60,
  smallCollection: 2000,
};
const SELECTIVE_SHARE = 0.1;
/** A pasted page is a query by its first words. */
const MAX_TERMS = 48;
const MAX_BACKGROUND_TERMS = 96;

export function openKeywordSearch(sqlite: Database, limits: KeywordLimits = KEYWORD_LIMITS): KeywordSearch {
  const liveMap = openLiveMap(sqlite);
  const frequencies = openTermFrequencies(sqlite, liveMap);
  const admission = openAdmission(sqlite, liveMap);
  const statements = prepare(sqlite);
  /** One state of rows, journal and full text for a whole call. */
  const read = <Value>(work: () => Value): Value =>
    sqlite.transaction(() => {
      liveMap.refresh();
      return work();
    })();
  const findScope = (ids: readonly string[]) =>
    frequencies.scopeOf(statements.generationNumbers.all(JSON.stringify(ids)) as number[]);

  const countKnown = (terms: readonly string[], scope: Scope) =>
    terms
      .map((term) => ({ term, frequency: frequencies.frequency(term, scope) }))
      .filter(({ frequency }) => frequency > 0);

  function find(terms: readonly string[], scope: Scope, request: KeywordRequest): KeywordHit[] {
    const known = countKnown(terms, scope).sort((a, b) => a.frequency - b.frequency);
    if (known.length === 0) return [];
    const background = countKnown(backgroundTerms(request, terms), scope);
    const { allow } = request;
    const isSelective = allow !== undefined && allow.length < SELECTIVE_SHARE * scope.liveCount;
    const chosen = withinBudget(known, isSelective ? limits.filteredMatchBudget : limits.matchBudget);
    const rescore = chosen.length < known.length || scope.liveCount < limits.smallCollection || background.length > 0;
    const limit = rescore ? Math.max(limits.candidateCount, request.limit) : request.limit;
    const range = { from: allow?.at(0) ?? 0, to: allow?.at(-1) ?? Number.MAX_SAFE_INTEGER, limit };
    const rows = admission.during(scope, allow, () => {
      const words = scope.isNarrow
        ? `(${anyOf([...scope.generationNos].map(scopeTerm))}) AND (${anyOf(chosen)})`
        : anyOf(chosen);
      return statements.match.all({ words, ...range }) as [number, number][];
    });
    if (!rescore) return rows.map(([seq, score]) => ({ seq, score: -score }));
    const candidates = rows.flatMap(([seq]) => (statements.candidate.get(seq) as Candidate | undefined) ?? []);
    return scoreByBm25(
      candidates,
      known.map(({ term }) => term),
      {
        documentCount: scope.liveCount,
        frequencies: new Map([...known, ...background].map(({ term, frequency }) => [term, frequency])),
      },
      background.map(({ term }) => term),
    ).slice(0, request.limit);
  }

  return {
    search(request) {
      const terms = queryTerms(request.query).slice(0, MAX_TERMS);
      if (terms.length === 0 || request.allow?.length === 0) return [];
      return read(() => {
        const scope = findScope(request.generationIds);
        return scope.liveCount === 0 ? [] : find(terms, scope, request);
      });
    },
    matchFilter(generationIds, filter) {
      const condition = filterToSql(filter);
      const rows = sqlite
        .prepare(`${MATCHING_CHUNKS} AND ${condition.sql}`)
        .pluck()
        .all(JSON.stringify(generationIds), ...condition.values);
      return Uint32Array.from(rows as number[]).sort();
    },
    termStatistics(generationIds, terms) {
      return read(() => {
        const scope = findScope(generationIds);
        const count = (term: string) => {
          // Callers may have stemmed the word already; what the index has under either form counts.
          const forms = new Set([
            term,
            ...splitForQuery(term)
              .slice(0, 1)
              .map((split) => split.term),
          ]);
          return Math.min(scope.liveCount, Math.max(...[...forms].map((form) => frequencies.frequency(form, scope))));
        };
        return {
          documentCount: scope.liveCount,
          frequencies: new Map(terms.map((term) => [term, scope.liveCount === 0 ? 0 : count(term)])),
        };
      });
    },
    facets(generationIds, filter, timeZone) {
      return countFacets(sqlite, generationIds, filter, timeZone);
    },
    liveCount() {
      return read(() => liveMap.total());
    },
  };
}

function backgroundTerms({ background }: KeywordRequest, terms: readonly string[]): string[] {
  if (background === undefined || background.trim() === "") return [];
  return queryTerms(background)
    .filter((term) => !terms.includes(term))
    .slice(0, MAX_BACKGROUND_TERMS);
}

/** The rarest terms whose matches fit; always the rarest one. */
function withinBudget(terms: readonly { term: string; frequency: number }[], budget: number): string[] {
  const chosen: string[] = [];
  let matches = 0;
  for (const { term, frequency } of terms) {
    if (chosen.length > 0 && matches + frequency > budget) break;
    chosen.push(term);
    matches += frequency;
  }
  return chosen;
}

/** The rows that a running query may return, asked by SQLite for every match before it is scored. */
function openAdmission(sqlite: Database, liveMap: ReturnType<typeof openLiveMap>) {
  let mayReturn: (seq: number) => boolean = () => false;
  sqlite.function("may_return", { directOnly: true }, (seq: number) => (mayReturn(seq) ? 1 : 0));
  return {
    during<Value>({ generationNos }: Scope, allow: Uint32Array | undefined, work: () => Value): Value {
      const isLive = (seq: number) => generationNos.has(liveMap.generationOf(seq));
      if (allow === undefined) mayReturn = isLive;
      else {
        const admitted = new Uint8Array((allow.at(-1) ?? 0) + 1);
        for (const seq of allow) admitted[seq] = 1;
        mayReturn = (seq) => admitted[seq] === 1 && isLive(seq);
      }
      try {
        return work();
      } finally {
        mayReturn = () => false;
      }
    },
  };
}

const MATCHING_CHUNKS = `
  SELECT k.seq FROM generations g JOIN collections c ON c.no = g.collection_no AND c.deleted_at IS NULL
    JOIN document_versions v ON v.generation_no = g.no AND v.status = 'live'
    JOIN documents d ON d.no = v.document_no AND d.deleted_at IS NULL
    JOIN chunks k ON k.version_no = v.no
   WHERE g.id IN (SELECT value FROM json_each(?))`;

function prepare(sqlite: Database) {
  return {
    generationNumbers: sqlite
      .prepare(
        `SELECT g.no FROM generations g JOIN collections c ON c.no = g.collection_no
          WHERE g.id IN (SELECT value FROM json_each(?)) AND c.deleted_at IS NULL`,
      )
      .pluck(),
    // The scope's column has weight 0: it only narrows.
    match: sqlite
      .prepare(
        `SELECT rowid, bm25(chunk_terms, 0.0, ${TITLE_WEIGHT.toFixed(1)}, ${HEADINGS_WEIGHT.toFixed(1)}, 1.0) AS score
           FROM chunk_terms
          WHERE chunk_terms MATCH :words AND rowid BETWEEN :from AND :to AND may_return(rowid)
          ORDER BY score LIMIT :limit`,
      )
      .raw(),
    candidate: sqlite.prepare(
      `SELECT k.seq, k.text, coalesce(d.title || char(10), '') || d.name AS title,
              coalesce((SELECT group_concat(value, char(10)) FROM json_each(k.headings)), '') AS headings
         FROM chunks k JOIN document_versions v ON v.no = k.version_no JOIN documents d ON d.no = v.document_no
        WHERE k.seq = ?`,
    ),
  };
}

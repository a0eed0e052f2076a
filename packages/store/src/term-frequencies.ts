/**
 * In how many chunks of some generations a term is. Exact over the whole index (fts5vocab) or, for generations that are a
 * small part of it, exact within their scope; for large ones the whole index is scaled down. Counts of an earlier state
 * are kept while little has changed since: they only steer which words matter.
 */
import type { Database } from "better-sqlite3";
import type { LiveMap } from "./live-map.ts";
import { allOf } from "./keyword-query.ts";
import { scopeTerm } from "./term-index.ts";

/** Below this share of all live chunks, terms are looked up within the scope only. */
const NARROW_SHARE = 0.3;
const MAX_KEPT = 50_000;
/** Kept counts are thrown away when the number of live chunks has changed by this share. */
const STALE_SHARE = 0.05;

export interface Scope {
  readonly generationNos: ReadonlySet<number>;
  /** Live chunks of these generations. */
  readonly liveCount: number;
  readonly isNarrow: boolean;
}

export interface TermFrequencies {
  scopeOf(generationNos: readonly number[]): Scope;
  frequency(term: string, scope: Scope): number;
}

export function openTermFrequencies(sqlite: Database, liveMap: LiveMap): TermFrequencies {
  const inVocabulary = sqlite.prepare("SELECT doc FROM chunk_vocabulary WHERE term = ?").pluck();
  const inScope = sqlite.prepare("SELECT count(*) FROM chunk_terms WHERE chunk_terms MATCH ?").pluck();
  let kept = new Map<string, number>();
  let keptAtCount = 0;

  function lookUp(term: string, scope: Scope): number {
    if (!scope.isNarrow) return (inVocabulary.get(term) as number | undefined) ?? 0;
    let total = 0;
    for (const no of scope.generationNos) total += inScope.get(allOf([scopeTerm(no), term])) as number;
    return total;
  }

  return {
    scopeOf(generationNos) {
      const liveCount = generationNos.reduce((total, no) => total + liveMap.count(no), 0);
      return {
        generationNos: new Set(generationNos),
        liveCount,
        isNarrow: liveCount < NARROW_SHARE * liveMap.total(),
      };
    },
    frequency(term, scope) {
      const total = liveMap.total();
      if (Math.abs(total - keptAtCount) > STALE_SHARE * keptAtCount || kept.size > MAX_KEPT) {
        kept = new Map();
        keptAtCount = total;
      }
      const key = scope.isNarrow ? `${[...scope.generationNos].join(",")} ${term}` : term;
      let count = kept.get(key);
      if (count === undefined) kept.set(key, (count = lookUp(term, scope)));
      return scope.isNarrow || total === 0 ? count : Math.ceil(count * (scope.liveCount / total));
    },
  };
}

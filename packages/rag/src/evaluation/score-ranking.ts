/** What one search is worth, and many together. */
import { mean, mrrAt, ndcgAt, percentile, recallAt } from "./metrics.ts";
import type { Relevance } from "./metrics.ts";

export interface RankRow {
  readonly ndcgAt10: number;
  readonly mrrAt10: number;
  readonly recallAt10: number;
  readonly recallAt100: number;
  readonly ms: number;
}

/** `found`: ids best first; repeated ones count at their first place. */
export function scoreRanking(found: readonly string[], relevance: Relevance, ms: number): RankRow {
  const ranked = [...new Set(found)];
  return {
    ndcgAt10: ndcgAt(10, ranked, relevance),
    mrrAt10: mrrAt(10, ranked, relevance),
    recallAt10: recallAt(10, ranked, relevance),
    recallAt100: recallAt(100, ranked, relevance),
    ms,
  };
}

export interface ModeFigures {
  readonly ndcgAt10: number;
  readonly mrrAt10: number;
  readonly recallAt10: number;
  readonly recallAt100: number;
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p95: number };
}

export function summarizeRanking(rows: readonly RankRow[]): ModeFigures {
  const times = rows.map(({ ms }) => ms);
  return {
    ndcgAt10: mean(rows.map(({ ndcgAt10 }) => ndcgAt10)),
    mrrAt10: mean(rows.map(({ mrrAt10 }) => mrrAt10)),
    recallAt10: mean(rows.map(({ recallAt10 }) => recallAt10)),
    recallAt100: mean(rows.map(({ recallAt100 }) => recallAt100)),
    latency: { p50: percentile(times, 0.5), p95: percentile(times, 0.95) },
  };
}

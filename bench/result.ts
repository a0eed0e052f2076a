/** What a benchmark returns: one row a measured case; notes say what the ratio is against. */
export interface BenchResult {
  readonly name: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  readonly notes: readonly string[];
}

/** What reader.ts (main thread) and read-worker.ts say to each other, beyond model-thread.ts. */
export interface ReadSetup {
  readonly modelPath: string;
  readonly tokenizerPath: string;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly outputs: 2 | 3;
  readonly maxTokens: number;
  readonly overlapTokens: number;
}
export interface ReadJob {
  readonly question: string;
  readonly passages: readonly string[];
  readonly enough: number | null;
}
/** Of one passage; `span` is in UTF-16 units of it. */
export interface ReadMark {
  readonly span: readonly [start: number, end: number] | null;
  readonly score: number;
  readonly relevance: number | null;
}

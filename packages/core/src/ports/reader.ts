/**
 * Question and passages → where each passage answers, and how surely it does. A reader marks, it writes nothing: its answers are
 * quotes by construction. Scores of one reader compare between questions and calls; a threshold belongs to its fingerprint.
 */
export interface ReadAnswer {
  /** UTF-16 span of the best answer in the passage as given, without white space around it; null when there is nothing to point at. */
  readonly span: readonly [start: number, end: number] | null;
  /** The passage's own text in that span; "" without one. */
  readonly text: string;
  /** Logit of the best span minus that of "no answer here": higher = surer that the passage holds the answer. Always finite. */
  readonly score: number;
  /** Logit that the passage is about the question at all, of models that say so. */
  readonly relevance?: number | undefined;
}
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Stop early: passages come best first, and none after the first whose score reaches this is worth reading. */
  readonly enough?: number | undefined;
}
export interface Reader {
  readonly name: string;
  /** Changes whenever an equal question and passage could get another answer. */
  readonly fingerprint: string;
  /**
   * One answer per passage, in order; with `enough` possibly fewer (those after the sufficient one are left out). Passages may be of any
   * length. Throws model_failed, aborted.
   */
  read(question: string, passages: readonly string[], options?: ReadOptions): Promise<ReadAnswer[]>;
  close(): Promise<void>;
}

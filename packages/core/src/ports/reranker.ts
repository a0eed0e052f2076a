/** Question and passages → one score a passage; higher is better, comparable within one call only. */
export interface Reranker {
  readonly name: string;
  rerank(question: string, passages: readonly string[], signal?: AbortSignal): Promise<number[]>;
  close(): Promise<void>;
}

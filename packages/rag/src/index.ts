/** The product: the write path and the read path against ports, and the instrument that measures them. */
export * from "./answer-question.ts";
export * from "./chat-event.ts";
export * from "./condense-question.ts";
export * from "./ingest-document.ts";
export * from "./retrieve.ts";
export * from "./evaluation/evaluate.ts";
export * from "./evaluation/load-eval-set.ts";
export * from "./evaluation/metrics.ts";
export { CHUNKS_MEDIA_TYPE } from "./read-chunks.ts";
export { PROMPT_VERSION } from "./prompt.ts";

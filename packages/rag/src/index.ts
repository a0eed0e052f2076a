/** The product: the write path and the read path against ports, and the instrument that measures them. */
export * from "./answer-event.ts";
export * from "./answer-question.ts";
export { EXTRACTIVE, type AnswerDeps, type AnswerRequest } from "./answer-run.ts";
export * from "./condense-question.ts";
export type { DenseArm } from "./dense-arm.ts";
export * from "./evaluation/evaluate.ts";
export * from "./evaluation/load-eval-set.ts";
export * from "./evaluation/metrics.ts";
export * from "./ingest-document.ts";
export { PROMPT_VERSION } from "./prompt.ts";
export { CHUNKS_MEDIA_TYPE } from "./read-chunks.ts";
export * from "./retrieve.ts";

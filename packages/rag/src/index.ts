/** The product: the write path and the read path against ports, and the instrument that measures them. */
export * from "./answer-event.ts";
export * from "./answer-question.ts";
export { EXTRACTIVE, type AnswerAdapter, type AnswerDeps, type AnswerRequest, weightsOfTexts } from "./answer-run.ts";
export * from "./answers/attribute-answer.ts";
export * from "./answers/extend-answer.ts";
export { assessQuestion, REFUSAL_JUDGE, type Assessment } from "./calibration/assess-question.ts";
export * from "./calibration/curve-questions.ts";
export * from "./calibration/refusal-curve.ts";
export * from "./condense-question.ts";
export type { DenseArm } from "./dense-arm.ts";
export * from "./evaluation/bootstrap.ts";
export * from "./evaluation/compare-figures.ts";
export * from "./evaluation/evaluate.ts";
export { verdictIn } from "./refuse.ts";
export * from "./evaluation/gold-passages.ts";
export * from "./evaluation/load-eval-set.ts";
export * from "./evaluation/metrics.ts";
export { seededRandom, shuffled } from "./evaluation/seeded-random.ts";
export * from "./evaluation/score-question.ts";
export * from "./evaluation/score-ranking.ts";
export * from "./ingest-document.ts";
export * from "./learn/build-messages.ts";
export {
  cleanExamples,
  cleanExamplesInSlices,
  type CleanedExample,
  type CleanMark,
  type CleanOptions,
  type CleanReport,
} from "./learn/clean-examples.ts";
export * from "./learn/data-card.ts";
export * from "./learn/draft-examples.ts";
export { draftUnanswerable, type UnansweredOptions } from "./learn/draft-unanswerable.ts";
export * from "./learn/feedback-examples.ts";
export * from "./learn/gate.ts";
export type { GateAnswer, GeneralQuestion } from "./learn/gate-figures.ts";
export { DEFAULT_GATE_RULES, type GateRules } from "./learn/gate-rules.ts";
export { GENERAL_SET } from "./learn/general-set.ts";
export { makeUnanswerable, UNANSWERABLE_SHARE, type UnanswerableOptions } from "./learn/make-unanswerable.ts";
export { findPersonalData, type PersonalKind } from "./learn/personal-data.ts";
export type { DraftDocument, DraftPassage } from "./learn/read-sections.ts";
export * from "./learn/refusal-target.ts";
export {
  addPassages,
  DISTRACTORS,
  markUnmarked,
  type RetrievedPassage,
  type RetrievePassages,
} from "./learn/retrieve-distractors.ts";
export { splitByGroup, VALIDATION_SHARE } from "./learn/split-examples.ts";
export {
  buildPrompt,
  MAX_ANSWER_TOKENS,
  PROMPT_VERSION,
  promptName,
  type PromptPassage,
  promptVersions,
  requirePrompt,
  STOP_STRINGS,
} from "./prompt.ts";
export { CHUNKS_MEDIA_TYPE, cutParsed } from "./read-chunks.ts";
export * from "./rerank.ts";
export * from "./retrieve.ts";

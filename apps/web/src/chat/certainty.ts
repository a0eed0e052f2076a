/** How sure the verdict was that the passages answer, as the trace of an answer has it. */
import type { AnswerState } from "./answer-state.ts";

/**
 * Below this, an answer says that it may miss the question. Of SQuAD 2.0's questions that the default threshold lets through, 12 % of the
 * answerable and 41 % of the adversarial ones lie there (bench/calibrate-stated.ts).
 */
const SURE_FROM = 0.8;

export function isUncertain(trace: AnswerState["trace"]): boolean {
  const probability = trace.findLast(({ name }) => name === "judge")?.detail["probability"];
  return typeof probability === "number" && probability < SURE_FROM;
}

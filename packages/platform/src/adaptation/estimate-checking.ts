/**
 * What a fine-tune takes beside its steps: losses of held-out examples on the way, the base's own judgement of preference pairs, and
 * the gate, where base and adapter answer the same questions. Arithmetic from the training's speed: the ratios were measured with
 * SmolLM2-135M on two cores and hold roughly for every base, since all of it reads the same weights.
 */
import { GENERAL_SET } from "@lorekeep/rag";
import { MAX_ASKED } from "./judge-adapter.ts";
import { VALIDATIONS_AN_EPOCH } from "./local-trainer.ts";

/** Of a training step, the forward pass alone. */
const FORWARD_SHARE = 0.43;
/** Tokens a second, in those of training: prompts are read in large batches, answers are written one token at a time. */
const READING = 2;
const WRITING = 0.21;
/** The base chats on; an adapter is short. Tokens of both answers to a held-out question, and to an everyday one. */
const WRITTEN = { heldOut: 110, general: 50 };
const GENERAL_PROMPT_TOKENS = 40;

export interface CheckedRun {
  /** Training examples and held-out ones. */
  readonly examples: number;
  readonly heldOut: number;
  /** Of one example, on average; of one answer in a preference pair. */
  readonly meanTokens: number;
  readonly epochs: number;
  readonly isPreference: boolean;
  readonly tokensPerSecond: number;
}

/** Seconds. */
export function estimateChecking(run: CheckedRun): number {
  const { examples, heldOut, meanTokens, tokensPerSecond } = run;
  const answers = run.isPreference ? 2 : 1;
  const validations = 1 + Math.ceil(run.epochs * VALIDATIONS_AN_EPOCH);
  const reference = run.isPreference ? examples + heldOut : 0;
  const asked = Math.min(heldOut, MAX_ASKED);
  const scored = answers * meanTokens * (validations * heldOut + reference) + 2 * asked * meanTokens;
  const read = 2 * (asked * meanTokens + GENERAL_SET.length * GENERAL_PROMPT_TOKENS);
  const written = asked * WRITTEN.heldOut + GENERAL_SET.length * WRITTEN.general;
  return (scored * FORWARD_SHARE + read / READING + written / WRITING) / tokensPerSecond;
}

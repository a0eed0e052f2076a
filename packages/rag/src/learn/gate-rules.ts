/**
 * The rules that let an adapter answer (K3): measured on enough questions, it wins where it was taught, and loses less than
 * two points elsewhere. Each rule says in one sentence what it saw, so that a person can disagree with it.
 */
import type { AnswerFigures, Gate } from "@lorekeep/core";
import type { Differences } from "./gate-figures.ts";

export interface GateRules {
  /** Held-out answerable examples below this prove nothing. */
  readonly minExamples: number;
  /** What may be lost elsewhere, in [0,1]: two points. */
  readonly tolerance: number;
  /** Of the answerable questions, those that may be refused. */
  readonly maxRefusedWrong: number;
}

export const DEFAULT_GATE_RULES: GateRules = { minExamples: 10, tolerance: 0.02, maxRefusedWrong: 0.1 };

export interface Measured {
  readonly base: AnswerFigures;
  readonly adapter: AnswerFigures;
  readonly differences: Differences;
  readonly answerableCount: number;
  readonly unanswerableCount: number;
}

/** 49 of 50 right is a loss of two points, whatever the sum of fifty fractions says. */
const ROUNDING = 1e-9;

type Verdict = Gate["verdicts"][number];

export function judgeGate(measured: Measured, rules: GateRules): Verdict[] {
  return [enough(measured, rules), wins(measured, rules), refusal(measured, rules), support(measured, rules)].concat(
    general(measured, rules),
  );
}

function enough({ answerableCount, unanswerableCount }: Measured, { minExamples }: GateRules): Verdict {
  const passed = answerableCount >= minExamples;
  const counted = `${answerableCount} held-out questions with an answer and ${unanswerableCount} without`;
  const detail = passed
    ? `Measured on ${counted}.`
    : `Only ${counted}: at least ${minExamples} with an answer are needed.`;
  return { rule: "enough examples", passed, detail };
}

function wins({ base, adapter, differences }: Measured, { tolerance }: GateRules): Verdict {
  const { f1, loss } = differences;
  const f1Wins = f1 !== undefined && f1.interval[0] > 0;
  const lossWins = loss !== undefined && loss.interval[1] < 0;
  const f1Holds = (f1?.mean ?? 0) > -tolerance;
  const said = [
    f1 && `F1 ${fixed(base.f1)} → ${fixed(adapter.f1)} (difference ${signed(f1.mean)}, 95 % ${range(f1.interval)})`,
    loss && `loss ${fixed(base.loss)} → ${fixed(adapter.loss)} (95 % ${range(loss.interval)})`,
  ].filter((part) => part !== undefined);
  const verdict =
    f1Wins || (lossWins && f1Holds) ? "Better than the base beyond chance" : "Not better than the base beyond chance";
  return {
    rule: "wins on the data set",
    passed: f1Wins || (lossWins && f1Holds),
    detail: `${verdict}: ${said.join("; ") || "nothing was measured"}.`,
  };
}

/** Balanced, because a base that never refuses is wrong on every question without an answer and right on every other. */
function refusal({ base, adapter }: Measured, { tolerance, maxRefusedWrong }: GateRules): Verdict {
  const before = balanced(base);
  const after = balanced(adapter);
  const tooMany = adapter.refusedWrong > Math.max(maxRefusedWrong, base.refusedWrong);
  const passed = after - before > -tolerance && !tooMany;
  const right =
    adapter.refusedRight === null
      ? "no question without an answer was held out"
      : `refused ${percent(base.refusedRight)} → ${percent(adapter.refusedRight)} of the questions without an answer`;
  const wrong = `${percent(base.refusedWrong)} → ${percent(adapter.refusedWrong)} of those with one`;
  const limit = tooMany ? ` (at most ${percent(maxRefusedWrong)} may be)` : "";
  return { rule: "refusal", passed, detail: capitalized(`${right}, and ${wrong}${limit}.`) };
}

/** Fails on a loss that is real: shorter answers have fewer words to find, so single questions swing far. */
function support({ base, adapter, differences }: Measured, { tolerance }: GateRules): Verdict {
  const difference = differences.citationSupport;
  const passed = difference === undefined || difference.mean > -tolerance || difference.interval[1] >= 0;
  const words = `${percent(base.citationSupport)} → ${percent(adapter.citationSupport)} of the answers' words stand in the passages`;
  return { rule: "citation support", passed, detail: `${words}.` };
}

/** Two of a hundred facts come and go by chance: what fails is a loss of two points that the interval does not explain. */
function general({ base, adapter, differences }: Measured, { tolerance }: GateRules): Verdict[] {
  const difference = differences.generalScore;
  if (difference === undefined) return [];
  const { mean, interval } = difference;
  const holds = mean > -tolerance + ROUNDING;
  const passed = holds || interval[1] >= 0;
  const points = `${signed(mean * 100, 1)} points (${percent(base.generalScore)} → ${percent(adapter.generalScore)}, 95 % ${points95(interval)})`;
  const limit = `less than ${(tolerance * 100).toFixed(0)} may be lost${passed && !holds ? ", and this loss may be chance" : ""}`;
  return [{ rule: "general knowledge", passed, detail: `General questions without passages: ${points}; ${limit}.` }];
}

const balanced = ({ refusedRight, refusedWrong }: AnswerFigures): number =>
  refusedRight === null ? 1 - refusedWrong : (refusedRight + 1 - refusedWrong) / 2;
const fixed = (value: number | null): string => (value === null ? "–" : value.toFixed(3));
const signed = (value: number, digits = 3): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
const range = ([low, high]: readonly [number, number]): string => `${signed(low)} to ${signed(high)}`;
const points95 = ([low, high]: readonly [number, number]): string =>
  `${signed(low * 100, 1)} to ${signed(high * 100, 1)}`;
const percent = (value: number | null): string => (value === null ? "–" : `${(value * 100).toFixed(0)} %`);
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

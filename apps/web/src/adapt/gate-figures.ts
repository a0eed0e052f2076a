/** The figures of the gate: in which order they are shown, which way is better, and what a difference means in words. */
import type { AnswerFigures, Gate } from "@lorekeep/core";

export interface FigureKind {
  readonly key: keyof AnswerFigures;
  readonly unit: "share" | "fine" | "rate";
  readonly lowerIsBetter: boolean;
}

export const GATE_FIGURES: readonly FigureKind[] = [
  { key: "f1", unit: "share", lowerIsBetter: false },
  { key: "rougeL", unit: "share", lowerIsBetter: false },
  { key: "refusedRight", unit: "share", lowerIsBetter: false },
  { key: "refusedWrong", unit: "share", lowerIsBetter: true },
  { key: "citationSupport", unit: "share", lowerIsBetter: false },
  { key: "loss", unit: "fine", lowerIsBetter: true },
  { key: "generalScore", unit: "share", lowerIsBetter: false },
  { key: "generalLoss", unit: "fine", lowerIsBetter: true },
  { key: "tokensPerSecond", unit: "rate", lowerIsBetter: false },
];

export type Change = "better" | "worse" | "same";

/** "same" = zero lies in the interval: the two cannot be told apart on these questions. */
export function changeOf(
  difference: { readonly mean: number; readonly interval: readonly [number, number] },
  lowerIsBetter: boolean,
): Change {
  const [low, high] = difference.interval;
  if (low <= 0 && high >= 0) return "same";
  return difference.mean > 0 !== lowerIsBetter ? "better" : "worse";
}

export interface GateRow extends FigureKind {
  readonly base: number | null;
  readonly adapter: number | null;
  readonly difference: Gate["differences"][string] | null;
  readonly change: Change | null;
}

/** What was measured on at least one side; a figure without an interval gets no verdict. */
export function gateRows(gate: Gate): GateRow[] {
  return GATE_FIGURES.map((kind) => {
    const difference = gate.differences[kind.key] ?? null;
    return {
      ...kind,
      base: gate.base[kind.key],
      adapter: gate.adapter[kind.key],
      difference,
      change: difference === null ? null : changeOf(difference, kind.lowerIsBetter),
    };
  }).filter((row) => row.base !== null || row.adapter !== null);
}

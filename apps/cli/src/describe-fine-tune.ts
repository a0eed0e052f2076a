/** Estimates, fine-tunes and gate reports as lines for people. */
import type { Adapter, AnswerFigures, FineTune, FineTuneEstimate, Gate } from "@lorekeep/core";
import { tableOf } from "./terminal.ts";

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : value.toFixed(3);

/** `45 s`, `12 min`, `1 h 20 min`. */
export function describeSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function describeEstimate(estimate: FineTuneEstimate): string[] {
  const { examples, tokens, steps, seconds, tokensPerSecond, memoryMode, memoryBytes, freeMemoryBytes } = estimate;
  const mode = estimate.lanes === 2 ? `${memoryMode}, two lanes` : memoryMode;
  return [
    `${examples} examples, ${tokens} tokens, ${steps} steps: about ${describeSeconds(seconds)} at ${Math.round(tokensPerSecond)} tokens/s`,
    ...(estimate.checkingSeconds === undefined
      ? []
      : [`then the comparison with the base: about ${describeSeconds(estimate.checkingSeconds)}`]),
    `memory: ${gigabytes(memoryBytes)} of ${gigabytes(freeMemoryBytes)} free (${mode}); disk: ${gigabytes(estimate.diskBytes)}`,
    ...estimate.notes,
    ...(estimate.fits ? [] : ["It does not fit on this machine now."]),
  ];
}

/** What stands behind the bar. */
export function describeProgress(fineTune: FineTune): string {
  const { loss, validationLoss, tokensPerSecond, etaSeconds } = fineTune;
  const [last, validation] = [loss.at(-1), validationLoss.at(-1)];
  return [
    last === undefined ? null : `loss ${last.loss.toFixed(3)}`,
    validation === undefined ? null : `validation ${validation.loss.toFixed(3)}`,
    tokensPerSecond === null ? null : `${Math.round(tokensPerSecond)} tokens/s`,
    etaSeconds === null ? null : `${describeSeconds(etaSeconds)} left`,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

const range = (points: readonly { loss: number }[]): string =>
  points.length === 0 ? "–" : `${figure(points[0]?.loss)} → ${figure(points.at(-1)?.loss)}`;

export function describeFineTune(fineTune: FineTune): string[] {
  const { recipe, skippedSteps, error, gate } = fineTune;
  const skipped = skippedSteps === 0 ? "" : `, ${skippedSteps} skipped`;
  return [
    `${fineTune.id}  ${fineTune.name}: ${fineTune.status}${fineTune.status === "running" ? ` (${fineTune.phase})` : ""}`,
    `dataset ${fineTune.datasetName}, base ${fineTune.base}, rank ${recipe.rank}, ${recipe.epochs} epochs, learning rate ${recipe.learningRate}`,
    `step ${fineTune.step} of ${fineTune.steps}${skipped}; loss ${range(fineTune.loss)}, validation ${range(fineTune.validationLoss)}`,
    ...(fineTune.adapterId === null ? [] : [`adapter ${fineTune.adapterId}`]),
    ...(error === null ? [] : [`${error.detail} (${error.code})`]),
    ...(gate === null ? [] : ["", ...describeGate(gate)]),
  ];
}

const FIGURES = [
  ["answer F1", "f1"],
  ["ROUGE-L", "rougeL"],
  ["refused, rightly", "refusedRight"],
  ["refused, wrongly", "refusedWrong"],
  ["words in the passages", "citationSupport"],
  ["loss", "loss"],
  ["general loss", "generalLoss"],
  ["tokens/s", "tokensPerSecond"],
] as const satisfies readonly (readonly [string, keyof AnswerFigures])[];

export function describeGate(gate: Gate): string[] {
  const { base, adapter, differences, verdicts, served } = gate;
  const rows = FIGURES.map(([label, key]) => {
    const difference = differences[key];
    const shown =
      difference === undefined
        ? ""
        : `${difference.mean >= 0 ? "+" : ""}${figure(difference.mean)} [${difference.interval.map(figure).join(", ")}]`;
    return [label, figure(base[key]), figure(adapter[key]), shown];
  });
  return [
    `gate, ${gate.exampleCount} examples: ${gate.passed ? "passed" : "not passed"}`,
    ...verdicts.map(({ rule, passed, detail }) => `  ${passed ? "yes" : "NO "}  ${rule}: ${detail}`),
    tableOf(["", "base", "adapter", "difference [95 %]"], rows),
    ...(served === undefined
      ? []
      : [`served as trained to ${figure(served.gap)} nats a token, on ${served.examples} right answers`]),
  ];
}

export function describePlaces({ activeIn }: Pick<Adapter, "activeIn">): string {
  if (activeIn.length === 0) return "off";
  return activeIn
    .map(
      ({ collectionId, scale }) =>
        `${collectionId === "*" ? "everywhere" : collectionId}${scale === 1 ? "" : ` × ${scale}`}`,
    )
    .join(", ");
}

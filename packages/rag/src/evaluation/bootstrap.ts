/**
 * Is the difference between two runs over the same questions more than chance? Resample the questions, not the answers: each
 * resample keeps the pair together, so what a question is like cancels out (Koehn 2004, paired bootstrap; Efron 1979,
 * percentile interval).
 */
import type { Gate } from "@lorekeep/core";
import { bootstrapInterval, mean } from "./metrics.ts";

export type PairedDifference = Gate["differences"][string];

/** `differences`: after minus before, one for each question. The 95 % interval; [0, 0] for none. Seeded. */
export function pairedBootstrap(
  differences: readonly number[],
  options: { readonly seed?: number; readonly resamples?: number } = {},
): PairedDifference {
  const { seed = 1, resamples = 2000 } = options;
  const { low, high } = bootstrapInterval(differences, { seed, rounds: resamples });
  return { mean: mean(differences), interval: [low, high] };
}

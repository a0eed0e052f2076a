/**
 * The learning rate of a step: linear warm-up, then cosine (Loshchilov & Hutter 2017, SGDR, eq. 5 with one cycle) or a
 * straight line down to a floor. Without warm-up the first step has the full rate, as in the usual PyTorch schedules.
 */
import type { Recipe } from "./recipe.ts";

/** step: 0-based, steps: length of the run. */
export function learningRateAt(step: number, steps: number, recipe: Recipe): number {
  const { learningRate, warmupSteps, finalShare = 0 } = recipe;
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  if (recipe.schedule === "constant") return learningRate;
  const way = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  const left = recipe.schedule === "cosine" ? (1 + Math.cos(Math.PI * way)) / 2 : 1 - way;
  return learningRate * (finalShare + (1 - finalShare) * left);
}

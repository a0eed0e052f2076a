/**
 * Which examples make up which step. Examples of like length share a batch, so little is computed on padding; the batches
 * of an epoch and their members change with the epoch. Everything follows from (seed, epoch): a resumed run computes the
 * same plan again and goes on at its step.
 */
import type { Recipe } from "./recipe.ts";
import { seededRandom, shuffled } from "./random.ts";

/** One optimiser step: its batches hold indexes of examples. */
export interface PlannedStep {
  readonly epoch: number;
  readonly isEpochEnd: boolean;
  readonly batches: readonly (readonly number[])[];
  /** By lengthOf, without padding. */
  readonly tokens: number;
}

/** Lengths within one bucket are shuffled among each other: at most this many tokens of padding come from the bucket. */
const BUCKET_TOKENS = 8;
/** Keeps the shuffles of an epoch apart from every other use of the seed. */
const BATCH_STREAM = 1;

/**
 * Cuts examples, given in order, into batches of at most batchTokens including padding. A batch of several examples gives its last
 * one to the next batch where that makes its count even, so that two lanes have equal halves (split-step.ts).
 */
export function cutBatches(order: readonly number[], lengths: readonly number[], batchTokens: number): number[][] {
  const batches: number[][] = [];
  let batch: number[] = [];
  let longest = 0;
  for (const index of order) {
    const length = Math.max(longest, lengths[index]!);
    if (batch.length > 0 && length * (batch.length + 1) > batchTokens) {
      const pair = 2 * Math.max(lengths[batch.at(-1)!]!, lengths[index]!);
      const kept = batch.length > 2 && batch.length % 2 === 1 && pair <= batchTokens ? [batch.pop()!] : [];
      batches.push(batch);
      batch = kept;
      longest = kept.length === 0 ? 0 : lengths[kept[0]!]!;
    }
    batch.push(index);
    longest = Math.max(longest, lengths[index]!);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Every example once: shuffled, sorted by bucket, cut, and the batches shuffled. */
export function batchesOfEpoch(
  lengths: readonly number[],
  batchTokens: number,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): number[][] {
  const random = seededRandom(seed, BATCH_STREAM, epoch);
  const bucketOf = (index: number): number => Math.ceil(lengths[index]! / BUCKET_TOKENS);
  const order = shuffled([...lengths.keys()], random).sort((a, b) => bucketOf(a) - bucketOf(b));
  return shuffled(cutBatches(order, lengths, batchTokens), random);
}

/** All steps of the run, at most maxSteps. */
export function planSteps(
  lengths: readonly number[],
  recipe: Pick<Recipe, "batchTokens" | "epochs" | "seed" | "accumulate" | "maxSteps">,
): PlannedStep[] {
  const { accumulate = 1, maxSteps = Infinity } = recipe;
  const steps: PlannedStep[] = [];
  for (let epoch = 0; epoch < recipe.epochs && steps.length < maxSteps; epoch += 1) {
    const all = batchesOfEpoch(lengths, recipe.batchTokens, { seed: recipe.seed, epoch });
    for (let from = 0; from < all.length && steps.length < maxSteps; from += accumulate) {
      const batches = all.slice(from, from + accumulate);
      const tokens = batches.flat().reduce((sum, index) => sum + lengths[index]!, 0);
      steps.push({ epoch, isEpochEnd: from + accumulate >= all.length, batches, tokens });
    }
  }
  return steps;
}

/**
 * Which texts share a run of the encoder. A batch is padded to its longest text, so texts of like length go together; beyond
 * about 100 tokens a batch brings nothing on a CPU, so a batch is bounded by its padded tokens, not by its texts.
 */
export const BATCH_TOKENS = 512;

/**
 * Indexes into `lengths`, grouped; each group sorted by length, its padded size (longest × count) at most `budget`, unless one
 * text alone is larger. Every index occurs once.
 */
export function planBatches(lengths: readonly number[], budget: number = BATCH_TOKENS): number[][] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[a]! - lengths[b]!);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const index of order) {
    if (batch.length > 0 && (batch.length + 1) * lengths[index]! > budget) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

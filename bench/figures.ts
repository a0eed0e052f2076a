/** Small figures of many samples, as tables show them. */

/** The p-th percentile (0–100) of the samples, in their unit. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? 0;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

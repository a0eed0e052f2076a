/**
 * The score of the house: the dot product of two unit vectors, which is their cosine. Plain float64 sums over float32
 * inputs, so this is also the oracle that every faster way is compared with.
 */

/** Σ a[aStart+i]·b[bStart+i] for i in [0, dimensions). Four sums run side by side, because one would wait for itself. */
export function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, dimensions: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = dimensions - (dimensions % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[aStart + i] * b[bStart + i];
    s1 += a[aStart + i + 1] * b[bStart + i + 1];
    s2 += a[aStart + i + 2] * b[bStart + i + 2];
    s3 += a[aStart + i + 3] * b[bStart + i + 3];
  }
  for (let i = whole; i < dimensions; i += 1) s0 += a[aStart + i] * b[bStart + i];
  return s0 + s1 + (s2 + s3);
}

/** Token vectors → one unit vector per text. */
import { AppError } from "@lorekeep/core";

export type Pooling = "mean" | "first" | "last";

/**
 * hidden: [batch, tokens, dimensions] · lengths: tokens of each text, the rest of its row is padding → one vector per text.
 * Mean over the text's own tokens, its first or its last one; scaled to length 1. A text of no tokens yields zeros, not NaN.
 * Throws shape_mismatch. Source: Reimers & Gurevych 2019, section 3.
 */
export function poolVectors(
  hidden: Float32Array,
  shape: { lengths: readonly number[]; tokens: number; dimensions: number },
  pooling: Pooling,
): Float32Array[] {
  const { lengths, tokens, dimensions } = shape;
  if (hidden.length !== lengths.length * tokens * dimensions)
    throw new AppError("shape_mismatch", "The encoder's output has another shape than its input asked for.", {
      expected: lengths.length * tokens * dimensions,
      found: hidden.length,
    });
  return lengths.map((length, text) => {
    const vector = new Float32Array(dimensions);
    const first = pooling === "last" ? Math.max(0, length - 1) : 0;
    const end = pooling === "first" ? Math.min(1, length) : length;
    for (let token = first; token < end; token += 1) {
      const from = (text * tokens + token) * dimensions;
      for (let d = 0; d < dimensions; d += 1) vector[d] = vector[d]! + hidden[from + d]!;
    }
    let square = 0;
    for (const value of vector) square += value * value;
    const scale = square === 0 ? 0 : 1 / Math.sqrt(square);
    return vector.map((value) => value * scale);
  });
}

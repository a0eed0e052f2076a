/**
 * All trained parameters in one flat Float32Array, one after the other in the order of their specs. The optimiser, the
 * clipping and the checkpoint see one array; ONNX Runtime sees a view per parameter; nothing is copied between them.
 */
import type { ParameterSpec } from "./training-task.ts";

export function sizeOf(spec: ParameterSpec): number {
  return spec.shape.reduce((product, dimension) => product * dimension, 1);
}

export function flatLength(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/** A view per parameter into `flat`, by name, in the order of the specs. */
export function viewsOf(flat: Float32Array, specs: readonly ParameterSpec[]): Map<string, Float32Array> {
  const views = new Map<string, Float32Array>();
  let from = 0;
  for (const spec of specs) {
    views.set(spec.name, flat.subarray(from, from + sizeOf(spec)));
    from += sizeOf(spec);
  }
  return views;
}

/** A random adapter for the tiny test model, strong enough to change its logits visibly; and its merged weights. */
import { LINEAR_NAMES, linearShapes, type LinearName, type LlamaConfig } from "../../gguf/llama-config.ts";
import type { WeightSource } from "../../gguf/testing/reference-forward.ts";
import { randomWeights, TINY_LLAMA, tinyLlamaTensors } from "../../gguf/testing/tiny-llama.ts";
import type { Adapter } from "../adapter.ts";

export function tinyAdapter({
  config = TINY_LLAMA,
  rank = 4,
  alpha = 6,
  linears = LINEAR_NAMES,
}: { config?: LlamaConfig; rank?: number; alpha?: number; linears?: readonly LinearName[] } = {}): Adapter {
  const shapes = linearShapes(config);
  const tensors = Array.from({ length: config.layers }, (_, layer) =>
    linears.map((linear, i) => {
      const [out, into] = shapes[linear];
      const seed = 1000 + layer * 100 + i * 2;
      return {
        name: `blk.${layer}.${linear}.weight`,
        a: randomWeights(rank * into, 0.3, seed),
        b: randomWeights(out * rank, 0.3, seed + 1),
      };
    }),
  ).flat();
  return { tensors, rank, alpha };
}

/** The tiny model's weights, with the adapter (if any) merged in. */
export function tinyWeights(adapter: Adapter | null, config: LlamaConfig = TINY_LLAMA, seed = 1): WeightSource {
  return mergedWeights(new Map(tinyLlamaTensors(config, seed).map(({ name, data }) => [name, data])), adapter);
}

/** W + alpha / rank · B · A in double precision where the adapter changes W, else W. */
export function mergedWeights(weights: ReadonlyMap<string, Float32Array>, adapter: Adapter | null): WeightSource {
  const merged = new Map<string, Float64Array>();
  for (const [name, data] of weights) merged.set(name, Float64Array.from(data));
  const { rank, alpha, tensors } = adapter ?? { rank: 1, alpha: 1, tensors: [] };
  for (const { name, a, b } of tensors) {
    const weight = merged.get(name)!;
    const into = a.length / rank;
    for (let at = 0; at < weight.length; at++) {
      const row = Math.floor(at / into);
      for (let r = 0; r < rank; r++) weight[at]! += (alpha / rank) * b[row * rank + r]! * a[r * into + (at % into)]!;
    }
  }
  return (name) => merged.get(name)!;
}

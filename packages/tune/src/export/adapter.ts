/**
 * A LoRA adapter in memory, in the layout of GGUF (q and k rows in the order of interleaved RoPE), which is also the
 * trainer's. Every format reads into it and writes from it, so two formats never meet. W' = W + alpha / rank · B · A.
 */
import { AppError } from "@lorekeep/core";
import { LINEAR_NAMES, linearShapes, type LinearName, type LlamaConfig } from "../gguf/llama-config.ts";

export interface AdapterTensor {
  /** The adapted weight, by its GGUF name: "blk.0.attn_q.weight". */
  readonly name: string;
  /** A, row-major [rank][in]. */
  readonly a: Float32Array;
  /** B, row-major [out][rank]. */
  readonly b: Float32Array;
}

export interface Adapter {
  readonly tensors: readonly AdapterTensor[];
  readonly rank: number;
  /** The adapter is scaled by alpha / rank. */
  readonly alpha: number;
}

const NAME = /^blk\.(0|[1-9]\d{0,4})\.([a-z_]+)\.weight$/;

function isLinearName(name: string): name is LinearName {
  return (LINEAR_NAMES as readonly string[]).includes(name);
}

/** Layer and linear of "blk.N.X.weight", or null for a weight that takes no adapter. */
export function adapterPlace(name: string): { layer: number; linear: LinearName } | null {
  const [, layer, linear] = NAME.exec(name) ?? [];
  return layer !== undefined && linear !== undefined && isLinearName(linear) ? { layer: Number(layer), linear } : null;
}

export function adapterError(what: string, details: Record<string, unknown> = {}): AppError {
  return new AppError("model_invalid", `The adapter cannot be used: ${what}.`, details);
}

/**
 * Throws model_invalid, in a sentence, unless the adapter fits a base of this shape: known weights, right sizes, finite
 * numbers, each weight once. llama.cpp itself would only say that it failed to load the adapter.
 */
export function checkAdapter(adapter: Adapter, config: LlamaConfig): void {
  const { rank, alpha, tensors } = adapter;
  if (!Number.isInteger(rank) || rank < 1) throw adapterError(`its rank is ${rank}`);
  if (!Number.isFinite(alpha) || alpha <= 0) throw adapterError(`its alpha is ${alpha}`);
  if (tensors.length === 0) throw adapterError("it changes no weight");
  const shapes = linearShapes(config);
  const seen = new Set<string>();
  for (const { name, a, b } of tensors) {
    const place = adapterPlace(name);
    if (place === null)
      throw adapterError(`it changes ${name}; only the linear layers ${LINEAR_NAMES.join(", ")} can be`);
    if (place.layer >= config.layers)
      throw adapterError(
        `it changes layer ${place.layer}, but the base has layers 0 to ${config.layers - 1}; it belongs to another base model`,
      );
    if (seen.has(name)) throw adapterError(`it changes ${name} twice`);
    seen.add(name);
    const [out, into] = shapes[place.linear];
    if (a.length !== rank * into || b.length !== out * rank)
      throw adapterError(
        `its part for ${name} is for a weight of ${b.length / rank}×${a.length / rank}, but the base has ${out}×${into}; it belongs to another base model`,
      );
    if (!isFinite(a) || !isFinite(b)) throw adapterError(`its part for ${name} holds values that are not numbers`);
  }
}

function isFinite(values: Float32Array): boolean {
  let sum = 0;
  for (const value of values) sum += value;
  return Number.isFinite(sum);
}

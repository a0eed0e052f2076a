/**
 * The Llama forward pass in plain loops and double precision, on weights in GGUF layout (interleaved RoPE): slow, and
 * short enough to be checked by eye. The yardstick for whatever computes the same thing faster or in another layout.
 */
import type { LlamaConfig } from "../llama-config.ts";

type Vector = Float64Array;
/** A weight by its GGUF name, rows first. */
export type WeightSource = (name: string) => ArrayLike<number>;

/** rows [out][in] · x [in]. */
function multiply(rows: ArrayLike<number>, x: Vector): Vector {
  const out = new Float64Array(rows.length / x.length);
  for (let o = 0; o < out.length; o++) for (let i = 0; i < x.length; i++) out[o]! += rows[o * x.length + i]! * x[i]!;
  return out;
}

function normed(x: Vector, weight: ArrayLike<number>, epsilon: number): Vector {
  const scale = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + epsilon);
  return x.map((value, i) => value * scale * weight[i]!);
}

/** Turns rows 2j and 2j + 1 of every head by position · base^(−2j/d). */
function rotated(x: Vector, position: number, { headDimension: d, ropeBase }: LlamaConfig): Vector {
  const turned = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += 2) {
    const angle = position * ropeBase ** (-(at % d) / d);
    turned[at] = x[at]! * Math.cos(angle) - x[at + 1]! * Math.sin(angle);
    turned[at + 1] = x[at]! * Math.sin(angle) + x[at + 1]! * Math.cos(angle);
  }
  return turned;
}

function softmax(scores: number[]): number[] {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function attend(config: LlamaConfig, queries: Vector[], keys: Vector[], values: Vector[]): Vector[] {
  const { heads, kvHeads, headDimension: d } = config;
  return queries.map((query, position) => {
    const out = new Float64Array(heads * d);
    for (let head = 0; head < heads; head++) {
      const shared = Math.floor((head * kvHeads) / heads) * d;
      const scores = keys.slice(0, position + 1).map((key) => {
        let dot = 0;
        for (let i = 0; i < d; i++) dot += query[head * d + i]! * key[shared + i]!;
        return dot / Math.sqrt(d);
      });
      for (const [t, weight] of softmax(scores).entries())
        for (let i = 0; i < d; i++) out[head * d + i]! += weight * values[t]![shared + i]!;
    }
    return out;
  });
}

const sum = (x: Vector, y: Vector): Vector => x.map((value, i) => value + y[i]!);

/** Logits [position][vocabulary] of one sequence. */
export function referenceLogits(config: LlamaConfig, weight: WeightSource, ids: readonly number[]): Vector[] {
  const { hidden, rmsEpsilon } = config;
  const embedding = weight("token_embd.weight");
  let states: Vector[] = ids.map((id) => Float64Array.from({ length: hidden }, (_, i) => embedding[id * hidden + i]!));
  for (let layer = 0; layer < config.layers; layer++) {
    const named = (name: string) => weight(`blk.${layer}.${name}.weight`);
    const inputs = states.map((x) => normed(x, named("attn_norm"), rmsEpsilon));
    const queries = inputs.map((x, t) => rotated(multiply(named("attn_q"), x), t, config));
    const keys = inputs.map((x, t) => rotated(multiply(named("attn_k"), x), t, config));
    const values = inputs.map((x) => multiply(named("attn_v"), x));
    const attended = attend(config, queries, keys, values);
    states = states.map((x, t) => sum(x, multiply(named("attn_output"), attended[t]!)));
    states = states.map((x) => {
      const y = normed(x, named("ffn_norm"), rmsEpsilon);
      const up = multiply(named("ffn_up"), y);
      const gated = multiply(named("ffn_gate"), y).map((value, i) => (value / (1 + Math.exp(-value))) * up[i]!);
      return sum(x, multiply(named("ffn_down"), gated));
    });
  }
  const head = config.tiedEmbeddings ? embedding : weight("output.weight");
  return states.map((x) => multiply(head, normed(x, weight("output_norm.weight"), rmsEpsilon)));
}

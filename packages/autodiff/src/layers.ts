/** Words composed of others: their gradients come by themselves. */
import type { Value } from "./graph.ts";
import {
  add,
  expand,
  logSoftmax,
  matmul,
  mul,
  neg,
  pick,
  reciprocal,
  reduceSum,
  reshape,
  scale,
  sqrt,
  sub,
} from "./ops.ts";
import { floatType, mismatch } from "./tensor-type.ts";
import type { Dim } from "./tensor-type.ts";

/** Mean over the last axis, kept with size 1. Its size must be known. */
export function meanOfLast(x: Value): Value {
  const axis = x.type.dims.length - 1;
  const size = x.type.dims[axis] as Dim;
  if (typeof size !== "number") throw mismatch("meanOfLast", "the last axis must have a known size");
  return scale(reduceSum(x, [axis]), 1 / size);
}

/** x / √(mean(x²) + ε) · weight (Zhang and Sennrich 2019). weight [size]. */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const variance = add(meanOfLast(mul(x, x)), x.graph.constant([epsilon], floatType([])));
  return mul(mul(x, reciprocal(sqrt(variance))), weight);
}

/** (x − mean) / √(variance + ε) · weight + bias (Ba et al. 2016). weight, bias [size]. */
export function layerNorm(x: Value, weight: Value, bias: Value, epsilon: number): Value {
  const centred = sub(x, meanOfLast(x));
  const variance = add(meanOfLast(mul(centred, centred)), x.graph.constant([epsilon], floatType([])));
  return add(mul(mul(centred, reciprocal(sqrt(variance))), weight), bias);
}

/** x [rows, in], weight [out, in] → [rows, out]. */
export const linear = (x: Value, weight: Value): Value => matmul(x, weight, { transposeB: true });

/** linear plus a low-rank path: x Wᵀ + factor · (x Aᵀ) Bᵀ; A [rank, in], B [out, rank] (Hu et al. 2021, equation 3). */
export function loraLinear(x: Value, weight: Value, a: Value, b: Value, factor: number): Value {
  return add(linear(x, weight), matmul(linear(x, a), b, { transposeB: true, alpha: factor }));
}

/** Negative log-likelihood of `targets` int64 [m] under logits [m, n] → [m, 1], nats. */
export const crossEntropy = (logits: Value, targets: Value): Value => neg(pick(logSoftmax(logits), targets));

/** Sum of all numbers, as a scalar. */
export function sumAll(x: Value): Value {
  const axes = x.type.dims.map((_, i) => i);
  return reshape(reduceSum(x, axes), []);
}

/** Ones of this shape. */
export const ones = (like: Value): Value => expand(like.graph.constant([1], floatType([])), like.type.dims);

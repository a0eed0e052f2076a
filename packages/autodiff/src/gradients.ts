/**
 * For each op, its vector-Jacobian product: given what the loss changes by for the node's output (the gradient, same shape as
 * the output), what it changes by for each input. This table is all there is to know about differentiating one node; the
 * order of walking is differentiate.ts. Every rule is tested against finite differences.
 *
 * `null` = no gradient flows there (ids, tables that are never trained).
 */
import type { Attributes, OpName, Value } from "./graph.ts";
import {
  add,
  erf,
  exp,
  expand,
  gatherRows,
  matmul,
  mul,
  neg,
  pick,
  reciprocal,
  reduceSum,
  reshape,
  rotary,
  scalar,
  scale,
  scatterRows,
  sigmoid,
  sub,
  transpose,
  unpick,
} from "./ops.ts";
import { mismatch } from "./tensor-type.ts";
import type { Dim } from "./tensor-type.ts";

export interface Application {
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly attributes: Attributes;
  /** d loss / d output. */
  readonly gradient: Value;
  /** Which inputs want a gradient. */
  readonly wanted: readonly boolean[];
}
type Rule = (application: Application) => readonly (Value | null)[];

/** Sums a gradient over the axes along which an input was repeated. */
export function sumTo(gradient: Value, dims: readonly Dim[]): Value {
  const given = gradient.type.dims;
  const extra = given.length - dims.length;
  const axes = given.flatMap((dim, i) => (i < extra || (dims[i - extra] === 1 && dim !== 1) ? [i] : []));
  return axes.length === 0 ? gradient : reshape(reduceSum(gradient, axes), dims);
}
const dimsOf = (value: Value): readonly Dim[] => value.type.dims;

/** A rule that multiplies the gradient by a derivative, elementwise. */
const elementwise =
  (derivative: (x: Value, y: Value) => Value): Rule =>
  ({ inputs, output, gradient }) => [mul(gradient, derivative(inputs[0]!, output))];

/** y·(dy − Σ y·dy): the Jacobian of softmax is diag(y) − y yᵀ. */
const softmaxRule: Rule = ({ output: y, gradient }) => {
  const last = [dimsOf(y).length - 1];
  return [mul(y, sub(gradient, reduceSum(mul(gradient, y), last)))];
};
/** dy − softmax(x)·Σ dy. */
const logSoftmaxRule: Rule = ({ output: y, gradient }) => {
  const last = [dimsOf(y).length - 1];
  return [sub(gradient, mul(exp(y), reduceSum(gradient, last)))];
};

/** d(αAB)/dA = α dY Bᵀ, d(αAB)/dB = α Aᵀ dY, with the transposes moved to where they belong. */
const matmulRule: Rule = ({ inputs, attributes, gradient: dy, wanted }) => {
  const [a, b] = inputs as readonly [Value, Value];
  const {
    transposeA: ta,
    transposeB: tb,
    alpha,
  } = attributes as { transposeA: boolean; transposeB: boolean; alpha: number };
  const da = (): Value =>
    ta ? matmul(b, dy, { transposeA: tb, transposeB: true, alpha }) : matmul(dy, b, { transposeB: !tb, alpha });
  const db = (): Value => {
    // One matrix for many: the leading axes become rows of one product.
    const shared = dimsOf(b).length === 2 && dimsOf(a).length > 2;
    const [x, g] = shared ? [rowsOf(a), rowsOf(dy)] : [a, dy];
    return tb ? matmul(g, x, { transposeA: true, transposeB: ta, alpha }) : matmul(x, g, { transposeA: !ta, alpha });
  };
  return [wanted[0] === true ? da() : null, wanted[1] === true ? db() : null];
};
function rowsOf(x: Value): Value {
  const { dims } = x.type;
  const rows = dims.slice(0, -1).join("*");
  return reshape(x, [rows, dims[dims.length - 1]!]);
}

const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);

export const GRADIENTS: Readonly<Record<OpName, Rule>> = {
  input: () => [],
  weight: () => [],
  constant: () => [],
  add: ({ inputs, gradient }) => inputs.map((input) => sumTo(gradient, dimsOf(input))),
  sub: ({ inputs, gradient }) => [sumTo(gradient, dimsOf(inputs[0]!)), neg(sumTo(gradient, dimsOf(inputs[1]!)))],
  mul: ({ inputs: [a, b], gradient, wanted }) => [
    wanted[0] === true ? sumTo(mul(gradient, b!), dimsOf(a!)) : null,
    wanted[1] === true ? sumTo(mul(gradient, a!), dimsOf(b!)) : null,
  ],
  neg: ({ gradient }) => [neg(gradient)],
  exp: elementwise((_, y) => y),
  reciprocal: elementwise((_, y) => neg(mul(y, y))),
  sqrt: ({ output: y, gradient }) => [mul(scale(gradient, 0.5), reciprocal(y))],
  sigmoid: elementwise((_, y) => mul(y, sub(scalar(y, 1), y))),
  tanh: elementwise((_, y) => sub(scalar(y, 1), mul(y, y))),
  erf: elementwise((x) => scale(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  softplus: elementwise((x) => sigmoid(x)),
  silu: elementwise((x, y) => {
    const s = sigmoid(x);
    return add(s, mul(y, sub(scalar(x, 1), s)));
  }),
  /** Φ(x) + x·φ(x). */
  gelu: elementwise((x) => {
    const distribution = scale(add(erf(scale(x, Math.SQRT1_2)), scalar(x, 1)), 0.5);
    const density = scale(exp(scale(mul(x, x), -0.5)), INVERSE_SQRT_2PI);
    return add(distribution, mul(x, density));
  }),
  matmul: matmulRule,
  transpose: ({ attributes, gradient }) => {
    const order = attributes["order"] as readonly number[];
    return [
      transpose(
        gradient,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  reshape: ({ inputs, gradient }) => [reshape(gradient, dimsOf(inputs[0]!))],
  reduceSum: ({ inputs, gradient }) => [expand(gradient, dimsOf(inputs[0]!))],
  expand: ({ inputs, gradient }) => [sumTo(gradient, dimsOf(inputs[0]!))],
  softmax: softmaxRule,
  logSoftmax: logSoftmaxRule,
  gatherRows: ({ inputs, gradient }) => [scatterRows(gradient, inputs[1]!, dimsOf(inputs[0]!)[0]!), null],
  scatterRows: ({ inputs, gradient }) => [gatherRows(gradient, inputs[1]!), null],
  pick: ({ inputs, gradient }) => [unpick(gradient, inputs[1]!, dimsOf(inputs[0]!)[1]!), null],
  unpick: ({ inputs, gradient }) => [pick(gradient, inputs[1]!), null],
  /** A rotation: its transpose is the rotation back. */
  rotary: ({ inputs, attributes, gradient }) => {
    const [, positions, cosine, sine] = inputs as readonly [Value, Value, Value, Value];
    const { interleaved, inverse } = attributes as { interleaved: boolean; inverse: boolean };
    return [rotary(gradient, positions, cosine, sine, { interleaved, inverse: !inverse }), null, null, null];
  },
  dependOn: () => {
    throw mismatch("dependOn", "it orders the backward walk and is never differentiated");
  },
};

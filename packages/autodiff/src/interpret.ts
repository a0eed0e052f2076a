/**
 * The slow, certain way to run a graph: float64, one loop per op, no tricks. It is the reference that gradients and the
 * written ONNX are compared with, and nothing else.
 */
import type { Attributes, Graph, Node, OpName } from "./graph.ts";
import { bindDims, factors, mismatch } from "./tensor-type.ts";

/** Row-major numbers; ids too are held as numbers. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/**
 * The graph's outputs for these inputs and weights (by name). Symbols are bound by the shapes of the inputs.
 * "zero" may be left out. Throws shape_mismatch.
 */
export function interpret(
  graph: Graph,
  inputs: ReadonlyMap<string, Tensor>,
  weights: ReadonlyMap<string, Tensor> = new Map(),
): Map<string, Tensor> {
  const bindings = bindSymbols(graph, inputs);
  const values = new Map<Node, Tensor>();
  for (const node of graph.nodes) {
    const dims = bindDims(node.output.type.dims, bindings);
    const given = node.inputs.map((input) => values.get(input.node)!);
    values.set(
      node,
      node.inputs.length === 0
        ? leaf(node, dims, inputs, weights)
        : { dims, data: COMPUTE[node.op](given, dims, node.attributes) },
    );
  }
  return new Map([...graph.outputs].map(([name, value]) => [name, values.get(value.node)!]));
}

/** Sizes of the symbols: each stands alone on some axis of some input. */
export function bindSymbols(
  graph: Graph,
  inputs: ReadonlyMap<string, { readonly dims: readonly number[] }>,
): Map<string, number> {
  const bindings = new Map<string, number>();
  for (const [name, value] of graph.inputs) {
    const tensor = inputs.get(name);
    value.type.dims.forEach((dim, axis) => {
      const { number, symbols } = factors(dim);
      if (symbols.length !== 1 || number !== 1 || tensor === undefined) return;
      const size = tensor.dims[axis]!;
      const before = bindings.get(symbols[0]!);
      if (before !== undefined && before !== size) throw mismatch(name, `"${dim}" is ${before} and ${size}`);
      bindings.set(symbols[0]!, size);
    });
  }
  return bindings;
}

function leaf(
  node: Node,
  dims: readonly number[],
  inputs: ReadonlyMap<string, Tensor>,
  weights: ReadonlyMap<string, Tensor>,
): Tensor {
  if (node.data !== null) return { dims, data: node.data };
  const name = node.attributes["name"] as string;
  if (node.op === "input" && name === "zero") return { dims: [], data: new Float64Array(1) };
  const tensor = (node.op === "input" ? inputs : weights).get(name);
  if (tensor === undefined) throw mismatch(name, "no numbers were given for it");
  if (tensor.dims.join() !== dims.join())
    throw mismatch(name, `[${tensor.dims.join(",")}] was given for [${dims.join(",")}]`);
  return tensor;
}

type Compute = (inputs: readonly Tensor[], dims: readonly number[], attributes: Attributes) => Float64Array;
const count = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);
const strides = (dims: readonly number[]): number[] => dims.map((_, i) => count(dims.slice(i + 1)));

const map =
  (f: (x: number) => number): Compute =>
  ([x]) =>
    x!.data.map(f);

/** Index into `from` of the element that broadcasting puts at flat position `at` of `dims`. */
function sourceIndex(at: number, dims: readonly number[], from: Tensor): number {
  const steps = strides(dims);
  const own = strides(from.dims);
  const extra = dims.length - from.dims.length;
  return from.dims.reduce((index, size, axis) => {
    const position = Math.floor(at / steps[axis + extra]!) % dims[axis + extra]!;
    return index + (size === 1 ? 0 : position) * own[axis]!;
  }, 0);
}
const pair =
  (f: (a: number, b: number) => number): Compute =>
  ([a, b], dims) =>
    Float64Array.from({ length: count(dims) }, (_, at) =>
      f(a!.data[sourceIndex(at, dims, a!)]!, b!.data[sourceIndex(at, dims, b!)]!),
    );

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** Error function by its Taylor series near 0 and a continued fraction far from it; about 1e-15. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 && n < 200; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

const matmul: Compute = ([a, b], dims, { transposeA, transposeB, alpha }) => {
  const [rows, columns] = dims.slice(-2) as [number, number];
  const inner = a!.dims[a!.dims.length - (transposeA === true ? 2 : 1)]!;
  const out = new Float64Array(count(dims));
  for (let m = 0; m < count(dims.slice(0, -2)); m++) {
    const fromA = m * rows * inner;
    const fromB = b!.dims.length === 2 ? 0 : m * inner * columns;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum +=
            a!.data[fromA + (transposeA === true ? k * rows + i : i * inner + k)]! *
            b!.data[fromB + (transposeB === true ? j * inner + k : k * columns + j)]!;
        out[(m * rows + i) * columns + j] = sum * (alpha as number);
      }
  }
  return out;
};

/** Softmax or its logarithm, row by row. */
const overLast =
  (log: boolean): Compute =>
  ([x], dims) => {
    const width = dims[dims.length - 1]!;
    const out = new Float64Array(x!.data.length);
    for (let from = 0; from < out.length; from += width) {
      const row = x!.data.subarray(from, from + width);
      const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
      row.forEach(
        (value, i) => (out[from + i] = log ? value - largest - Math.log(sum) : Math.exp(value - largest) / sum),
      );
    }
    return out;
  };

const rotary: Compute = ([x, positions, cosine, sine], dims, { interleaved, inverse }) => {
  const half = cosine!.dims[1]!;
  const width = dims[2]!;
  const out = new Float64Array(x!.data.length);
  for (let row = 0; row < dims[0]! * dims[1]!; row++)
    for (let at = 0; at < width; at += 2 * half)
      for (let i = 0; i < half; i++) {
        const first = row * width + at + (interleaved === true ? 2 * i : i);
        const second = first + (interleaved === true ? 1 : half);
        const angle = positions!.data[row]! * half + i;
        const c = cosine!.data[angle]!;
        const s = (inverse === true ? -1 : 1) * sine!.data[angle]!;
        out[first] = x!.data[first]! * c - x!.data[second]! * s;
        out[second] = x!.data[second]! * c + x!.data[first]! * s;
      }
  return out;
};

const never: Compute = () => {
  throw mismatch("interpret", "a leaf is not computed");
};
const COMPUTE: Readonly<Record<OpName, Compute>> = {
  input: never,
  weight: never,
  constant: never,
  add: pair((a, b) => a + b),
  sub: pair((a, b) => a - b),
  mul: pair((a, b) => a * b),
  neg: map((x) => -x),
  exp: map(Math.exp),
  reciprocal: map((x) => 1 / x),
  sqrt: map(Math.sqrt),
  sigmoid: map(sigmoid),
  tanh: map(Math.tanh),
  erf: map(erf),
  softplus: map((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  silu: map((x) => x * sigmoid(x)),
  gelu: map((x) => (x * (1 + erf(x * Math.SQRT1_2))) / 2),
  matmul,
  transpose: ([x], dims, { order }) => {
    const from = strides(x!.dims);
    const steps = strides(dims);
    return Float64Array.from(
      { length: count(dims) },
      (_, at) =>
        x!.data[
          dims.reduce(
            (index, size, axis) =>
              index + (Math.floor(at / steps[axis]!) % size) * from[(order as readonly number[])[axis]!]!,
            0,
          )
        ]!,
    );
  },
  reshape: ([x]) => x!.data,
  reduceSum: ([x], dims) => {
    const out = new Float64Array(count(dims));
    x!.data.forEach((value, at) => (out[sourceIndex(at, x!.dims, { dims, data: out })]! += value));
    return out;
  },
  expand: ([x], dims) => Float64Array.from({ length: count(dims) }, (_, at) => x!.data[sourceIndex(at, dims, x!)]!),
  softmax: overLast(false),
  logSoftmax: overLast(true),
  gatherRows: ([table, rows], dims) => {
    const width = count(dims.slice(1));
    return Float64Array.from(
      { length: count(dims) },
      (_, at) => table!.data[rows!.data[Math.floor(at / width)]! * width + (at % width)]!,
    );
  },
  scatterRows: ([updates, rows], dims) => {
    const width = count(dims.slice(1));
    const out = new Float64Array(count(dims));
    updates!.data.forEach((value, at) => (out[rows!.data[Math.floor(at / width)]! * width + (at % width)]! += value));
    return out;
  },
  pick: ([x, columns], dims) =>
    Float64Array.from({ length: dims[0]! }, (_, row) => x!.data[row * x!.dims[1]! + columns!.data[row]!]!),
  unpick: ([values, columns], dims) => {
    const out = new Float64Array(count(dims));
    values!.data.forEach((value, row) => (out[row * dims[1]! + columns!.data[row]!] = value));
    return out;
  },
  rotary,
  dependOn: ([x]) => x!.data,
};

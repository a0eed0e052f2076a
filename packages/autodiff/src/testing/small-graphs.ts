/** One small graph for each op, with inputs that are safe for it: what gradient and ONNX tests go through. */
import type { Graph, OpName, Value } from "../graph.ts";
import type { Tensor } from "../interpret.ts";
import * as layers from "../layers.ts";
import * as ops from "../ops.ts";
import { floatType, intType } from "../tensor-type.ts";

/** Seeded numbers in (−1, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}
export function randomTensor(dims: readonly number[], random: () => number): Tensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { dims, data: Float64Array.from({ length: size }, random) };
}

export interface SmallGraph {
  readonly title: string;
  readonly ops: readonly OpName[];
  /** Sizes of the symbols m, n, k of this run. */
  readonly build: (graph: Graph) => Value;
  readonly inputs: (random: () => number, m: number, n: number) => Record<string, Tensor>;
}
const float = (graph: Graph, name: string, ...dims: (number | string)[]): Value => graph.input(name, floatType(dims));
const ids = (data: readonly number[]): Tensor => ({ dims: [data.length], data: Float64Array.from(data) });

function unary(op: OpName, f: (x: Value) => Value, shift = 0, factor = 1): SmallGraph {
  return {
    title: op,
    ops: [op],
    build: (graph) => f(float(graph, "x", "m", "n")),
    inputs: (random, m, n) => {
      const x = randomTensor([m, n], random);
      return { x: { ...x, data: x.data.map((value) => value * factor + shift) } };
    },
  };
}
function binary(op: OpName, f: (a: Value, b: Value) => Value, shape: readonly (number | string)[]): SmallGraph {
  return {
    title: `${op} with [${shape.join(",")}]`,
    ops: [op],
    build: (graph) => f(float(graph, "a", "m", "n"), float(graph, "b", ...shape)),
    inputs: (random, m, n) => ({
      a: randomTensor([m, n], random),
      b: randomTensor(
        shape.map((dim) => (dim === "m" ? m : dim === "n" ? n : Number(dim))),
        random,
      ),
    }),
  };
}
function product(transposeA: boolean, transposeB: boolean, lead: number): SmallGraph {
  const a = transposeA ? ["k", "m"] : ["m", "k"];
  const b = transposeB ? ["n", "k"] : ["k", "n"];
  const leading = Array.from({ length: lead }, () => 2);
  return {
    title: `matmul, ${lead} leading axes${transposeA ? ", a transposed" : ""}${transposeB ? ", b transposed" : ""}`,
    ops: ["matmul"],
    build: (graph) =>
      ops.matmul(float(graph, "a", ...leading, ...a), float(graph, "b", ...leading, ...b), {
        transposeA,
        transposeB,
        alpha: 0.5,
      }),
    inputs: (random, m, n) => {
      const size = { m, n, k: 4 } as Record<string, number>;
      return {
        a: randomTensor([...leading, ...a.map((dim) => size[dim]!)], random),
        b: randomTensor([...leading, ...b.map((dim) => size[dim]!)], random),
      };
    },
  };
}
function rotated(interleaved: boolean): SmallGraph {
  return {
    title: interleaved ? "rotary, neighbours" : "rotary, halves",
    ops: ["rotary"],
    build: (graph) => {
      const angles = [0, 0, 0.5, 0.1, 1, 0.2, 1.5, 0.3, 2, 0.4, 2.5, 0.5, 3, 0.6, 3.5, 0.7];
      const table = (f: (x: number) => number): Value => graph.constant(angles.map(f), floatType([8, 2]));
      const positions = graph.input("positions", intType(["m", "n"]));
      return ops.rotary(float(graph, "x", "m", "n", 8), positions, table(Math.cos), table(Math.sin), { interleaved });
    },
    inputs: (random, m, n) => ({
      x: randomTensor([m, n, 8], random),
      positions: { dims: [m, n], data: Float64Array.from({ length: m * n }, (_, i) => i % n) },
    }),
  };
}

export const SMALL_GRAPHS: readonly SmallGraph[] = [
  ...(["add", "sub", "mul"] as const).flatMap((op) =>
    [["m", "n"], ["n"], [1, "n"], ["m", 1], []].map((shape) => binary(op, ops[op], shape)),
  ),
  unary("neg", ops.neg),
  unary("exp", ops.exp),
  unary("reciprocal", ops.reciprocal, 2),
  unary("sqrt", ops.sqrt, 2),
  unary("sigmoid", ops.sigmoid, 0, 3),
  unary("tanh", ops.tanh, 0, 2),
  unary("erf", ops.erf, 0, 2),
  unary("softplus", ops.softplus, 0, 5),
  unary("silu", ops.silu, 0, 4),
  unary("gelu", ops.gelu, 0, 3),
  unary("softmax", ops.softmax, 0, 3),
  unary("logSoftmax", ops.logSoftmax, 0, 3),
  unary("transpose", (x) => ops.transpose(x, [1, 0])),
  unary("reshape", (x) => ops.reshape(x, ["m*n", 1])),
  unary("reduceSum", (x) => ops.reduceSum(x, [1])),
  unary("expand", (x) => ops.expand(ops.reshape(ops.reduceSum(x, [1]), ["m", 1]), ["m", 3])),
  ...[false, true].flatMap((a) => [false, true].flatMap((b) => [0, 1, 2].map((lead) => product(a, b, lead)))),
  {
    title: "matmul of many by one",
    ops: ["matmul"],
    build: (graph) => ops.matmul(float(graph, "a", 2, "m", 4), float(graph, "b", "n", 4), { transposeB: true }),
    inputs: (random, m, n) => ({ a: randomTensor([2, m, 4], random), b: randomTensor([n, 4], random) }),
  },
  {
    title: "gatherRows with a row taken twice",
    ops: ["gatherRows"],
    build: (graph) => ops.gatherRows(float(graph, "x", "m", "n"), graph.input("rows", intType(["k"]))),
    inputs: (random, m, n) => ({ x: randomTensor([m, n], random), rows: ids([0, m - 1, 0]) }),
  },
  {
    title: "scatterRows with a row written twice",
    ops: ["scatterRows"],
    build: (graph) => ops.scatterRows(float(graph, "x", "k", "n"), graph.input("rows", intType(["k"])), 5),
    inputs: (random, _, n) => ({ x: randomTensor([3, n], random), rows: ids([4, 0, 4]) }),
  },
  {
    title: "pick",
    ops: ["pick"],
    build: (graph) => ops.pick(float(graph, "x", "m", "n"), graph.input("columns", intType(["m"]))),
    inputs: (random, m, n) => ({
      x: randomTensor([m, n], random),
      columns: ids(Array.from({ length: m }, (_, i) => i % n)),
    }),
  },
  {
    title: "unpick",
    ops: ["unpick"],
    build: (graph) => ops.unpick(float(graph, "x", "m", 1), graph.input("columns", intType(["m"])), 4),
    inputs: (random, m) => ({
      x: randomTensor([m, 1], random),
      columns: ids(Array.from({ length: m }, (_, i) => i % 4)),
    }),
  },
  rotated(true),
  rotated(false),
  {
    title: "rmsNorm",
    ops: [],
    build: (graph) => layers.rmsNorm(float(graph, "x", "m", 6), float(graph, "w", 6), 1e-5),
    inputs: (random, m) => ({ x: randomTensor([m, 6], random), w: randomTensor([6], random) }),
  },
  {
    title: "layerNorm",
    ops: [],
    build: (graph) => layers.layerNorm(float(graph, "x", "m", 6), float(graph, "w", 6), float(graph, "b", 6), 1e-5),
    inputs: (random, m) => ({
      x: randomTensor([m, 6], random),
      w: randomTensor([6], random),
      b: randomTensor([6], random),
    }),
  },
  {
    title: "loraLinear",
    ops: [],
    build: (graph) =>
      layers.loraLinear(
        float(graph, "x", "m", 6),
        float(graph, "w", 5, 6),
        float(graph, "a", 2, 6),
        float(graph, "b", 5, 2),
        2,
      ),
    inputs: (random, m) => ({
      x: randomTensor([m, 6], random),
      w: randomTensor([5, 6], random),
      a: randomTensor([2, 6], random),
      b: randomTensor([5, 2], random),
    }),
  },
  {
    title: "crossEntropy",
    ops: [],
    build: (graph) => layers.crossEntropy(float(graph, "x", "m", "n"), graph.input("targets", intType(["m"]))),
    inputs: (random, m, n) => ({
      x: randomTensor([m, n], random),
      targets: ids(Array.from({ length: m }, (_, i) => (i * 2) % n)),
    }),
  },
];

/** A weighted sum of the result as the loss, so that every number of it counts differently. */
export function lossOf(graph: Graph, result: Value, weights: Value): Value {
  return layers.sumAll(ops.mul(result, weights));
}

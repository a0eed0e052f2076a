import { expect, test } from "vitest";
import { checkpoint, gradients } from "./differentiate.ts";
import { Graph } from "./graph.ts";
import type { Value } from "./graph.ts";
import { interpret } from "./interpret.ts";
import { linear, sumAll } from "./layers.ts";
import { add, mul, tanh } from "./ops.ts";
import { floatType } from "./tensor-type.ts";
import { randomTensor, seeded } from "./testing/small-graphs.ts";

/** Three residual layers, each with its own weight. */
function network(recompute: boolean | null): Graph {
  const graph = new Graph();
  const weights = [0, 1, 2].map((i) => graph.input(`w${i}`, floatType([4, 4])));
  let x: Value = graph.input("x", floatType(["rows", 4]));
  for (const w of weights) {
    const layer = (): Value => add(x, tanh(linear(tanh(x), w)));
    x = recompute === null ? layer() : checkpoint([x], layer, { recompute });
  }
  const loss = sumAll(mul(x, x));
  graph.output("loss", loss);
  gradients(loss, weights).forEach((gradient, i) => graph.output(`w${i}`, gradient));
  return graph;
}
const random = seeded(3);
const inputs = new Map([
  ["x", randomTensor([3, 4], random)],
  ...[0, 1, 2].map((i) => [`w${i}`, randomTensor([4, 4], random)] as const),
]);

test.each([true, false])("segments (recompute: %s) change where values live, not what they are", (recompute) => {
  const plain = interpret(network(null), inputs);
  const segmented = interpret(network(recompute), inputs);
  for (const [name, { data }] of plain)
    segmented.get(name)!.data.forEach((value, i) => expect(value).toBeCloseTo(data[i]!, 12));
});

test("a recomputed segment keeps only its inputs: no backward node reads what is inside the forward part", () => {
  const graph = network(true);
  const loss = graph.outputs.get("loss")!.node.id;
  const inside = new Set(graph.nodes.filter(({ id, segment, op }) => id < loss && segment !== null && op === "tanh"));
  const readers = graph.nodes.filter(({ id, inputs: used }) => id > loss && used.some(({ node }) => inside.has(node)));
  expect(inside.size).toBe(6);
  expect(readers).toEqual([]);
});

test("what goes on below a recomputed segment waits for the gradients of the parameters within it", () => {
  const graph = network(true);
  const needed = (values: readonly Value[]): Set<number> => {
    const seen = new Set<number>();
    const open = values.map(({ node }) => node);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen.has(node.id)) continue;
      seen.add(node.id);
      open.push(...node.inputs.map((input) => input.node));
    }
    return seen;
  };
  const gradientOf = (name: string): Value => graph.outputs.get(name)!;
  expect(needed([gradientOf("w1")]).has(gradientOf("w2").node.id)).toBe(true);
  expect(needed([gradientOf("w0")]).has(gradientOf("w1").node.id)).toBe(true);
});

test("a value that is used twice gets the sum of both gradients", () => {
  const graph = new Graph();
  const x = graph.input("x", floatType([2]));
  const loss = sumAll(add(mul(x, x), x));
  graph.output("g", gradients(loss, [x])[0]!);
  expect([...interpret(graph, new Map([["x", { dims: [2], data: Float64Array.of(3, -1) }]])).get("g")!.data]).toEqual([
    7, -1,
  ]);
});

test("a loss that is no scalar, and a value that it does not depend on, are errors that say so", () => {
  const graph = new Graph();
  const x = graph.input("x", floatType([2]));
  const y = graph.input("y", floatType([2]));
  expect(() => gradients(x, [x])).toThrow(/not a scalar/);
  expect(() => gradients(sumAll(x), [y])).toThrow(/does not depend/);
});

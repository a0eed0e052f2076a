import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gradients } from "./differentiate.ts";
import { GRADIENTS } from "./gradients.ts";
import { Graph, OP_NAMES } from "./graph.ts";
import { bindSymbols, interpret } from "./interpret.ts";
import type { Tensor } from "./interpret.ts";
import { emitOnnx } from "./onnx/emit.ts";
import { lossOf, randomTensor, seeded, SMALL_GRAPHS } from "./testing/small-graphs.ts";
import type { SmallGraph } from "./testing/small-graphs.ts";
import { bindDims } from "./tensor-type.ts";

/** The graph with a loss and the gradients of its float inputs as outputs. */
function differentiated(small: SmallGraph, seed: number, m: number, n: number) {
  const random = seeded(seed);
  const inputs = new Map(Object.entries(small.inputs(random, m, n)));
  const graph = new Graph();
  const result = small.build(graph);
  const trained = [...graph.inputs].filter(([, value]) => value.type.element === "float32");
  const weights = graph.input("weights", result.type);
  inputs.set("weights", randomTensor(bindDims(result.type.dims, bindSymbols(graph, inputs)), random));
  const loss = lossOf(graph, result, weights);
  graph.output("loss", loss);
  gradients(
    loss,
    trained.map(([, value]) => value),
  ).forEach((gradient, i) => graph.output(`grad:${trained[i]![0]}`, gradient));
  return { graph, inputs, trained: trained.map(([name]) => name) };
}

function lossAt(graph: Graph, inputs: ReadonlyMap<string, Tensor>): number {
  return interpret(graph, inputs).get("loss")!.data[0]!;
}

/** Fourth-order central difference along one coordinate. */
function slope(graph: Graph, inputs: ReadonlyMap<string, Tensor>, name: string, at: number): number {
  const tensor = inputs.get(name)!;
  const moved = (by: number): number => {
    const data = Float64Array.from(tensor.data);
    data[at]! += by;
    return lossAt(graph, new Map([...inputs, [name, { dims: tensor.dims, data }]]));
  };
  const h = 1e-3;
  return (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
}

test.each(SMALL_GRAPHS.map((small) => [small.title, small] as const))(
  "the gradient of %s is the slope of its loss",
  (_, small) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 2, max: 5 }),
        (seed, m, n) => {
          const { graph, inputs, trained } = differentiated(small, seed, m, n);
          const results = interpret(graph, inputs);
          for (const name of trained) {
            const gradient = results.get(`grad:${name}`)!;
            expect(gradient.dims).toEqual(inputs.get(name)!.dims);
            for (let at = 0; at < gradient.data.length; at += 3)
              expect(gradient.data[at]).toBeCloseTo(slope(graph, inputs, name, at), 6);
          }
        },
      ),
      { numRuns: 3 },
    );
  },
);

test("ONNX Runtime computes what the interpreter computes, for every op and its gradient", async () => {
  for (const small of SMALL_GRAPHS) {
    const { graph, inputs } = differentiated(small, 11, 3, 4);
    const bytes = emitOnnx(graph, { name: small.title, locate: () => ({ file: "", offset: 0, bytes: 0 }) });
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const feeds: Record<string, OnnxTensor> = {};
    for (const name of session.inputNames) {
      const { dims, data } = inputs.get(name) ?? { dims: [], data: [0] };
      feeds[name] =
        graph.inputs.get(name)!.type.element === "int64"
          ? new OnnxTensor("int64", BigInt64Array.from([...data].map(BigInt)), dims)
          : new OnnxTensor("float32", Float32Array.from(data), dims);
    }
    const given = await session.run(feeds);
    for (const [name, { dims, data }] of interpret(graph, inputs)) {
      expect([...given[name]!.dims], `${small.title} ${name}`).toEqual(dims);
      (given[name]!.data as Float32Array).forEach((value, i) =>
        expect(value, `${small.title} ${name}`).toBeCloseTo(data[i]!, 4),
      );
    }
    await session.release();
  }
});

test("every op has a rule, and every op but the leaves and the scheduling one has a test", () => {
  const tested = new Set(SMALL_GRAPHS.flatMap(({ ops }) => ops));
  const exempt = ["input", "weight", "constant", "dependOn"];
  for (const op of OP_NAMES) {
    expect(GRADIENTS[op], op).toBeDefined();
    expect(tested.has(op) || exempt.includes(op), op).toBe(true);
  }
});

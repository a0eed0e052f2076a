/** The toy's graphs and frozen weights as files. Apart from the task, so that the worker need not load the differentiation. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  checkpoint,
  emitOnnx,
  floatType,
  Graph,
  gradients,
  linear,
  loraLinear,
  mul,
  sub,
  sumAll,
  tanh,
  type ExternalRange,
  type Value,
} from "@lorekeep/autodiff";
import { gaussian, seededRandom } from "../random.ts";
import type { TrainingGraphFiles } from "../training-task.ts";
import { HIDDEN, INPUTS, OUTPUTS, TOY_PARAMETERS } from "./toy-task.ts";

const WEIGHTS = "toy.f32";

/** Both graphs and the frozen weights, in the folder. */
export async function writeToyGraphs(folder: string): Promise<TrainingGraphFiles> {
  const frozen = seededRandom(78);
  const weights = Float32Array.from({ length: HIDDEN * INPUTS }, () => gaussian(frozen) / 2);
  await writeFile(join(folder, WEIGHTS), new Uint8Array(weights.buffer));
  const graph = toyGraph();
  const locate = (): ExternalRange => ({ file: WEIGHTS, offset: 0, bytes: weights.byteLength });
  const [trainModel, evaluateModel] = [join(folder, "train.onnx"), join(folder, "evaluate.onnx")];
  await writeFile(trainModel, emitOnnx(graph, { name: "toy", locate }));
  await writeFile(evaluateModel, emitOnnx(graph, { name: "toy", outputs: ["loss"], locate }));
  return { trainModel, evaluateModel, parameters: TOY_PARAMETERS };
}

/** x [batch, inputs], y [batch, outputs] → loss_scale · Σ (head · tanh(W x + B A x) − y)². */
function toyGraph(): Graph {
  const graph = new Graph();
  const x = graph.input("x", floatType(["batch", INPUTS]));
  const y = graph.input("y", floatType(["batch", OUTPUTS]));
  const lossScale = graph.input("loss_scale", floatType([]));
  const parameters = TOY_PARAMETERS.map(({ name, shape }) => graph.input(name, floatType(shape)));
  const [a, b, head] = parameters as [Value, Value, Value];
  const frozen = graph.weight("frozen", floatType([HIDDEN, INPUTS]));
  const hidden = checkpoint([x], () => tanh(loraLinear(x, frozen, a, b, 1)));
  const difference = sub(linear(hidden, head), y);
  const loss = mul(sumAll(mul(difference, difference)), lossScale);
  graph.output("loss", loss);
  for (const [i, gradient] of gradients(loss, parameters).entries())
    graph.output(`grad:${TOY_PARAMETERS[i]!.name}`, gradient);
  return graph;
}

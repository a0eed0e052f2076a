/**
 * A task small enough to read: y = W2·tanh(W1·x) learns a random teacher. Sequence lengths are pretended, so that buckets
 * have something to do. Its graph (forward, loss and backward) is written as ONNX bytes by hand.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gaussian, seededRandom } from "../random.ts";
import type { ParameterSpec, TrainingGraphFiles, TrainingTask } from "../training-task.ts";
import { encodeModel, type ToyNode } from "./toy-onnx.ts";

export interface ToyExample {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly length: number;
}

const [INPUTS, HIDDEN, OUTPUTS] = [4, 16, 2];
export const TOY_PARAMETERS: readonly ParameterSpec[] = [
  { name: "layer1.weight", shape: [INPUTS, HIDDEN] },
  { name: "layer2.weight", shape: [HIDDEN, OUTPUTS] },
];

export const toyTask: TrainingTask<ToyExample> = {
  kind: "toy",
  lengthOf: (example) => example.length,
  feedsOf: (batch) => ({
    feeds: {
      x: { type: "float32", dims: [batch.length, INPUTS], data: Float32Array.from(batch.flatMap(({ x }) => x)) },
      y: { type: "float32", dims: [batch.length, OUTPUTS], data: Float32Array.from(batch.flatMap(({ y }) => y)) },
    },
    terms: batch.length,
    tokens: batch.reduce((sum, { length }) => sum + length, 0),
  }),
  initial: (spec, random) =>
    Float32Array.from({ length: spec.shape[0]! * spec.shape[1]! }, () => gaussian(random) / Math.sqrt(spec.shape[0]!)),
};

/** Seeded examples of one teacher; `seed` also decides the teacher's noise, not its weights. */
export function toyExamples(count: number, seed: number): ToyExample[] {
  const teacher = seededRandom(77);
  const weights = Array.from({ length: INPUTS * OUTPUTS }, () => gaussian(teacher));
  const random = seededRandom(seed, 3);
  return Array.from({ length: count }, () => {
    const x = Array.from({ length: INPUTS }, () => gaussian(random));
    const y = Array.from({ length: OUTPUTS }, (_, o) =>
      Math.tanh(x.reduce((sum, value, i) => sum + 0.5 * value * weights[i * OUTPUTS + o]!, 0)),
    );
    return { x, y, length: 4 + Math.floor(random() * 40) };
  });
}

const FORWARD: readonly ToyNode[] = [
  { op: "MatMul", inputs: ["x", "layer1.weight"], output: "pre" },
  { op: "Tanh", inputs: ["pre"], output: "hidden" },
  { op: "MatMul", inputs: ["hidden", "layer2.weight"], output: "answer" },
  { op: "Sub", inputs: ["answer", "y"], output: "difference" },
  { op: "Mul", inputs: ["difference", "difference"], output: "squares" },
  { op: "ReduceSum", inputs: ["squares"], output: "sum", keepdims: 0 },
  { op: "Mul", inputs: ["sum", "loss_scale"], output: "loss" },
];
const BACKWARD: readonly ToyNode[] = [
  { op: "Add", inputs: ["difference", "difference"], output: "twice" },
  { op: "Mul", inputs: ["twice", "loss_scale"], output: "d_answer" },
  { op: "Transpose", inputs: ["hidden"], output: "hidden_t" },
  { op: "MatMul", inputs: ["hidden_t", "d_answer"], output: "grad:layer2.weight" },
  { op: "Transpose", inputs: ["layer2.weight"], output: "layer2_t" },
  { op: "MatMul", inputs: ["d_answer", "layer2_t"], output: "d_hidden" },
  { op: "Mul", inputs: ["hidden", "hidden"], output: "hidden_squared" },
  { op: "Mul", inputs: ["d_hidden", "hidden_squared"], output: "d_lost" },
  { op: "Sub", inputs: ["d_hidden", "d_lost"], output: "d_pre" },
  { op: "Transpose", inputs: ["x"], output: "x_t" },
  { op: "MatMul", inputs: ["x_t", "d_pre"], output: "grad:layer1.weight" },
];

/** Writes both graphs into the folder. */
export async function writeToyGraphs(folder: string): Promise<TrainingGraphFiles> {
  const inputs = [
    { name: "x", dims: ["batch", INPUTS] },
    { name: "y", dims: ["batch", OUTPUTS] },
    { name: "loss_scale", dims: [] },
    ...TOY_PARAMETERS.map(({ name, shape }) => ({ name, dims: shape })),
  ];
  const loss = { name: "loss", dims: [] };
  const gradients = TOY_PARAMETERS.map(({ name, shape }) => ({ name: `grad:${name}`, dims: shape }));
  const [trainModel, evaluateModel] = [join(folder, "train.onnx"), join(folder, "evaluate.onnx")];
  await writeFile(trainModel, encodeModel({ nodes: [...FORWARD, ...BACKWARD], inputs, outputs: [loss, ...gradients] }));
  await writeFile(evaluateModel, encodeModel({ nodes: FORWARD, inputs, outputs: [loss] }));
  return { trainModel, evaluateModel, parameters: TOY_PARAMETERS };
}

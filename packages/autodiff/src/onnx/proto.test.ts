import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { encodeOnnxModel, type OnnxModel } from "./proto.ts";

const scale = new Uint8Array(new Float32Array([2, 3]).buffer);
const MODEL: OnnxModel = {
  name: "affine",
  inputs: [{ name: "x", type: "float32", shape: ["batch", 2] }],
  outputs: [{ name: "y", type: "float32", shape: ["batch", 2] }],
  initializers: [{ name: "scale", type: "float32", shape: [2], data: scale }],
  nodes: [
    { op: "Mul", inputs: ["x", "scale"], outputs: ["scaled"] },
    { op: "LeakyRelu", inputs: ["scaled"], outputs: ["y"], attributes: { alpha: { float: 0.5 } } },
  ],
};

test("what is written loads and computes", async () => {
  const session = await InferenceSession.create(encodeOnnxModel(MODEL));
  const { y } = await session.run({ x: new Tensor("float32", Float32Array.from([1, -1, 10, 20]), [2, 2]) });
  expect([...(y!.data as Float32Array)]).toEqual([2, -1.5, 20, 60]);
  expect(session.inputNames).toEqual(["x"]);
});

test("attributes of every kind arrive", async () => {
  const model: OnnxModel = {
    ...MODEL,
    outputs: [{ name: "y", type: "int64", shape: [1] }],
    initializers: [],
    nodes: [
      { op: "Cast", inputs: ["x"], outputs: ["int"], attributes: { to: 7 } },
      { op: "ReduceSum", inputs: ["int"], outputs: ["sum"], attributes: { keepdims: 0 } },
      { op: "Constant", inputs: [], outputs: ["shape"], attributes: { value_ints: [-1] } },
      { op: "Reshape", inputs: ["sum", "shape"], outputs: ["y"] },
    ],
  };
  const session = await InferenceSession.create(encodeOnnxModel(model));
  const { y } = await session.run({ x: new Tensor("float32", Float32Array.from([1, 300]), [1, 2]) });
  expect([...(y!.data as BigInt64Array)]).toEqual([301n]);
});

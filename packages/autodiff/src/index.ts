/** Reverse-mode differentiation of small graphs, and the ONNX files that run them. */
export { checkpoint, gradients } from "./differentiate.ts";
export { Graph } from "./graph.ts";
export type { Node, OpName, Value } from "./graph.ts";
export { interpret } from "./interpret.ts";
export type { Tensor } from "./interpret.ts";
export * from "./layers.ts";
export { emitOnnx } from "./onnx/emit.ts";
export * from "./onnx/proto.ts";
export { switchOffTelemetry } from "./onnx/switch-off-telemetry.ts";
export * from "./ops.ts";
export { floatType, intType, multiply } from "./tensor-type.ts";
export type { Dim, TensorType } from "./tensor-type.ts";

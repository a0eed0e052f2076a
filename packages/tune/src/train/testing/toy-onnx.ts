/** Just enough of ONNX's protobuf (onnx.proto, IR 8, opset 17) to write the toy's graphs: nodes, float inputs and outputs. */

export interface ToyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly keepdims?: number;
}
export interface ToyValue {
  readonly name: string;
  /** Names are free dimensions. */
  readonly dims: readonly (string | number)[];
}

const [VARINT, BYTES] = [0, 2];
const [FLOAT, INT_ATTRIBUTE] = [1, 2];

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
function int(field: number, value: number): number[] {
  return [...varint((field << 3) | VARINT), ...varint(value)];
}
function bytes(field: number, content: readonly number[]): number[] {
  return [...varint((field << 3) | BYTES), ...varint(content.length), ...content];
}
function text(field: number, value: string): number[] {
  return bytes(field, [...Buffer.from(value)]);
}

function encodeNode(node: ToyNode): number[] {
  const keepdims = [...text(1, "keepdims"), ...int(3, node.keepdims ?? 0), ...int(20, INT_ATTRIBUTE)];
  return [
    ...node.inputs.flatMap((name) => text(1, name)),
    ...text(2, node.output),
    ...text(4, node.op),
    ...(node.keepdims === undefined ? [] : bytes(5, keepdims)),
  ];
}

function encodeValue({ name, dims }: ToyValue): number[] {
  const shape = dims.flatMap((dim) => bytes(1, typeof dim === "string" ? text(2, dim) : int(1, dim)));
  const tensor = [...int(1, FLOAT), ...bytes(2, shape)];
  return [...text(1, name), ...bytes(2, bytes(1, tensor))];
}

export function encodeModel(graph: {
  readonly nodes: readonly ToyNode[];
  readonly inputs: readonly ToyValue[];
  readonly outputs: readonly ToyValue[];
}): Buffer {
  const body = [
    ...graph.nodes.flatMap((node) => bytes(1, encodeNode(node))),
    ...text(2, "toy"),
    ...graph.inputs.flatMap((value) => bytes(11, encodeValue(value))),
    ...graph.outputs.flatMap((value) => bytes(12, encodeValue(value))),
  ];
  return Buffer.from([...int(1, 8), ...bytes(7, body), ...bytes(8, [...text(1, ""), ...int(2, 17)])]);
}

/**
 * Just enough of protobuf and of the ONNX schema to write a model file: nodes, initialisers (most of them in an external
 * data file that ONNX Runtime maps into memory), inputs and outputs. Write-only; messages are small, weights never pass here.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Wire format: https://protobuf.dev/programming-guides/encoding.
 */
const VARINT = 0;
const BYTES = 2;
const FLOAT32 = 5;

/** TensorProto.DataType numbers. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, int4: 22 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;
export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface ExternalRange {
  /** File name beside the model file. */
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | ExternalRange;
}
export interface GraphNode {
  readonly op: string;
  readonly domain?: string | undefined;
  /** "" = an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>> | undefined;
}
export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  /** A string is a dimension that is known only at run time. */
  readonly shape: readonly (number | string)[];
}
export interface OnnxModel {
  readonly name: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly initializers: readonly Initializer[];
  readonly nodes: readonly GraphNode[];
}

/** Non-negative integers below 2^53; negative ones as 64-bit two's complement. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}
const key = (field: number, wire: number): number[] => varint(field * 8 + wire);
const integer = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...key(field, VARINT), ...varint(value)]);
const bytes = (field: number, value: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.from([...key(field, BYTES), ...varint(value.length)]), value]);
const text = (field: number, value: string): Uint8Array => bytes(field, Buffer.from(value, "utf8"));
const message = (field: number, ...parts: readonly Uint8Array[]): Uint8Array => bytes(field, Buffer.concat(parts));
function float(field: number, value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeFloatLE(value);
  return Buffer.concat([Uint8Array.from(key(field, FLOAT32)), out]);
}

function attribute(name: string, value: Attribute): Uint8Array {
  const parts = [text(1, name)];
  if (typeof value === "number") parts.push(integer(3, value), integer(20, 2));
  else if (typeof value === "string") parts.push(text(4, value), integer(20, 3));
  else if ("float" in value) parts.push(float(2, value.float), integer(20, 1));
  else parts.push(...value.map((item) => integer(8, item)), integer(20, 7));
  return message(5, ...parts);
}

function node(value: GraphNode, index: number): Uint8Array {
  return message(
    1,
    ...value.inputs.map((name) => text(1, name)),
    ...value.outputs.map((name) => text(2, name)),
    text(3, `${value.op}_${index}`),
    text(4, value.op),
    ...Object.entries(value.attributes ?? {}).map(([name, item]) => attribute(name, item)),
    ...(value.domain === undefined ? [] : [text(7, value.domain)]),
  );
}

function initializer(value: Initializer): Uint8Array {
  const head = [
    ...value.shape.map((size) => integer(1, size)),
    integer(2, ELEMENT_TYPES[value.type]),
    text(8, value.name),
  ];
  if (value.data instanceof Uint8Array) return message(5, ...head, bytes(9, value.data));
  const entry = (name: string, item: string): Uint8Array => message(13, text(1, name), text(2, item));
  const { file, offset, bytes: length } = value.data;
  return message(
    5,
    ...head,
    entry("location", file),
    entry("offset", String(offset)),
    entry("length", String(length)),
    integer(14, 1),
  );
}

function graphValue(field: number, value: GraphValue): Uint8Array {
  const dimensions = value.shape.map((size) => message(1, typeof size === "number" ? integer(1, size) : text(2, size)));
  const tensor = message(1, integer(1, ELEMENT_TYPES[value.type]), message(2, ...dimensions));
  return message(field, text(1, value.name), message(2, tensor));
}

/** The bytes of a model file: IR version 10, opset 21 and Microsoft's contributed operators. */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  const graph = message(
    7,
    ...model.nodes.map(node),
    text(2, model.name),
    ...model.initializers.map(initializer),
    ...model.inputs.map((value) => graphValue(11, value)),
    ...model.outputs.map((value) => graphValue(12, value)),
  );
  const opset = (domain: string, version: number): Uint8Array => message(8, text(1, domain), integer(2, version));
  return Buffer.concat([integer(1, 10), text(2, "lorekeep"), graph, opset("", 21), opset("com.microsoft", 1)]);
}

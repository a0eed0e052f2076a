/**
 * A graph is a list of nodes in the order in which they were made, so every input stands before its use: walking it forward
 * computes, walking it backward differentiates. One node, one output. Nothing here knows what an op means: shapes are in
 * ops.ts, gradients in gradients.ts, numbers in interpret.ts, ONNX in onnx/emit.ts.
 */
import { mismatch } from "./tensor-type.ts";
import type { TensorType } from "./tensor-type.ts";

export const OP_NAMES = [
  "input",
  "weight",
  "constant",
  "add",
  "sub",
  "mul",
  "neg",
  "exp",
  "reciprocal",
  "sqrt",
  "sigmoid",
  "tanh",
  "erf",
  "softplus",
  "silu",
  "gelu",
  "matmul",
  "transpose",
  "reshape",
  "reduceSum",
  "expand",
  "softmax",
  "logSoftmax",
  "gatherRows",
  "scatterRows",
  "pick",
  "unpick",
  "rotary",
  "dependOn",
] as const;
export type OpName = (typeof OP_NAMES)[number];

export type AttributeValue = number | boolean | string | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The result of a node: what ops take and give. */
export interface Value {
  readonly graph: Graph;
  readonly node: Node;
  readonly type: TensorType;
}

export interface Node {
  /** Place in the graph's list. */
  readonly id: number;
  readonly op: OpName;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  /** Numbers of a constant, row-major. */
  readonly data: Float64Array | null;
  /** The stretch of the graph it belongs to (checkpoint), null outside of one. */
  readonly segment: Segment | null;
  readonly output: Value;
}

/** A stretch that is differentiated as one: see checkpoint in differentiate.ts. */
export interface Segment {
  readonly inputs: readonly Value[];
  /** True: its values are computed again in the backward walk instead of being kept. */
  readonly recompute: boolean;
  readonly nodes: Node[];
}

export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs = new Map<string, Value>();
  readonly outputs = new Map<string, Value>();
  #segment: Segment | null = null;

  /** Something fed at each run: token ids, a mask, or a parameter that is trained. */
  input(name: string, type: TensorType): Value {
    if (this.inputs.has(name)) throw mismatch("input", `there is an input "${name}" already`);
    const value = this.append("input", [], type, { name });
    this.inputs.set(name, value);
    return value;
  }

  /** A frozen weight; its numbers lie in a file. `tensor` is its name there. */
  weight(tensor: string, type: TensorType): Value {
    return this.append("weight", [], type, { name: tensor });
  }

  constant(numbers: ArrayLike<number>, type: TensorType): Value {
    return this.append("constant", [], type, {}, Float64Array.from(numbers));
  }

  output(name: string, value: Value): void {
    this.outputs.set(name, value);
  }

  append(
    op: OpName,
    inputs: readonly Value[],
    type: TensorType,
    attributes: Attributes = {},
    data: Float64Array | null = null,
  ): Value {
    for (const input of inputs) if (input.graph !== this) throw mismatch(op, "an input is of another graph");
    // Leaves belong to no segment: they are there for everyone.
    const segment = inputs.length === 0 ? null : this.#segment;
    const node = { id: this.nodes.length, op, inputs, attributes, data, segment } as Omit<Node, "output"> & {
      output: Value;
    };
    node.output = { graph: this, node, type };
    this.nodes.push(node);
    segment?.nodes.push(node);
    return node.output;
  }

  /** Everything that `body` makes belongs to one segment. Segments do not nest. */
  segment(inputs: readonly Value[], recompute: boolean, body: () => Value): Value {
    if (this.#segment !== null) throw mismatch("checkpoint", "segments do not nest");
    this.#segment = { inputs, recompute, nodes: [] };
    try {
      return body();
    } finally {
      this.#segment = null;
    }
  }
}

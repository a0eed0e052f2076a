/**
 * A graph as an ONNX model: ops become nodes of opset 21 and of com.microsoft (FusedMatMul, RotaryEmbedding), frozen weights
 * become references into a data file beside the model, symbols become run-time shapes. Nodes that no output needs are left
 * out, which is also what removes the backward part from a model that only evaluates.
 */
import type { Graph, Node, Value } from "../graph.ts";
import { factors, mismatch } from "../tensor-type.ts";
import type { Dim } from "../tensor-type.ts";
import { encodeOnnxModel } from "./proto.ts";
import type { Attribute, ExternalRange, GraphNode, Initializer } from "./proto.ts";

const MICROSOFT = "com.microsoft";
/** Ops that are one ONNX node without attributes. */
const DIRECT: Readonly<Record<string, string>> = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  neg: "Neg",
  exp: "Exp",
  reciprocal: "Reciprocal",
  sqrt: "Sqrt",
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  erf: "Erf",
  softplus: "Softplus",
  gelu: "Gelu",
};

export interface EmitOptions {
  readonly name: string;
  /** Outputs to keep; all when absent. */
  readonly outputs?: readonly string[];
  /** Where a frozen weight's numbers lie. */
  readonly locate: (tensor: string) => ExternalRange;
}

/** Bytes of a model file. Inputs that nothing needs are dropped; inputs and outputs keep their names. */
export function emitOnnx(graph: Graph, options: EmitOptions): Uint8Array {
  const outputs = [...graph.outputs].filter(([name]) => options.outputs?.includes(name) ?? true);
  const writer = new OnnxWriter(graph, neededBy(outputs.map(([, value]) => value)), options);
  return writer.write(outputs);
}

function neededBy(values: readonly Value[]): ReadonlySet<Node> {
  const needed = new Set<Node>();
  const open = values.map(({ node }) => node);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    open.push(...node.inputs.map((input) => input.node));
  }
  return needed;
}

class OnnxWriter {
  readonly #graph: Graph;
  readonly #needed: ReadonlySet<Node>;
  readonly #options: EmitOptions;
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #names = new Map<Node, string>();

  constructor(graph: Graph, needed: ReadonlySet<Node>, options: EmitOptions) {
    this.#graph = graph;
    this.#needed = needed;
    this.#options = options;
  }

  write(outputs: readonly (readonly [string, Value])[]): Uint8Array {
    for (const node of this.#graph.nodes) if (this.#needed.has(node)) this.#emit(node);
    for (const [name, value] of outputs) this.#push("Identity", [this.#name(value)], {}, name);
    return encodeOnnxModel({
      name: this.#options.name,
      inputs: [...this.#graph.inputs]
        .filter(([, value]) => this.#needed.has(value.node))
        .map(([name, { type }]) => ({ name, type: type.element, shape: type.dims })),
      outputs: outputs.map(([name, { type }]) => ({ name, type: type.element, shape: type.dims })),
      initializers: [...this.#initializers.values()],
      nodes: this.#nodes,
    });
  }

  #name(value: Value): string {
    const name = this.#names.get(value.node);
    if (name === undefined) throw mismatch("emit", `node ${value.node.id} is used before it is made`);
    return name;
  }

  #push(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    output?: string,
    domain?: string,
  ): string {
    const name = output ?? `${op}.${this.#nodes.length}`;
    this.#nodes.push({ op, inputs, outputs: [name], attributes, domain });
    return name;
  }

  #emit(node: Node): void {
    this.#names.set(
      node,
      node.inputs.length === 0
        ? this.#leaf(node)
        : this.#apply(
            node,
            node.inputs.map((input) => this.#name(input)),
          ),
    );
  }

  #leaf(node: Node): string {
    const { dims, element } = node.output.type;
    if (node.op === "input") return node.attributes["name"] as string;
    const shape = dims.map((dim) => {
      if (typeof dim === "string") throw mismatch("emit", "a weight has a size that is not known");
      return dim;
    });
    const name = node.op === "weight" ? (node.attributes["name"] as string) : `constant.${node.id}`;
    const data =
      node.data === null
        ? this.#options.locate(name)
        : new Uint8Array(
            (element === "int64" ? BigInt64Array.from(node.data, BigInt) : Float32Array.from(node.data)).buffer,
          );
    this.#initializers.set(name, { name, type: element, shape, data });
    return name;
  }

  /** The ONNX nodes of one op; returns the name of the result. */
  #apply(node: Node, inputs: readonly string[]): string {
    const { attributes, output } = node;
    const [x, second] = inputs as [string, string];
    const direct = DIRECT[node.op];
    if (direct !== undefined) return this.#push(direct, inputs);
    switch (node.op) {
      case "silu":
        return this.#push("Mul", [x, this.#push("Sigmoid", [x])]);
      case "matmul":
        return this.#matmul(node, inputs);
      case "transpose":
        return this.#push("Transpose", [x], { perm: attributes["order"] as readonly number[] });
      case "reshape":
        return this.#push("Reshape", [x, this.#shape(output.type.dims)]);
      case "expand":
        return this.#push("Expand", [x, this.#shape(output.type.dims)]);
      case "reduceSum":
        return this.#push("ReduceSum", [x, this.#integers(attributes["axes"] as readonly number[])], { keepdims: 1 });
      case "softmax":
        return this.#push("Softmax", [x], { axis: -1 });
      case "logSoftmax":
        return this.#push("LogSoftmax", [x], { axis: -1 });
      case "gatherRows":
        return this.#push("Gather", [x, second], { axis: 0 });
      case "scatterRows": {
        const rows = this.#push("Unsqueeze", [second, this.#integers([1])]);
        return this.#push("ScatterND", [this.#zeros(output.type.dims), rows, x], { reduction: "add" });
      }
      case "pick":
        return this.#push("GatherElements", [x, this.#push("Unsqueeze", [second, this.#integers([1])])], { axis: 1 });
      case "unpick": {
        const columns = this.#push("Unsqueeze", [second, this.#integers([1])]);
        return this.#push("ScatterElements", [this.#zeros(output.type.dims), columns, x], { axis: 1 });
      }
      case "rotary":
        return this.#rotary(node, inputs);
      case "dependOn":
        return this.#dependOn(inputs);
      default:
        throw mismatch("emit", `"${node.op}" has no ONNX form`);
    }
  }

  #matmul({ attributes }: Node, inputs: readonly string[]): string {
    const { transposeA, transposeB, alpha } = attributes as { transposeA: boolean; transposeB: boolean; alpha: number };
    if (!transposeA && !transposeB && alpha === 1) return this.#push("MatMul", inputs);
    const options = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: alpha } };
    return this.#push("FusedMatMul", inputs, options, undefined, MICROSOFT);
  }

  #rotary({ attributes }: Node, [x, positions, cosine, sine]: readonly string[]): string {
    const turned = attributes["inverse"] === true ? this.#push("Neg", [sine!]) : sine!;
    const options = { interleaved: attributes["interleaved"] === true ? 1 : 0 };
    return this.#push("RotaryEmbedding", [x!, positions!, cosine!, turned], options, undefined, MICROSOFT);
  }

  /** x + zero · (one number of each of `after`). */
  #dependOn([x, zero, ...after]: readonly string[]): string {
    const numbers = after.map((name) =>
      this.#push("Gather", [this.#push("Reshape", [name, this.#integers([-1])]), this.#integer(0)], { axis: 0 }),
    );
    const sum = numbers.length === 1 ? numbers[0]! : this.#push("Sum", numbers);
    return this.#push("Add", [x!, this.#push("Mul", [sum, zero!])]);
  }

  #zeros(dims: readonly Dim[]): string {
    return this.#push("ConstantOfShape", [this.#shape(dims)]);
  }

  #integers(values: readonly number[]): string {
    const name = `integers[${values.join(",")}]`;
    this.#initializers.set(name, {
      name,
      type: "int64",
      shape: [values.length],
      data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    });
    return name;
  }
  #integer(value: number): string {
    const name = `integer(${value})`;
    this.#initializers.set(name, {
      name,
      type: "int64",
      shape: [],
      data: new Uint8Array(BigInt64Array.from([BigInt(value)]).buffer),
    });
    return name;
  }

  readonly #shapes = new Map<string, string>();
  /** An int64 tensor with these sizes, symbols taken from the inputs that have them. */
  #shape(dims: readonly Dim[]): string {
    const known = dims.every((dim) => typeof dim === "number");
    if (known) return this.#integers(dims);
    const key = dims.join(",");
    const made = this.#shapes.get(key);
    if (made !== undefined) return made;
    const name = this.#push(
      "Concat",
      dims.map((dim) => this.#size(dim)),
      { axis: 0 },
    );
    this.#shapes.set(key, name);
    return name;
  }
  #size(dim: Dim): string {
    const made = this.#shapes.get(`size:${dim}`);
    if (made !== undefined) return made;
    const { number, symbols } = factors(dim);
    const parts = symbols.map((symbol) => this.#symbol(symbol));
    if (number !== 1 || parts.length === 0) parts.push(this.#integers([number]));
    const name = parts.reduce((product, part) => this.#push("Mul", [product, part]));
    this.#shapes.set(`size:${dim}`, name);
    return name;
  }
  #symbol(symbol: string): string {
    const key = `symbol:${symbol}`;
    const made = this.#shapes.get(key);
    if (made !== undefined) return made;
    for (const [name, value] of this.#graph.inputs) {
      const axis = value.type.dims.indexOf(symbol);
      if (axis === -1 || !this.#needed.has(value.node)) continue;
      const size = this.#push("Shape", [name], { start: axis, end: axis + 1 });
      this.#shapes.set(key, size);
      return size;
    }
    throw mismatch("emit", `no input says how large "${symbol}" is`);
  }
}

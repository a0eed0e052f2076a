/**
 * The graph of a BERT-style encoder: token ids and mask in, one vector per token out. Devlin et al. 2018 with erf GELU and
 * post-layer normalisation. It uses ONNX Runtime's contributed operators (fused attention, skip + normalise, quantised
 * products), so it is written for that runtime only. Weights are named by convention and live in the external data file:
 *   emb.word (int4 blocks of 32 along the row) · emb.word.scale · emb.pos (token type 0 added) · emb.ln.w/b
 *   lN.{qkv,ao,fi,fo}.{w,b}, with int8 also .scale · lN.{aln,oln}.{w,b} · with a head: head.w [hidden, outputs] · head.b
 */
import type { GraphNode, Initializer, OnnxModel } from "@lorekeep/autodiff";

export type LinearPrecision = "float32" | "int8";

export interface BertShape {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly epsilon: number;
}

const MICROSOFT = "com.microsoft";

/**
 * x · W, without the bias: the operator that follows adds it. float32: W [in, out].
 *
 * int8: W [in, out] in −63…63 with one scale per output; x is quantised per row (one scale per token), so a text's vector does
 * not depend on its neighbours in the batch. Seven bits, because pairs of 8 × 8-bit products overflow the 16-bit sums of
 * x86 processors without VNNI.
 */
function product(input: string, name: string, precision: LinearPrecision): GraphNode[] {
  if (precision === "float32") return [{ op: "MatMul", inputs: [input, `${name}.w`], outputs: [name] }];
  const at = (part: string): string => `${name}.${part}`;
  return [
    { op: "ReduceMax", inputs: [input, "axis"], outputs: [at("max")], attributes: { keepdims: 1 } },
    { op: "ReduceMin", inputs: [input, "axis"], outputs: [at("min")], attributes: { keepdims: 1 } },
    { op: "Neg", inputs: [at("min")], outputs: [at("depth")] },
    { op: "Max", inputs: [at("max"), at("depth"), "tiny"], outputs: [at("range")] },
    { op: "Div", inputs: ["levels", at("range")], outputs: [at("shrink")] },
    { op: "Div", inputs: [at("range"), "levels"], outputs: [at("grow")] },
    { op: "Mul", inputs: [input, at("shrink")], outputs: [at("scaled")] },
    { op: "QuantizeLinear", inputs: [at("scaled"), "one", "middle"], outputs: [at("levels")] },
    {
      op: "MatMulIntegerToFloat",
      domain: MICROSOFT,
      inputs: [at("levels"), at("w"), "one", at("scale"), "middle"],
      outputs: [at("product")],
    },
    { op: "Mul", inputs: [at("product"), at("grow")], outputs: [name] },
  ];
}

function skipNormalize(input: string, skip: string, norm: string, output: string, epsilon: number): GraphNode {
  return {
    op: "SkipLayerNormalization",
    domain: MICROSOFT,
    inputs: [input, skip, `${norm}.w`, `${norm}.b`, `${input}.b`],
    outputs: [output],
    attributes: { epsilon: { float: epsilon } },
  };
}

function layer(n: number, input: string, output: string, shape: BertShape, precision: LinearPrecision): GraphNode[] {
  const { epsilon } = shape;
  const at = (name: string): string => `l${n}.${name}`;
  return [
    ...product(input, at("qkv"), precision),
    {
      op: "Split",
      inputs: [at("qkv")],
      outputs: [at("q"), at("k"), at("v")],
      attributes: { axis: -1, num_outputs: 3 },
    },
    {
      op: "MultiHeadAttention",
      domain: MICROSOFT,
      inputs: [at("q"), at("k"), at("v"), at("qkv.b"), "mask"],
      outputs: [at("context")],
      attributes: { num_heads: shape.heads },
    },
    ...product(at("context"), at("ao"), precision),
    skipNormalize(at("ao"), input, at("aln"), at("attended"), epsilon),
    ...product(at("attended"), at("fi"), precision),
    { op: "BiasGelu", domain: MICROSOFT, inputs: [at("fi"), at("fi.b")], outputs: [at("gelu")] },
    ...product(at("gelu"), at("fo"), precision),
    skipNormalize(at("fo"), at("attended"), at("oln"), output, epsilon),
  ];
}

/** Inlined, since graph optimisers look at them. */
function constants(): Initializer[] {
  const int64 = (name: string, value: number): Initializer => {
    const data = Buffer.alloc(8);
    data.writeBigInt64LE(BigInt(value));
    return { name, type: "int64", shape: [1], data };
  };
  const float32 = (name: string, value: number): Initializer => {
    const data = Buffer.alloc(4);
    data.writeFloatLE(value);
    return { name, type: "float32", shape: [], data };
  };
  return [
    int64("zero", 0),
    int64("axis", -1),
    float32("one", 1),
    float32("tiny", 1e-12),
    float32("levels", 127),
    { name: "middle", type: "uint8", shape: [], data: Uint8Array.of(128) },
  ];
}

/**
 * input_ids, attention_mask: int64 [batch, tokens] → last_hidden_state: float32 [batch, tokens, hidden].
 * With `headOutputs` the output is `logits`: float32 [batch, tokens, headOutputs] instead.
 * `initializers` are the weights named above; tokens may not exceed the rows of emb.pos.
 */
export function bertModel(
  shape: BertShape,
  initializers: readonly Initializer[],
  precision: LinearPrecision,
  headOutputs?: number,
): OnnxModel {
  const embedding: GraphNode[] = [
    {
      op: "GatherBlockQuantized",
      domain: MICROSOFT,
      inputs: ["emb.word", "input_ids", "emb.word.scale"],
      outputs: ["word"],
      attributes: { gather_axis: 0, quantize_axis: 1, block_size: 32 },
    },
    { op: "Shape", inputs: ["input_ids"], outputs: ["tokens"], attributes: { start: 1, end: 2 } },
    { op: "Slice", inputs: ["emb.pos", "zero", "tokens", "zero"], outputs: ["position"] },
    { op: "Add", inputs: ["word", "position"], outputs: ["embedded"] },
    {
      op: "LayerNormalization",
      inputs: ["embedded", "emb.ln.w", "emb.ln.b"],
      outputs: ["x0"],
      attributes: { axis: -1, epsilon: { float: shape.epsilon } },
    },
    { op: "Cast", inputs: ["attention_mask"], outputs: ["mask"], attributes: { to: 6 } },
  ];
  const stateName = (n: number): string => (n === shape.layers ? "last_hidden_state" : `x${n}`);
  const layers = Array.from({ length: shape.layers }, (_, n) =>
    layer(n, stateName(n), stateName(n + 1), shape, precision),
  );
  const head: GraphNode[] =
    headOutputs === undefined
      ? []
      : [
          { op: "MatMul", inputs: ["last_hidden_state", "head.w"], outputs: ["head"] },
          { op: "Add", inputs: ["head", "head.b"], outputs: ["logits"] },
        ];
  const [output, width] = headOutputs === undefined ? ["last_hidden_state", shape.hidden] : ["logits", headOutputs];
  return {
    name: "bert-encoder",
    inputs: ["input_ids", "attention_mask"].map((name) => ({ name, type: "int64", shape: ["batch", "tokens"] })),
    outputs: [{ name: output, type: "float32", shape: ["batch", "tokens", width] }],
    initializers: [...constants(), ...initializers],
    nodes: [...embedding, ...layers.flat(), ...head],
  };
}

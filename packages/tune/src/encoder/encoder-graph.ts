/**
 * A BERT encoder (Devlin et al. 2018; multilingual E5's shape) with low-rank changes and a head that points at an answer's
 * span and says whether the passage is relevant: the training graph of the reader. Post-norm layers, absolute positions
 * from 0, exact GELU. Weights carry the names of the packed E5 file (`l3.q.w` [out][in]).
 *
 * Loss of one example: cross-entropy of the first and of the last token of the answer, both over the passage's tokens and
 * `<s>` (which stands for "no answer"; Rajpurkar et al. 2018), halved, plus `relevance_weight` times the binary
 * cross-entropy of the relevance logit at `<s>`.
 */
import {
  add,
  checkpoint,
  floatType,
  gatherRows,
  gelu,
  Graph,
  gradients,
  intType,
  layerNorm,
  linear,
  logSoftmax,
  loraLinear,
  matmul,
  mul,
  neg,
  reshape,
  scale,
  softmax,
  softplus,
  sub,
  sumAll,
  transpose,
} from "@lorekeep/autodiff";
import type { Value } from "@lorekeep/autodiff";
import type { ParameterSpec } from "../train/training-task.ts";

export interface EncoderShape {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly maxPositions: number;
  readonly epsilon: number;
}
export interface EncoderOptions {
  readonly shape: EncoderShape;
  readonly rank: number;
  readonly alpha: number;
  /** Throw inner values away and compute them again in the backward walk. */
  readonly recompute: boolean;
}
export const ENCODER_LINEARS = ["q", "k", "v", "ao", "fi", "fo"] as const;
export type EncoderLinear = (typeof ENCODER_LINEARS)[number];

/** [out, in] of a linear layer. */
export function encoderLinearShape(shape: EncoderShape, name: EncoderLinear): readonly [number, number] {
  if (name === "fi") return [shape.intermediate, shape.hidden];
  return [shape.hidden, name === "fo" ? shape.intermediate : shape.hidden];
}

/** What is trained: `layer.N.X.a`, `layer.N.X.b`, `span.weight`, `span.bias`, `relevance.weight`, `relevance.bias`. */
export function readerParameters({ shape, rank }: Pick<EncoderOptions, "shape" | "rank">): ParameterSpec[] {
  const specs: ParameterSpec[] = [];
  for (let layer = 0; layer < shape.layers; layer++)
    for (const name of ENCODER_LINEARS) {
      const [out, into] = encoderLinearShape(shape, name);
      specs.push({ name: `layer.${layer}.${name}.a`, shape: [rank, into] });
      specs.push({ name: `layer.${layer}.${name}.b`, shape: [out, rank] });
    }
  specs.push({ name: "span.weight", shape: [2, shape.hidden] }, { name: "span.bias", shape: [2] });
  specs.push({ name: "relevance.weight", shape: [1, shape.hidden] }, { name: "relevance.bias", shape: [1] });
  return specs;
}

interface Inputs {
  readonly ids: Value;
  readonly positions: Value;
  /** Additive [batch, 1, time]: 0 for tokens, −1e4 for padding. */
  readonly padding: Value;
}

/** The graph with outputs "loss" and "grad:NAME". Feeds are reader-task.ts's. */
export function readerTrainingGraph(options: EncoderOptions): Graph {
  const graph = new Graph();
  const specs = readerParameters(options);
  const parameters = new Map(specs.map(({ name, shape }) => [name, graph.input(name, floatType(shape))]));
  const inputs: Inputs = {
    ids: graph.input("ids", intType(["batch*time"])),
    positions: graph.input("positions", intType(["batch*time"])),
    padding: graph.input("padding", floatType(["batch", 1, "time"])),
  };
  const hidden = encode(graph, options, parameters, inputs);
  const loss = mul(
    add(spanLoss(graph, hidden, parameters), relevanceLoss(graph, hidden, parameters)),
    graph.input("loss_scale", floatType([])),
  );
  graph.output("loss", loss);
  gradients(loss, [...parameters.values()]).forEach((gradient, i) => graph.output(`grad:${specs[i]!.name}`, gradient));
  return graph;
}

/** Token states [batch·time, hidden]. */
function encode(graph: Graph, options: EncoderOptions, parameters: ReadonlyMap<string, Value>, inputs: Inputs): Value {
  const { shape } = options;
  const { hidden, epsilon } = shape;
  const vector = (name: string, size = hidden): Value => graph.weight(name, floatType([size]));
  const words = gatherRows(graph.weight("emb.word", floatType([shape.vocabulary, hidden])), inputs.ids);
  const places = gatherRows(graph.weight("emb.pos", floatType([shape.maxPositions, hidden])), inputs.positions);
  let x = layerNorm(add(add(words, places), vector("emb.type")), vector("emb.ln.w"), vector("emb.ln.b"), epsilon);
  for (let layer = 0; layer < shape.layers; layer++) {
    const input = x;
    const project = (from: Value, name: EncoderLinear): Value => {
      const [out, into] = encoderLinearShape(shape, name);
      const weight = graph.weight(`l${layer}.${name}.w`, floatType([out, into]));
      const a = parameters.get(`layer.${layer}.${name}.a`)!;
      const b = parameters.get(`layer.${layer}.${name}.b`)!;
      return add(loraLinear(from, weight, a, b, options.alpha / options.rank), vector(`l${layer}.${name}.b`, out));
    };
    const norm = (value: Value, name: string): Value =>
      layerNorm(value, vector(`l${layer}.${name}.w`), vector(`l${layer}.${name}.b`), epsilon);
    const body = (): Value => {
      const attended = norm(add(input, project(attend(input, project, inputs.padding, shape), "ao")), "aln");
      return norm(add(attended, project(gelu(project(attended, "fi")), "fo")), "oln");
    };
    x = checkpoint([input], body, { recompute: options.recompute });
  }
  return x;
}

/** softmax(QKᵀ/√d + padding) V, heads side by side (Vaswani et al. 2017, section 3.2). */
function attend(
  x: Value,
  project: (from: Value, name: EncoderLinear) => Value,
  padding: Value,
  shape: EncoderShape,
): Value {
  const size = shape.hidden / shape.heads;
  const split = (name: "q" | "k" | "v"): Value =>
    transpose(reshape(project(x, name), ["batch", "time", shape.heads, size]), [0, 2, 1, 3]);
  const scores = matmul(split("q"), split("k"), { transposeB: true, alpha: 1 / Math.sqrt(size) });
  const weights = softmax(add(scores, reshape(padding, ["batch", 1, 1, "time"])));
  return reshape(transpose(matmul(weights, split("v")), [0, 2, 1, 3]), ["batch*time", shape.hidden]);
}

function spanLoss(graph: Graph, hidden: Value, parameters: ReadonlyMap<string, Value>): Value {
  const logits = add(linear(hidden, parameters.get("span.weight")!), parameters.get("span.bias")!);
  const byOutput = transpose(reshape(logits, ["batch", "time", 2]), [0, 2, 1]);
  const masked = add(byOutput, graph.input("pointable", floatType(["batch", 1, "time"])));
  const target = graph.input("target", floatType(["batch", 2, "time"]));
  return scale(sumAll(neg(mul(logSoftmax(masked), target))), 0.5);
}

/** −y·log σ(z) − (1 − y)·log(1 − σ(z)) = softplus(z) − y·z. */
function relevanceLoss(graph: Graph, hidden: Value, parameters: ReadonlyMap<string, Value>): Value {
  const first = gatherRows(hidden, graph.input("first_rows", intType(["batch"])));
  const logit = add(linear(first, parameters.get("relevance.weight")!), parameters.get("relevance.bias")!);
  const relevant = graph.input("relevant", floatType(["batch", 1]));
  const weight = graph.input("relevance_weight", floatType(["batch", 1]));
  return sumAll(mul(sub(softplus(logit), mul(relevant, logit)), weight));
}

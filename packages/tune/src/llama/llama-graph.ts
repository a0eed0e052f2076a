/**
 * A Llama decoder (Touvron et al. 2023) with low-rank changes to its linear layers, in the layout of a GGUF file: q and k rows
 * stand for interleaved RoPE, so weights are used as they lie and an adapter is written out as it was trained. Pre-norm
 * layers, grouped-query attention (Ainslie et al. 2023), SwiGLU (Shazeer 2020). Sequences are padded on the right; the
 * causal mask keeps padding out of everything that counts. Logits are computed for answer tokens only.
 *
 * Query heads that share a key head are folded into its time axis, [batch, kvHeads, group·time, size], so attention is two plain
 * batched products and the gradient of a key is summed over its group by the product itself.
 */
import {
  add,
  checkpoint,
  crossEntropy,
  floatType,
  gatherRows,
  Graph,
  gradients,
  intType,
  linear,
  loraLinear,
  matmul,
  mul,
  neg,
  reshape,
  rmsNorm,
  rotary,
  scale,
  silu,
  softmax,
  softplus,
  sub,
  sumAll,
  transpose,
} from "@lorekeep/autodiff";
import type { Value } from "@lorekeep/autodiff";
import { linearShapes } from "../gguf/llama-config.ts";
import type { LinearName, LlamaConfig } from "../gguf/llama-config.ts";
import type { ParameterSpec } from "../train/training-task.ts";

export interface LlamaTrainingOptions {
  readonly config: LlamaConfig;
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly LinearName[];
  /** Longest sequence, tokens: the length of the RoPE tables. */
  readonly maxTokens: number;
  /** Throw each layer's inner values away and compute them again in the backward walk. */
  readonly recompute: boolean;
  /** supervised: negative log-likelihood of answers. preference: DPO on pairs, with this beta. */
  readonly objective: { readonly kind: "supervised" } | { readonly kind: "preference"; readonly beta: number };
}

/** `blk.N.X.weight.lora_a` [rank, in] and `.lora_b` [out, rank], layer by layer. */
export function llamaParameters({
  config,
  rank,
  targets,
}: Pick<LlamaTrainingOptions, "config" | "rank" | "targets">): ParameterSpec[] {
  const shapes = linearShapes(config);
  return Array.from({ length: config.layers }, (_, layer) =>
    targets.flatMap((name) => {
      const [out, into] = shapes[name];
      const weight = `blk.${layer}.${name}.weight`;
      return [
        { name: `${weight}.lora_a`, shape: [rank, into] },
        { name: `${weight}.lora_b`, shape: [out, rank] },
      ];
    }),
  ).flat();
}

/** Outputs "loss", "grad:NAME", and "nll" [answers, 1]: nats per answer token. Feeds are answer-task.ts's and preference-task.ts's. */
export function llamaTrainingGraph(options: LlamaTrainingOptions): Graph {
  const graph = new Graph();
  const specs = llamaParameters(options);
  const parameters = new Map(specs.map(({ name, shape }) => [name, graph.input(name, floatType(shape))]));
  const hidden = new Decoder(graph, options, parameters).run();
  const rows = gatherRows(hidden, graph.input("answer_rows", intType(["answers"])));
  const { config } = options;
  const normed = rmsNorm(rows, graph.weight("output_norm.weight", floatType([config.hidden])), config.rmsEpsilon);
  const head = config.tiedEmbeddings ? "token_embd.weight" : "output.weight";
  const logits = linear(normed, graph.weight(head, floatType([config.vocabulary, config.hidden])));
  const nll = crossEntropy(logits, graph.input("targets", intType(["answers"])));
  graph.output("nll", nll);
  const loss = mul(objective(graph, nll, options), graph.input("loss_scale", floatType([])));
  graph.output("loss", loss);
  gradients(loss, [...parameters.values()]).forEach((gradient, i) => graph.output(`grad:${specs[i]!.name}`, gradient));
  return graph;
}

/**
 * DPO (Rafailov et al. 2023, equation 7): −log σ(β·(how much more likely the chosen answer became than the rejected one,
 * compared with the reference)) = softplus(−β·margin). `pair_signs` [pairs, answers] is −1 for the tokens of the chosen answer
 * and +1 for those of the rejected one, because nll is the negative log-likelihood.
 */
function objective(graph: Graph, nll: Value, { objective: wanted }: LlamaTrainingOptions): Value {
  if (wanted.kind === "supervised") return sumAll(nll);
  const signs = graph.input("pair_signs", floatType(["pairs", "answers"]));
  const reference = graph.input("reference_margin", floatType(["pairs", 1]));
  const margin = sub(matmul(signs, nll), reference);
  return sumAll(softplus(neg(scale(margin, wanted.beta))));
}

class Decoder {
  readonly #graph: Graph;
  readonly #options: LlamaTrainingOptions;
  readonly #parameters: ReadonlyMap<string, Value>;
  readonly #positions: Value;
  readonly #mask: Value;
  readonly #cosine: Value;
  readonly #sine: Value;

  constructor(graph: Graph, options: LlamaTrainingOptions, parameters: ReadonlyMap<string, Value>) {
    const { config, maxTokens } = options;
    this.#graph = graph;
    this.#options = options;
    this.#parameters = parameters;
    this.#positions = graph.input("positions", intType(["batch", "time"]));
    /** 0 where a query may look, −1e9 after it; one copy for each query head of a group. */
    this.#mask = graph.input("mask", floatType([`${config.heads / config.kvHeads}*time`, "time"]));
    const half = config.headDimension / 2;
    const angles = Array.from(
      { length: maxTokens * half },
      (_, i) => Math.floor(i / half) * config.ropeBase ** (-(i % half) / half),
    );
    const table = (f: (angle: number) => number): Value => graph.constant(angles.map(f), floatType([maxTokens, half]));
    this.#cosine = table(Math.cos);
    this.#sine = table(Math.sin);
  }

  /** Token states [batch·time, hidden], before the last norm. */
  run(): Value {
    const { config, recompute } = this.#options;
    const table = this.#graph.weight("token_embd.weight", floatType([config.vocabulary, config.hidden]));
    let x = gatherRows(table, this.#graph.input("ids", intType(["batch*time"])));
    for (let layer = 0; layer < config.layers; layer++) {
      const input = x;
      x = checkpoint([input], () => this.#layer(input, layer), { recompute });
    }
    return x;
  }

  #layer(x: Value, layer: number): Value {
    const norm = (value: Value, name: string): Value =>
      rmsNorm(
        value,
        this.#graph.weight(`blk.${layer}.${name}.weight`, floatType([this.#options.config.hidden])),
        this.#options.config.rmsEpsilon,
      );
    const project = (value: Value, name: LinearName): Value => this.#linear(value, layer, name);
    const attended = add(x, project(this.#attend(norm(x, "attn_norm"), project), "attn_output"));
    const normed = norm(attended, "ffn_norm");
    return add(attended, project(mul(silu(project(normed, "ffn_gate")), project(normed, "ffn_up")), "ffn_down"));
  }

  #linear(x: Value, layer: number, name: LinearName): Value {
    const { config, rank, alpha } = this.#options;
    const full = `blk.${layer}.${name}.weight`;
    const weight = this.#graph.weight(full, floatType(linearShapes(config)[name]));
    const a = this.#parameters.get(`${full}.lora_a`);
    const b = this.#parameters.get(`${full}.lora_b`);
    return a === undefined || b === undefined ? linear(x, weight) : loraLinear(x, weight, a, b, alpha / rank);
  }

  #attend(x: Value, project: (value: Value, name: LinearName) => Value): Value {
    const { heads, kvHeads, headDimension: size } = this.#options.config;
    const group = heads / kvHeads;
    const turned = (name: "attn_q" | "attn_k", count: number): Value =>
      rotary(reshape(project(x, name), ["batch", "time", count * size]), this.#positions, this.#cosine, this.#sine, {
        interleaved: true,
      });
    const queries = transpose(
      reshape(turned("attn_q", heads), ["batch", "time", kvHeads, group, size]),
      [0, 2, 3, 1, 4],
    );
    const q = reshape(queries, ["batch", kvHeads, `${group}*time`, size]);
    const k = transpose(reshape(turned("attn_k", kvHeads), ["batch", "time", kvHeads, size]), [0, 2, 1, 3]);
    const v = transpose(reshape(project(x, "attn_v"), ["batch", "time", kvHeads, size]), [0, 2, 1, 3]);
    const weights = softmax(add(matmul(q, k, { transposeB: true, alpha: 1 / Math.sqrt(size) }), this.#mask));
    const mixed = reshape(matmul(weights, v), ["batch", kvHeads, group, "time", size]);
    return reshape(transpose(mixed, [0, 3, 1, 2, 4]), ["batch*time", heads * size]);
  }
}

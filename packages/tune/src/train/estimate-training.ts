/**
 * What a run will take, by arithmetic, before it starts: bytes per memory mode, and seconds. The constants come from
 * measurements with SmolLM2-135M on two cores (batches of 1×256 to 4×256; estimates within 20 % above the measured peaks);
 * bigger bases scale with their shape.
 */
import type { MemoryEstimates } from "./resources.ts";
import { TWO_LANES_FASTER, type LaneCount } from "./choose-lanes.ts";
import type { MemoryMode } from "./step-session.ts";

/** Shape of a transformer with its trained parameters. */
export interface TrainingShape {
  readonly layers: number;
  readonly hidden: number;
  /** Width of the feed-forward part. */
  readonly intermediate: number;
  readonly heads: number;
  readonly vocabulary: number;
  /** Frozen weights in matrices that are multiplied, without the embedding table. */
  readonly linearWeights: number;
  readonly trainedParameters: number;
}
export interface TrainingLoad {
  /** As in the recipe. */
  readonly batchTokens: number;
  readonly longestTokens: number;
  /** Share of the tokens whose logits are computed, in [0, 1]. */
  readonly answerShare: number;
  /** 2: the fast mode's bytes are those of two lanes (lanes.ts). 1 when missing. */
  readonly lanes?: LaneCount;
}

const FLOAT = 4;
/** Node, ONNX Runtime and the graph. */
const RUNTIME_BYTES = 300e6;
/** Parameters, gradient, sum over batches, two moments, best, result, checkpoint on its way out. */
const TRAINED_COPIES = 8;
/** Kept per layer and token for the backward pass, in floats: by width of the model, of the feed-forward part, and per head × token. */
const KEPT = { hidden: 8, intermediate: 4, attention: 2 };
/** A second thread and session, besides its weights and its share of the tokens; it copies parameters and gradient twice. */
const LANE = { runtimeBytes: 250e6, trainedCopies: 4 };
/** Probabilities and their gradient at once. */
const LOGIT_COPIES = 2;

/** Peak resident bytes. Mapped weights are counted: they are resident once they have been read. */
export function estimateMemory(shape: TrainingShape, load: TrainingLoad): MemoryEstimates {
  const { lanes = 1 } = load;
  const tokens = lanes * Math.max(load.batchTokens / lanes, load.longestTokens);
  const weights = (shape.linearWeights + shape.vocabulary * shape.hidden) * FLOAT;
  const perToken =
    KEPT.hidden * shape.hidden +
    KEPT.intermediate * shape.intermediate +
    KEPT.attention * shape.heads * load.longestTokens;
  const layer = tokens * perToken * FLOAT;
  const inputs = tokens * shape.hidden * shape.layers * FLOAT;
  const logits = LOGIT_COPIES * tokens * load.answerShare * shape.vocabulary * FLOAT;
  const always = RUNTIME_BYTES + logits + TRAINED_COPIES * shape.trainedParameters * FLOAT;
  const lane = LANE.runtimeBytes + 2 * weights + LANE.trainedCopies * shape.trainedParameters * FLOAT;
  return {
    fast: always + 2 * weights + layer * shape.layers + (lanes - 1) * lane, // packed for the forward and for the transposed product
    checkpointed: always + 2 * weights + layer + inputs,
    small: always + weights + layer + inputs,
  };
}

/** Share of the time not spent multiplying: attention, norms, softmax, optimiser; and the second forward pass of checkpoints. */
const SLOWDOWN: Readonly<Record<MemoryMode, number>> = { fast: 1.3, checkpointed: 1.65, small: 1.75 };
/** Forward, and gradient of the input; frozen weights have no gradient. Multiply and add each count. */
const OPERATIONS_PER_WEIGHT = 4;

/**
 * Seconds for so many tokens over the whole run, at a matrix speed of `gigaflops` (both cores together, as measured on the
 * machine). A machine that is busy with other things takes up to three times as long.
 */
export function estimateSeconds(
  shape: TrainingShape,
  run: {
    readonly tokens: number;
    readonly answerShare: number;
    readonly mode: MemoryMode;
    readonly gigaflops: number;
    /** 1 when missing. */
    readonly lanes?: LaneCount;
  },
): number {
  const head = shape.vocabulary * shape.hidden * run.answerShare;
  const operations = OPERATIONS_PER_WEIGHT * (shape.linearWeights + head + shape.trainedParameters * 1.5);
  const seconds = (SLOWDOWN[run.mode] * run.tokens * operations) / (run.gigaflops * 1e9);
  return run.lanes === 2 ? seconds / TWO_LANES_FASTER : seconds;
}

/**
 * What a fine-tune of some base will cost, before it starts: memory in each mode, floating-point operations, time, and
 * whether it fits. Memory and speed are the arithmetic of train/estimate-training.ts on the shape of the model; this file
 * makes that shape out of a Llama configuration and counts the operations.
 *
 * The speed without a measured one is that of two idle cores with AVX-512 (302 tokens/s for SmolLM2-135M at 1×256, fast
 * mode, one lane), scaled by the operations per token: by arithmetic for every other base. With one core taken by something else it
 * falls to about half.
 */
import { AppError } from "@lorekeep/core";
import { LINEAR_NAMES, linearShapes, type LinearName, type LlamaConfig } from "../gguf/llama-config.ts";
import { planSteps } from "../train/batches.ts";
import { fasterLanes, type LaneCount } from "../train/choose-lanes.ts";
import { estimateMemory, estimateSeconds, type TrainingShape } from "../train/estimate-training.ts";
import { chooseMemoryMode, fitsMemory, type MemoryEstimates } from "../train/resources.ts";
import type { MemoryMode } from "../train/step-session.ts";

/** Matrix speed of the machine that 302 tokens/s were measured on, as estimateSeconds counts. */
const MEASURED_GIGAFLOPS = 190;
const DEFAULT_ANSWER_SHARE = 0.4;

export interface EstimateRequest {
  readonly config: LlamaConfig;
  readonly rank: number;
  /** All seven linear layers when missing. */
  readonly targets?: readonly LinearName[];
  /** Tokens of a batch at most, as in the recipe; a longer sequence stands alone. */
  readonly batchTokens: number;
  /** Tokens of the longest sequence; of both answers' in a pair. */
  readonly length: number;
  /** Tokens of the whole run: all epochs, padding included. */
  readonly tokens: number;
  /** Share of the tokens that are answers, in [0, 1]; 0.4 when missing. */
  readonly answerShare?: number;
  /** "auto" takes the fastest that fits. */
  readonly memoryMode: MemoryMode | "auto";
  readonly freeMemoryBytes: number;
  /** Of some examples, tokens: whether steps can be shared between two lanes. One lane when missing. */
  readonly sampleLengths?: readonly number[];
  /** 0 = as many as there are cores, as when missing. */
  readonly threads?: number;
  /** Measured on this machine in this mode. */
  readonly tokensPerSecond?: number | undefined;
}

export interface TrainingEstimate {
  /** The one asked for, or chosen; the smallest when none fits. */
  readonly memoryMode: MemoryMode;
  /** 2: steps are shared between two sessions, in the fast mode. */
  readonly lanes: LaneCount;
  /** Peak resident bytes by mode, in so many lanes. */
  readonly memoryBytes: MemoryEstimates;
  /** Floating-point operations of the whole run in this mode; multiply and add each count. */
  readonly flops: number;
  readonly tokensPerSecond: number;
  readonly seconds: number;
  readonly fits: boolean;
  /** Why it does not fit, as a sentence; null when it does. */
  readonly reason: string | null;
}

/** The sizes that the trainer's own estimates ask for. */
export function trainingShapeOf(
  config: LlamaConfig,
  rank: number,
  targets: readonly LinearName[] = LINEAR_NAMES,
): TrainingShape {
  const shapes = linearShapes(config);
  const sum = (names: readonly LinearName[], size: (out: number, into: number) => number) =>
    names.reduce((total, name) => total + size(...shapes[name]), 0) * config.layers;
  return {
    layers: config.layers,
    hidden: config.hidden,
    intermediate: config.feedForward,
    heads: config.heads,
    vocabulary: config.vocabulary,
    linearWeights: sum(LINEAR_NAMES, (out, into) => out * into),
    trainedParameters: sum(targets, (out, into) => rank * (out + into)),
  };
}

/** Never throws for a model that is too large: it says so. */
export function estimateTraining(request: EstimateRequest): TrainingEstimate {
  const { config, tokens, answerShare = DEFAULT_ANSWER_SHARE } = request;
  const shape = trainingShapeOf(config, request.rank, request.targets);
  const load = { batchTokens: request.batchTokens, longestTokens: request.length, answerShare };
  const { mode, reason } = chooseMode(request, estimateMemory(shape, load));
  const lanes = chooseLanes(request, mode, estimateMemory(shape, { ...load, lanes: 2 }).fast);
  const memoryBytes = estimateMemory(shape, { ...load, lanes });
  const perToken = estimateSeconds(shape, { tokens: 1, answerShare, mode, lanes, gigaflops: MEASURED_GIGAFLOPS });
  const tokensPerSecond = request.tokensPerSecond ?? 1 / perToken;
  return {
    memoryMode: mode,
    lanes,
    memoryBytes,
    flops: tokens * operationsPerToken(request, shape, mode),
    tokensPerSecond,
    seconds: tokens / tokensPerSecond,
    fits: reason === null,
    reason,
  };
}

/** As fineTune chooses, with some examples standing for all. */
function chooseLanes(
  { sampleLengths = [], batchTokens, threads = 0, freeMemoryBytes }: EstimateRequest,
  memoryMode: MemoryMode,
  bytes: number,
): LaneCount {
  const plan = planSteps(sampleLengths, { batchTokens, epochs: 1, seed: 0 });
  return fitsMemory(bytes, freeMemoryBytes) ? fasterLanes({ memoryMode, threads, plan }) : 1;
}

function chooseMode(
  { memoryMode, freeMemoryBytes }: EstimateRequest,
  estimates: MemoryEstimates,
): { mode: MemoryMode; reason: string | null } {
  try {
    if (memoryMode === "auto") return { mode: chooseMemoryMode(freeMemoryBytes, estimates), reason: null };
    const bytes = estimates[memoryMode];
    chooseMemoryMode(freeMemoryBytes, { fast: bytes, checkpointed: bytes, small: bytes });
    return { mode: memoryMode, reason: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { mode: memoryMode === "auto" ? "small" : memoryMode, reason: error.message };
  }
}

/**
 * Forward: 2 per weight, and 4·length·heads·d per layer for attention. Backward: the same for the weights, which are
 * frozen, and twice for attention. A-and-B pairs have gradients of their own: 6 per parameter. Checkpoints add a second
 * forward pass of the layers.
 */
function operationsPerToken(
  { config, length, answerShare = DEFAULT_ANSWER_SHARE }: EstimateRequest,
  shape: TrainingShape,
  mode: MemoryMode,
): number {
  const attention = 4 * length * config.heads * config.headDimension * config.layers;
  const head = 4 * config.vocabulary * config.hidden * answerShare;
  const layersOnce = 2 * shape.linearWeights + attention + 2 * shape.trainedParameters;
  const again = mode === "fast" ? 0 : layersOnce;
  return 4 * shape.linearWeights + 3 * attention + 6 * shape.trainedParameters + head + again;
}

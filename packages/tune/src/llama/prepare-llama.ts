/** A GGUF base → everything a training run opens: weights as one mapped file, graphs for the memory mode, the task's name. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ExternalRange } from "@lorekeep/autodiff";
import type { Adapter } from "../export/adapter.ts";
import type { LinearName, LlamaConfig } from "../gguf/llama-config.ts";
import { openGguf } from "../gguf/reader.ts";
import { prepareWeights } from "../prepare-weights.ts";
import type { PreparedWeights, PrepareProgress } from "../prepare-weights.ts";
import type { MemoryMode } from "../train/step-session.ts";
import type { TrainingGraphFiles } from "../train/training-task.ts";
import { answerTask } from "./answer-task.ts";
import type { GroupedAnswerExample } from "./answer-task.ts";
import { llamaParameters, llamaTrainingGraph } from "./llama-graph.ts";
import type { LlamaTrainingOptions } from "./llama-graph.ts";
import { preferenceTask } from "./preference-task.ts";
import type { PreferencePair } from "./preference-task.ts";
import { writeTrainingGraphs } from "../write-training-graphs.ts";

export interface PrepareLlamaRequest {
  readonly ggufPath: string;
  /** Shared by runs: float32 weights by the hash of the GGUF, graphs by the hash of their options. */
  readonly cacheFolder: string;
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly LinearName[];
  readonly maxTokens: number;
  readonly memoryMode: MemoryMode;
  readonly objective: LlamaTrainingOptions["objective"];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
}
export interface PreparedLlama {
  readonly files: TrainingGraphFiles;
  readonly weights: PreparedWeights;
  readonly config: LlamaConfig;
  /** Query heads per key head: goes into every example. */
  readonly group: number;
  readonly taskModule: URL;
  readonly taskExport: string;
  /** Trained parameters, by name, as an adapter in GGUF's layout. */
  toAdapter(parameters: ReadonlyMap<string, Float32Array>): Adapter;
}

/** What is learnt from, by method. */
export interface LlamaExamples {
  readonly supervised: GroupedAnswerExample;
  readonly preference: PreferencePair;
}
export interface LlamaTask<E> {
  readonly taskModule: URL;
  readonly taskExport: string;
  readonly lengthOf: (example: E) => number;
}

const TASKS: { readonly [Kind in keyof LlamaExamples]: LlamaTask<LlamaExamples[Kind]> } = {
  supervised: {
    taskModule: new URL("./answer-task.ts", import.meta.url),
    taskExport: "answerTask",
    lengthOf: (example) => answerTask.lengthOf(example),
  },
  preference: {
    taskModule: new URL("./preference-task.ts", import.meta.url),
    taskExport: "preferenceTask",
    lengthOf: (pair) => preferenceTask.lengthOf(pair),
  },
};

/** Where the training thread finds the method's task, and how long its examples are. */
export const llamaTask = <Kind extends keyof LlamaExamples>(kind: Kind): LlamaTask<LlamaExamples[Kind]> => TASKS[kind];

/** Throws model_unsupported, model_invalid, disk_full, aborted. */
export async function prepareLlama(request: PrepareLlamaRequest): Promise<PreparedLlama> {
  await using gguf = await openGguf(request.ggufPath);
  const { signal, onProgress } = request;
  const weights = await prepareWeights({ gguf, folder: request.cacheFolder, signal, onProgress });
  const options = optionsOf(request, weights.config);
  const task = TASKS[request.objective.kind];
  return {
    files: await writeLlamaGraphs(weights, options),
    weights,
    config: weights.config,
    group: weights.config.heads / weights.config.kvHeads,
    taskModule: task.taskModule,
    taskExport: task.taskExport,
    toAdapter: (parameters) => adapterOf(parameters, request),
  };
}

function optionsOf(request: PrepareLlamaRequest, config: LlamaConfig): LlamaTrainingOptions {
  const { rank, alpha, targets, objective } = request;
  const maxTokens = Math.min(request.maxTokens, config.contextTokens);
  return { config, rank, alpha, targets, objective, maxTokens, recompute: request.memoryMode !== "fast" };
}

/** Beside the weights, because a model file names its data file without a folder. */
async function writeLlamaGraphs(weights: PreparedWeights, options: LlamaTrainingOptions): Promise<TrainingGraphFiles> {
  const folder = dirname(weights.weightsPath);
  await mkdir(folder, { recursive: true });
  const locate = (name: string): ExternalRange => {
    const { offsetBytes, shape } = weights.tensors[name]!;
    return { file: "weights.f32", offset: offsetBytes, bytes: 4 * shape.reduce((product, size) => product * size, 1) };
  };
  const graph = llamaTrainingGraph(options);
  return writeTrainingGraphs({ folder, graph, parameters: llamaParameters(options), options, locate });
}

function adapterOf(parameters: ReadonlyMap<string, Float32Array>, { rank, alpha }: PrepareLlamaRequest): Adapter {
  const names = [...parameters.keys()].flatMap((name) =>
    name.endsWith(".lora_a") ? [name.slice(0, -".lora_a".length)] : [],
  );
  return {
    rank,
    alpha,
    tensors: names.map((name) => ({
      name,
      a: parameters.get(`${name}.lora_a`)!,
      b: parameters.get(`${name}.lora_b`)!,
    })),
  };
}

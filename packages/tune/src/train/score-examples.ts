/**
 * The loss of each example under given parameters, without learning: the gate compares adapter and base by it, and
 * preference tuning takes the reference model's log-probabilities from it (a decoder's loss is −log p of the answer).
 */
import { throwIfAborted } from "@lorekeep/core";
import { runInThread } from "./training-thread.ts";
import type { TrainingGraphFiles } from "./training-task.ts";

export interface Score {
  /** Summed over the terms. */
  readonly loss: number;
  readonly terms: number;
}

export interface ScoreOptions<E> {
  readonly files: TrainingGraphFiles;
  readonly taskModule: URL;
  readonly taskExport: string;
  readonly examples: readonly E[];
  /** By name, flat; a missing one is all zeros (LoRA: the base model). */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number) => void;
}
export interface ScoreOrder extends Omit<ScoreOptions<unknown>, "signal" | "onProgress" | "taskModule"> {
  readonly taskModule: string;
}

/** In the order of the examples. Throws model_failed, model_invalid, aborted. */
export async function scoreExamples<E>(options: ScoreOptions<E>): Promise<Score[]> {
  const { files, taskExport, examples, parameters, threads, signal, onProgress } = options;
  throwIfAborted(signal);
  const order: ScoreOrder = { files, taskModule: options.taskModule.href, taskExport, examples, parameters, threads };
  return runInThread<number, Score[]>(new URL("./score-worker.ts", import.meta.url), order, { onProgress, signal });
}

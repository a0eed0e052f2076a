/**
 * `train`: a training run in a thread of its own, as one promise. Progress comes by callback, holding the run goes by
 * `control`; whatever kills the process, the next call with `resume` continues at the last checkpoint.
 */
import { mkdir } from "node:fs/promises";
import { AppError, throwIfAborted } from "@lorekeep/core";
import { createTrainingControl, type TrainingControl } from "./brake.ts";
import { removeCheckpoints } from "./checkpoint.ts";
import type { Recipe } from "./recipe.ts";
import type { LaneCount } from "./choose-lanes.ts";
import type { MemoryMode } from "./step-session.ts";
import type { TrainingProgress } from "./train-loop.ts";
import type { TrainingResult, WorkerOrder } from "./train-messages.ts";
import type { TrainingGraphFiles } from "./training-task.ts";
import { runInThread } from "./training-thread.ts";

export interface TrainOptions<E> {
  readonly files: TrainingGraphFiles;
  /** The module whose export `taskExport` is a TrainingTask<E>. */
  readonly taskModule: URL;
  readonly taskExport: string;
  readonly examples: readonly E[];
  /** Empty: no validation, no early stop, the last parameters are the result. */
  readonly validation: readonly E[];
  readonly recipe: Recipe;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly memoryMode: MemoryMode;
  /**
   * 2: share each step between two sessions with half of the threads each, in fast mode, where there are two threads and most steps
   * hold several examples. Faster, and a second set of packed weights in memory: fineTune asks whether it fits. 1 when missing.
   */
  readonly lanes?: LaneCount;
  /** Faster alone on the machine, much slower beside others; off when missing. */
  readonly isSpinning?: boolean;
  /** The run's own folder. Its checkpoints stay after the end, until removeCheckpoints. */
  readonly checkpointFolder: string;
  readonly checkpointEverySeconds: number;
  readonly checkpointEverySteps?: number;
  /** Go on at the folder's checkpoint, if there is one; else its checkpoints are removed. */
  readonly resume: boolean;
  /** First values that replace the task's: by parameter name, flat. */
  readonly startFrom?: ReadonlyMap<string, Float32Array>;
  /** Aborting it is the same as control.cancel(). */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly control?: TrainingControl;
}

/**
 * Resolves with what was learnt, also when cancelled on the way. Throws training_diverged, conflict (the checkpoint is of another run),
 * model_failed, model_invalid, shape_mismatch, disk_full; aborted when the signal had fired before the start.
 */
export async function train<E>(options: TrainOptions<E>): Promise<TrainingResult> {
  throwIfAborted(options.signal);
  if (options.examples.length === 0) throw new AppError("request_invalid", "There are no examples to learn from.");
  // Also starts the thread pool of file operations here, before the worker does so at its lower priority.
  await mkdir(options.checkpointFolder, { recursive: true });
  if (!options.resume) await removeCheckpoints(options.checkpointFolder);
  const control = options.control ?? createTrainingControl();
  const cancel = (): void => control.cancel();
  options.signal?.addEventListener("abort", cancel, { once: true });
  if (options.signal?.aborted === true) cancel(); // while the folder was made
  try {
    const entry = new URL("./train-worker.ts", import.meta.url);
    return await runInThread<TrainingProgress, TrainingResult>(entry, orderOf(options, control), {
      onProgress: options.onProgress,
    });
  } finally {
    options.signal?.removeEventListener("abort", cancel);
  }
}

function orderOf<E>(options: TrainOptions<E>, control: TrainingControl): WorkerOrder {
  return {
    files: options.files,
    taskModule: options.taskModule.href,
    taskExport: options.taskExport,
    examples: options.examples,
    validation: options.validation,
    recipe: options.recipe,
    threads: options.threads,
    memoryMode: options.memoryMode,
    lanes: options.lanes ?? 1,
    isSpinning: options.isSpinning ?? false,
    checkpointFolder: options.checkpointFolder,
    checkpointEverySeconds: options.checkpointEverySeconds,
    checkpointEverySteps: options.checkpointEverySteps ?? Infinity,
    resume: options.resume,
    startFrom: options.startFrom,
    controlWords: control.words,
  };
}

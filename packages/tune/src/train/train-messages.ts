/** What crosses between the main thread and the training worker. Control crosses in shared memory (brake.ts). */
import type { LossPoint } from "./checkpoint.ts";
import type { Recipe } from "./recipe.ts";
import type { LaneCount } from "./choose-lanes.ts";
import type { MemoryMode } from "./step-session.ts";
import type { Ending } from "./train-loop.ts";
import type { TrainingGraphFiles } from "./training-task.ts";

export interface WorkerOrder {
  readonly files: TrainingGraphFiles;
  /** URL of the module that exports the task. */
  readonly taskModule: string;
  readonly taskExport: string;
  readonly examples: readonly unknown[];
  readonly validation: readonly unknown[];
  readonly recipe: Recipe;
  readonly threads: number;
  readonly memoryMode: MemoryMode;
  /** At most. */
  readonly lanes: LaneCount;
  readonly isSpinning: boolean;
  readonly checkpointFolder: string;
  readonly checkpointEverySeconds: number;
  readonly checkpointEverySteps: number;
  readonly resume: boolean;
  /** First values that replace the task's: by name, flat. */
  readonly startFrom: ReadonlyMap<string, Float32Array> | undefined;
  readonly controlWords: Int32Array<SharedArrayBuffer>;
}

export interface TrainingResult {
  /** Of the best validation, or the last ones without validation; row-major, by name. */
  readonly parameters: Map<string, Float32Array>;
  readonly lossSeries: readonly LossPoint[];
  readonly validationSeries: readonly LossPoint[];
  /** Step after which the parameters were taken; 0 = before the first. */
  readonly bestStep: number;
  /** Steps done, skipped ones included. */
  readonly steps: number;
  readonly stopped: Ending;
  /** Over all steps, without padding, validation and pauses. */
  readonly tokensPerSecond: number;
  readonly skippedSteps: number;
  readonly lanes: LaneCount;
  /** Highest resident memory of the process seen after a step. */
  readonly peakRssBytes: number;
}

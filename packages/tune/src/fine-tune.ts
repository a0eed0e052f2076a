/**
 * The third corridor: examples → tokens → memory → graph → batches → steps → adapter → gate. Read it as a table of contents.
 * What other packages do (the serving prompt and tokenizer, the graph of an architecture, adapter files, the evaluation)
 * comes in as functions, so a decoder that learns to answer, an encoder that learns to read and preference pairs all walk
 * the same way.
 *
 * Invariants: nothing is downloaded, written or computed before the data is there and the machine has room for it; an
 * adapter that has not passed the gate is returned with its verdict, and whoever serves decides by `isPromoted`.
 */
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { TrainingControl } from "./train/brake.ts";
import { planSteps } from "./train/batches.ts";
import { estimateMemory, type TrainingShape } from "./train/estimate-training.ts";
import type { Recipe } from "./train/recipe.ts";
import { checkResources } from "./train/resources.ts";
import type { MemoryMode } from "./train/step-session.ts";
import type { TrainingProgress } from "./train/train-loop.ts";
import type { TrainingResult } from "./train/train-messages.ts";
import { train } from "./train/trainer.ts";
import type { TrainingGraphFiles } from "./train/training-task.ts";

/** Examples as token ids, split so that no document stands on both sides. */
export interface TokenisedExamples<E> {
  readonly train: readonly E[];
  readonly validation: readonly E[];
  /** Left out because they were longer than the recipe's limit. */
  readonly droppedCount: number;
  /** By the task's lengthOf, in the order of `train`. */
  readonly lengths: readonly number[];
  /** Share of the tokens that are answers, in [0, 1]. */
  readonly answerShare: number;
}

/** The rooms of the corridor that other packages furnish. Each takes the signal of the run. */
export interface FineTuneRooms<E, Adapter, Verdict extends { readonly isPromoted: boolean }> {
  tokenise(signal: AbortSignal | undefined): Promise<TokenisedExamples<E>>;
  /** Writes weights and graphs for the mode, with checkpoints in it unless the mode is fast. */
  writeGraphs(mode: MemoryMode, signal: AbortSignal | undefined): Promise<TrainingGraphFiles>;
  /** Writes the adapter under a name that was never used before. */
  exportAdapter(learnt: TrainingResult, signal: AbortSignal | undefined): Promise<Adapter>;
  judge(adapter: Adapter, signal: AbortSignal | undefined): Promise<Verdict>;
}

export interface FineTuneOptions<E, Adapter, Verdict extends { readonly isPromoted: boolean }> {
  readonly rooms: FineTuneRooms<E, Adapter, Verdict>;
  /** Of the base with its trained parameters, for the estimate. */
  readonly shape: TrainingShape;
  readonly taskModule: URL;
  readonly taskExport: string;
  readonly recipe: Recipe;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  /** Missing = the fastest that fits into free memory. */
  readonly memoryMode?: MemoryMode | undefined;
  /** The run's own folder: checkpoints, graphs, adapter. */
  readonly folder: string;
  /** Bytes that writeGraphs and exportAdapter will write there. */
  readonly fileBytes: number;
  readonly checkpointEverySeconds?: number;
  /** Go on where an earlier process of this run was killed. */
  readonly resume: boolean;
  readonly control?: TrainingControl;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: FineTuneProgress) => void;
}

export type FineTunePhase = "tokenising" | "preparing" | "training" | "exporting" | "judging";
export type FineTuneProgress =
  | { readonly type: "phase"; readonly phase: FineTunePhase }
  | {
      readonly type: "plan";
      readonly memoryMode: MemoryMode;
      readonly steps: number;
      readonly tokens: number;
      readonly droppedCount: number;
    }
  | TrainingProgress;

export interface FineTuned<Adapter, Verdict> {
  readonly learnt: TrainingResult;
  readonly memoryMode: MemoryMode;
  /** Missing when the run was cancelled before its end. */
  readonly adapter?: Adapter;
  readonly verdict?: Verdict;
}

const CHECKPOINT_EVERY_SECONDS = 60;

/**
 * The whole way. A cancelled run resolves with what was learnt and no adapter, and can be resumed. Throws request_invalid (no examples),
 * memory_low, disk_full, training_diverged, conflict, aborted, and what the rooms throw.
 */
export async function fineTune<E, Adapter, Verdict extends { readonly isPromoted: boolean }>(
  options: FineTuneOptions<E, Adapter, Verdict>,
): Promise<FineTuned<Adapter, Verdict>> {
  const { rooms, signal, onProgress } = options;
  const enter = (phase: FineTunePhase): void => {
    throwIfAborted(signal);
    onProgress?.({ type: "phase", phase });
  };

  enter("tokenising");
  const examples = await rooms.tokenise(signal);

  enter("preparing");
  const memoryMode = await findRoom(options, examples);
  const files = await rooms.writeGraphs(memoryMode, signal);

  enter("training");
  onProgress?.({
    type: "plan",
    memoryMode,
    ...sizeOfRun(options.recipe, examples),
    droppedCount: examples.droppedCount,
  });
  const learnt = await train({
    ...options,
    files,
    memoryMode,
    examples: examples.train,
    validation: examples.validation,
    checkpointFolder: options.folder,
    checkpointEverySeconds: options.checkpointEverySeconds ?? CHECKPOINT_EVERY_SECONDS,
  });
  if (learnt.stopped === "cancelled") return { learnt, memoryMode };

  enter("exporting");
  const adapter = await rooms.exportAdapter(learnt, signal);

  enter("judging");
  const verdict = await rooms.judge(adapter, signal);
  return { learnt, memoryMode, adapter, verdict };
}

/** The memory mode, once there is something to learn and room for it. */
async function findRoom<E>(
  options: Pick<
    FineTuneOptions<E, unknown, { isPromoted: boolean }>,
    "shape" | "recipe" | "memoryMode" | "folder" | "fileBytes"
  >,
  examples: TokenisedExamples<E>,
): Promise<MemoryMode> {
  if (examples.train.length === 0)
    throw new AppError(
      "request_invalid",
      "No example is short enough to learn from. Add examples or raise the length limit.",
      {
        dropped: examples.droppedCount,
      },
    );
  const longestTokens = examples.lengths.reduce((longest, length) => Math.max(longest, length), 1);
  const { batchTokens } = options.recipe;
  return checkResources({
    estimates: estimateMemory(options.shape, { batchTokens, longestTokens, answerShare: examples.answerShare }),
    memoryMode: options.memoryMode,
    trainedParameters: options.shape.trainedParameters,
    otherBytes: options.fileBytes,
    folder: options.folder,
  });
}

function sizeOfRun<E>(recipe: Recipe, examples: TokenisedExamples<E>): { steps: number; tokens: number } {
  const steps = planSteps(examples.lengths, recipe);
  return { steps: steps.length, tokens: steps.reduce((sum, step) => sum + step.tokens, 0) };
}

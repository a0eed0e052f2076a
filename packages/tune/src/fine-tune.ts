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
import { fasterLanes, type LaneCount } from "./train/choose-lanes.ts";
import { estimateMemory, type TrainingShape } from "./train/estimate-training.ts";
import type { Recipe } from "./train/recipe.ts";
import { checkResources, fitsMemory, freeMemoryBytes } from "./train/resources.ts";
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
  /** What examples lack until the graphs are there: pairs, what the base thinks of them. Lengths stay as they are. */
  complete?(examples: TokenisedExamples<E>, signal: AbortSignal | undefined): Promise<TokenisedExamples<E>>;
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
  /** Or made for the examples: how many steps there are decides about warm-up and validation. */
  readonly recipe: Recipe | ((examples: TokenisedExamples<E>) => Recipe);
  /** 0 = as many as there are cores. */
  readonly threads: number;
  /** Missing = the fastest that fits into free memory. */
  readonly memoryMode?: MemoryMode | undefined;
  /** The run's own folder: checkpoints, graphs, adapter. */
  readonly folder: string;
  /** Bytes that writeGraphs and exportAdapter will write there. */
  readonly fileBytes: number;
  readonly checkpointEverySeconds?: number;
  /**
   * Go on where an earlier process of this run was killed. "or-begin-anew": a checkpoint of another plan, as a new release may
   * find it, is given up instead of being an error.
   */
  readonly resume: boolean | "or-begin-anew";
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
      /** 2: steps are shared between two sessions. */
      readonly lanes: LaneCount;
      readonly steps: number;
      readonly tokens: number;
      readonly droppedCount: number;
    }
  /** The checkpoint was of another plan. */
  | { readonly type: "begun-anew" }
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
  const tokenised = await rooms.tokenise(signal);
  const recipe = typeof options.recipe === "function" ? options.recipe(tokenised) : options.recipe;

  enter("preparing");
  const { memoryMode, lanes } = await findRoom({ ...options, recipe }, tokenised);
  const files = await rooms.writeGraphs(memoryMode, signal);
  const examples = (await rooms.complete?.(tokenised, signal)) ?? tokenised;

  enter("training");
  onProgress?.({
    type: "plan",
    memoryMode,
    lanes,
    ...sizeOfRun(recipe, examples),
    droppedCount: examples.droppedCount,
  });
  const learnt = await learn({ ...options, recipe, files, memoryMode, lanes }, examples);
  if (learnt.stopped === "cancelled") return { learnt, memoryMode };

  enter("exporting");
  const adapter = await rooms.exportAdapter(learnt, signal);

  enter("judging");
  const verdict = await rooms.judge(adapter, signal);
  return { learnt, memoryMode, adapter, verdict };
}

interface Prepared {
  readonly recipe: Recipe;
  readonly files: TrainingGraphFiles;
  readonly memoryMode: MemoryMode;
  readonly lanes: LaneCount;
}

async function learn<E>(
  options: Omit<FineTuneOptions<E, unknown, { isPromoted: boolean }>, "recipe" | "memoryMode"> & Prepared,
  { train: examples, validation }: TokenisedExamples<E>,
): Promise<TrainingResult> {
  const { folder: checkpointFolder, checkpointEverySeconds = CHECKPOINT_EVERY_SECONDS, resume } = options;
  const order = { ...options, examples, validation, checkpointFolder, checkpointEverySeconds };
  try {
    return await train({ ...order, resume: resume !== false });
  } catch (error) {
    if (resume !== "or-begin-anew" || !(error instanceof AppError) || error.code !== "conflict") throw error;
    options.onProgress?.({ type: "begun-anew" });
    return train({ ...order, resume: false });
  }
}

/** The memory mode and the lanes, once there is something to learn and room for it. */
async function findRoom<E>(
  options: Pick<
    FineTuneOptions<E, unknown, { isPromoted: boolean }>,
    "shape" | "memoryMode" | "folder" | "fileBytes" | "threads"
  > & { readonly recipe: Recipe },
  examples: TokenisedExamples<E>,
): Promise<{ memoryMode: MemoryMode; lanes: LaneCount }> {
  if (examples.train.length === 0)
    throw new AppError(
      "request_invalid",
      "No example is short enough to learn from. Add examples or raise the length limit.",
      {
        dropped: examples.droppedCount,
      },
    );
  const { shape, recipe, threads } = options;
  const longestTokens = examples.lengths.reduce((longest, length) => Math.max(longest, length), 1);
  const load = { batchTokens: recipe.batchTokens, longestTokens, answerShare: examples.answerShare };
  const memoryMode = await checkResources({
    estimates: estimateMemory(shape, load),
    memoryMode: options.memoryMode,
    trainedParameters: shape.trainedParameters,
    otherBytes: options.fileBytes,
    folder: options.folder,
  });
  const plan = planSteps(examples.lengths, recipe);
  const lanes = fasterLanes({ memoryMode, threads, plan });
  const hasRoom = fitsMemory(estimateMemory(shape, { ...load, lanes }).fast, freeMemoryBytes());
  return { memoryMode, lanes: hasRoom ? lanes : 1 };
}

function sizeOfRun<E>(recipe: Recipe, examples: TokenisedExamples<E>): { steps: number; tokens: number } {
  const steps = planSteps(examples.lengths, recipe);
  return { steps: steps.length, tokens: steps.reduce((sum, step) => sum + step.tokens, 0) };
}

/**
 * The training run itself: plan → batch → loss and gradient → clip → AdamW → validate → checkpoint, until the plan is done,
 * the validation stops improving, or somebody cancels. It owns no thread and no session: train-worker.ts gives it both,
 * and lanes.ts the gradients.
 *
 * Invariants: between two steps the whole run is in `RunState`, so a checkpoint taken there continues bit for bit; a step
 * whose loss or gradient is not finite changes neither parameters nor moments.
 */
import { AppError } from "@lorekeep/core";
import type { Brake } from "./brake.ts";
import type { LossPoint, RunState } from "./checkpoint.ts";
import type { GradientSource } from "./lanes.ts";
import type { Recipe } from "./recipe.ts";
import type { StepSession } from "./step-session.ts";
import type { TrainingTask } from "./training-task.ts";
import { clipGradient, gradientNorm, updateAdamW } from "./adamw.ts";
import { cutBatches, planSteps, type PlannedStep } from "./batches.ts";
import { learningRateAt } from "./schedule.ts";

export interface StepProgress {
  readonly type: "progress";
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  /** From 0. */
  readonly epoch: number;
  /** Mean over the step's loss terms; null when the step was skipped because it was not finite. */
  readonly loss: number | null;
  /** Running mean of the losses. */
  readonly smoothedLoss: number | null;
  readonly learningRate: number;
  /** Before clipping; null when not finite. */
  readonly gradientNorm: number | null;
  readonly tokensPerSecond: number;
  readonly etaSeconds: number;
  readonly rssBytes: number;
  readonly skippedSteps: number;
}
export interface ValidationProgress {
  readonly type: "validation";
  readonly step: number;
  readonly loss: number;
  readonly isBest: boolean;
}
export type TrainingProgress = StepProgress | ValidationProgress;

export interface TrainLoopOptions<E> {
  readonly task: TrainingTask<E>;
  readonly examples: readonly E[];
  readonly validation: readonly E[];
  readonly recipe: Recipe;
  /** Changed in place. */
  readonly state: RunState;
  /** Written by every measurement of `source`. */
  readonly gradient: Float32Array;
  readonly source: GradientSource;
  /** Only asked for when there is something to validate; called once per validation. */
  readonly evaluateSession: () => Promise<StepSession>;
  readonly brake: Brake;
  readonly report: (progress: TrainingProgress) => void;
  /** Called after every step; decides by itself whether it is time to write. */
  readonly saveWhenDue: (isLast: boolean) => Promise<void>;
}
export type Ending = "done" | "early" | "cancelled";

const MAX_SKIPPED_IN_A_ROW = 3;
const SMOOTHING = 0.9;

/** Runs the rest of the plan. Throws training_diverged, model_failed, disk_full. */
export async function trainLoop<E>(options: TrainLoopOptions<E>): Promise<Ending> {
  const { state, recipe, task } = options;
  const plan = planSteps(
    options.examples.map((example) => task.lengthOf(example)),
    recipe,
  );
  const meter = openMeter(plan, options);
  if (owesValidation(plan, options) && !(await validate(options))) return cancelled(options);
  while (state.step < plan.length && !state.isEarlyStop) {
    const planned = plan[state.step]!;
    const startedAt = performance.now() - options.brake.waitedMs;
    const measured = await options.source.measure(planned.batches);
    if (measured === null) return cancelled(options);
    const learningRate = learningRateAt(state.step, plan.length, recipe);
    const norm = applyStep(measured.loss, learningRate, options);
    const isFine = Number.isFinite(norm);
    const ms = performance.now() - options.brake.waitedMs - startedAt;
    state.tokens += measured.tokens;
    state.stepMs += ms;
    const speed = meter.add(measured.tokens, ms, isFine ? measured.loss : null);
    options.report({
      type: "progress",
      step: state.step,
      steps: plan.length,
      epoch: planned.epoch,
      loss: isFine ? measured.loss : null,
      learningRate,
      gradientNorm: isFine ? norm : null,
      rssBytes: process.memoryUsage.rss(),
      skippedSteps: state.skippedSteps,
      ...speed,
    });
    if (isValidationDue(planned, state.step, recipe) && !(await validate(options))) return cancelled(options);
    await options.saveWhenDue(state.step === plan.length || state.isEarlyStop);
  }
  return state.step < plan.length ? "early" : "done";
}

async function cancelled<E>(options: TrainLoopOptions<E>): Promise<Ending> {
  await options.saveWhenDue(true);
  return "cancelled";
}

/** True before the first step, and when a run was cancelled in the validation that follows its last one. */
function owesValidation<E>(plan: readonly PlannedStep[], { state, recipe }: TrainLoopOptions<E>): boolean {
  const last = plan[state.step - 1];
  const isDue = last === undefined || isValidationDue(last, state.step, recipe);
  return isDue && state.validations.at(-1)?.step !== state.step;
}

/** Counts the step and updates the parameters. Returns the gradient's norm, not finite when the step was skipped. */
function applyStep<E>(loss: number, learningRate: number, { state, gradient, recipe }: TrainLoopOptions<E>): number {
  state.step += 1;
  const norm = Number.isFinite(loss) ? gradientNorm(gradient) : NaN;
  if (!Number.isFinite(norm)) {
    state.skippedSteps += 1;
    state.skippedInARow += 1;
    if (state.skippedInARow < MAX_SKIPPED_IN_A_ROW) return norm;
    throw new AppError(
      "training_diverged",
      `The loss was not a number for ${MAX_SKIPPED_IN_A_ROW} steps in a row (step ${state.step}). Lower the learning rate or look through the examples.`,
      { step: state.step, learningRate },
    );
  }
  clipGradient(gradient, norm, recipe.clipNorm);
  const adam = { m: state.m, v: state.v, t: state.updates };
  updateAdamW(state.parameters, gradient, adam, { learningRate, weightDecay: recipe.weightDecay, betas: recipe.betas });
  state.updates = adam.t;
  state.skippedInARow = 0;
  state.losses.push({ step: state.step, loss });
  return norm;
}

function isValidationDue(planned: PlannedStep, step: number, { validateEverySteps }: Recipe): boolean {
  return planned.isEpochEnd || (validateEverySteps > 0 && step % validateEverySteps === 0);
}

/** Mean loss over the validation set; keeps the best parameters. False when cancelled on the way. */
async function validate<E>(options: TrainLoopOptions<E>): Promise<boolean> {
  const { state, recipe, task, validation, brake } = options;
  if (validation.length === 0) return true;
  const session = await options.evaluateSession();
  let [loss, terms] = [0, 0];
  for (const batch of validationBatches(validation, task, recipe)) {
    if (!brake.mayGoOn()) return false;
    const { feeds, terms: more } = task.feedsOf(batch);
    loss += await session.run(feeds, 1);
    terms += more;
  }
  const point: LossPoint = { step: state.step, loss: loss / Math.max(1, terms) };
  if (!Number.isFinite(point.loss)) return true; // the next steps will be skipped and counted
  state.validations.push(point);
  const isBest = state.bestLoss === null || point.loss < state.bestLoss;
  if (isBest) {
    state.best.set(state.parameters);
    [state.bestLoss, state.bestStep, state.worseValidations] = [point.loss, state.step, 0];
  } else {
    state.worseValidations += 1;
    state.isEarlyStop = recipe.patience > 0 && state.worseValidations >= recipe.patience;
  }
  options.report({ type: "validation", ...point, isBest });
  return true;
}

function validationBatches<E>(examples: readonly E[], task: TrainingTask<E>, recipe: Recipe): E[][] {
  const lengths = examples.map((example) => task.lengthOf(example));
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  return cutBatches(order, lengths, recipe.batchTokens).map((batch) => batch.map((index) => examples[index]!));
}

/** Speed, time left and the running mean of the loss, which a resumed run computes anew from the series. */
function openMeter<E>(plan: readonly PlannedStep[], { state, brake }: TrainLoopOptions<E>) {
  const startedAt = performance.now();
  let plannedLeft = plan.slice(state.step).reduce((sum, step) => sum + step.tokens, 0);
  let [plannedDone, smoothed, tokens, ms] = [0, null as number | null, 0, 0];
  const smooth = (loss: number): void => {
    smoothed = smoothed === null ? loss : SMOOTHING * smoothed + (1 - SMOOTHING) * loss;
  };
  for (const { loss } of state.losses) smooth(loss);
  return {
    add: (stepTokens: number, stepMs: number, loss: number | null) => {
      if (loss !== null) smooth(loss);
      const { tokens: planned } = plan[state.step - 1]!;
      plannedLeft -= planned;
      plannedDone += planned;
      // Recent steps count for more: the machine may have become busier.
      tokens = SMOOTHING * tokens + stepTokens;
      ms = SMOOTHING * ms + stepMs;
      const wallSeconds = (performance.now() - startedAt - brake.waitedMs) / 1000;
      return {
        smoothedLoss: smoothed,
        tokensPerSecond: (1000 * tokens) / ms,
        etaSeconds: (wallSeconds * plannedLeft) / plannedDone, // with validation, without pauses
      };
    },
  };
}

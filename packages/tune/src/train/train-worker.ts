/**
 * The training thread: finds the task, opens the session, starts or continues the run, reports. Everything that blocks is
 * here, so the main thread's event loop stays free.
 */
import { createHash } from "node:crypto";
import { serialize } from "node:v8";
import { AppError } from "@lorekeep/core";
import { startAdam } from "./adamw.ts";
import { planSteps } from "./batches.ts";
import { openBrake } from "./brake.ts";
import { fasterLanes, threadsOfLane, type LaneCount } from "./choose-lanes.ts";
import { readCheckpoint, writeCheckpoint, type RunState } from "./checkpoint.ts";
import { findTask } from "./find-task.ts";
import { flatLength, sizeOf, viewsOf } from "./flat-parameters.ts";
import { openLaneThread } from "./lane-thread.ts";
import { openLanes, type LanesOptions } from "./lanes.ts";
import { seededRandom } from "./random.ts";
import { openStepSession, type StepSession } from "./step-session.ts";
import { trainLoop, type TrainingProgress } from "./train-loop.ts";
import type { TrainingResult, WorkerOrder } from "./train-messages.ts";
import { serveThread } from "./training-thread.ts";
import type { TrainingTask } from "./training-task.ts";

/** Keeps the first parameters apart from every other use of the seed. */
const INITIAL_STREAM = 2;

/** Of batches.ts: raised when the same recipe gives other batches, so no checkpoint goes on with a plan that is not its own. */
const PLAN_VERSION = 2;

/** Equal for two runs that would give the same losses; the number of lanes changes them by rounding only. */
function fingerprintOf({ recipe, files, examples, validation, startFrom }: WorkerOrder): string {
  return createHash("sha256")
    .update(serialize([PLAN_VERSION, recipe, files.parameters, examples, validation, startFrom]))
    .digest("hex");
}

function firstState(order: WorkerOrder, task: TrainingTask<unknown>): RunState {
  const specs = order.files.parameters;
  const parameters = new Float32Array(flatLength(specs));
  const views = viewsOf(parameters, specs);
  for (const [i, spec] of specs.entries()) {
    const values =
      order.startFrom?.get(spec.name) ?? task.initial(spec, seededRandom(order.recipe.seed, INITIAL_STREAM, i));
    if (values.length !== sizeOf(spec))
      throw new AppError("shape_mismatch", `The first values of ${spec.name} do not fit its shape.`, {
        given: values.length,
      });
    views.get(spec.name)!.set(values);
  }
  const { m, v, t } = startAdam(parameters.length);
  return {
    step: 0,
    parameters,
    m,
    v,
    updates: t,
    best: Float32Array.from(parameters),
    bestStep: 0,
    bestLoss: null,
    worseValidations: 0,
    skippedSteps: 0,
    skippedInARow: 0,
    tokens: 0,
    stepMs: 0,
    isEarlyStop: false,
    losses: [],
    validations: [],
  };
}

/** Writes every so many seconds or steps, and at the end. */
function openSaver(order: WorkerOrder, state: RunState, fingerprint: string) {
  let savedAt = performance.now();
  let savedStep = state.step;
  return async (isLast: boolean): Promise<void> => {
    const isDue =
      performance.now() - savedAt >= order.checkpointEverySeconds * 1000 ||
      state.step - savedStep >= order.checkpointEverySteps;
    if (!isLast && !isDue) return;
    await writeCheckpoint(order.checkpointFolder, state, fingerprint);
    savedAt = performance.now();
    savedStep = state.step;
  };
}

/** The session of the training graph, or two lanes of it where that is wanted and worth it. */
async function openTraining(
  order: WorkerOrder,
  parts: Pick<LanesOptions<unknown>, "task" | "parameters" | "gradient" | "brake">,
) {
  const { files, taskModule, taskExport, isSpinning, examples } = order;
  const lanes = lanesOf(order, parts.task);
  const threads = threadsOfLane(order.threads, lanes);
  const second = lanes === 1 ? undefined : openLaneThread({ files, taskModule, taskExport, threads, isSpinning });
  let session: StepSession | null = null;
  const close = async (): Promise<void> => {
    try {
      await session?.close();
    } finally {
      await second?.close();
    }
  };
  try {
    const { trainModel: modelPath, parameters: specs } = files;
    const { parameters, gradient } = parts;
    const isPrepacked = order.memoryMode !== "small";
    session = await openStepSession({ modelPath, specs, parameters, gradient, threads, isPrepacked, isSpinning });
    await second?.ready;
    return { source: openLanes({ ...parts, examples, session, second }), lanes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function lanesOf(
  { lanes, examples, recipe, memoryMode, threads }: WorkerOrder,
  task: TrainingTask<unknown>,
): LaneCount {
  if (lanes === 1) return 1;
  const lengths = examples.map((example) => task.lengthOf(example));
  return fasterLanes({ memoryMode, threads, plan: planSteps(lengths, recipe) });
}

/** One session for all validations, made at the first; in small mode each validation has its own, so no memory stays held. */
function openEvaluation(order: WorkerOrder, state: RunState) {
  let session: StepSession | null = null;
  const close = async (): Promise<void> => {
    await session?.close();
    session = null;
  };
  const open = async (): Promise<StepSession> => {
    if (order.memoryMode === "small") await close();
    session ??= await openStepSession({
      modelPath: order.files.evaluateModel,
      specs: order.files.parameters,
      parameters: state.parameters,
      threads: order.threads,
      isPrepacked: false,
      isSpinning: order.isSpinning,
    });
    return session;
  };
  return { open, close };
}

function resultOf(
  order: WorkerOrder,
  state: RunState,
  { stopped, peakRssBytes, lanes }: Pick<TrainingResult, "stopped" | "peakRssBytes" | "lanes">,
): TrainingResult {
  const isValidated = state.bestLoss !== null;
  return {
    parameters: viewsOf(isValidated ? state.best : state.parameters, order.files.parameters),
    lossSeries: state.losses,
    validationSeries: state.validations,
    bestStep: isValidated ? state.bestStep : state.step,
    steps: state.step,
    stopped,
    tokensPerSecond: state.stepMs === 0 ? 0 : (1000 * state.tokens) / state.stepMs,
    skippedSteps: state.skippedSteps,
    peakRssBytes,
    lanes,
  };
}

async function work(order: WorkerOrder, report: (progress: TrainingProgress) => void): Promise<TrainingResult> {
  const task = await findTask(order.taskModule, order.taskExport);
  const fingerprint = fingerprintOf(order);
  const saved = order.resume ? await readCheckpoint(order.checkpointFolder, fingerprint) : null;
  const state = saved ?? firstState(order, task);
  const gradient = new Float32Array(state.parameters.length);
  const brake = openBrake(order.controlWords);
  const training = await openTraining(order, { task, parameters: state.parameters, gradient, brake });
  const evaluation = openEvaluation(order, state);
  let peakRssBytes = process.memoryUsage.rss();
  try {
    const stopped = await trainLoop({
      task,
      examples: order.examples,
      validation: order.validation,
      recipe: order.recipe,
      state,
      gradient,
      source: training.source,
      evaluateSession: evaluation.open,
      brake,
      report: (progress) => {
        if (progress.type === "progress") peakRssBytes = Math.max(peakRssBytes, progress.rssBytes);
        report(progress);
      },
      saveWhenDue: openSaver(order, state, fingerprint),
    });
    return resultOf(order, state, { stopped, peakRssBytes, lanes: training.lanes });
  } finally {
    await training.close();
    await evaluation.close();
  }
}

await serveThread(work);

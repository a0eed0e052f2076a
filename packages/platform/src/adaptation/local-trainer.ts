/**
 * The trainer of this machine: weights and graphs from @lorekeep/tune, tokens and served answers from @lorekeep/models, brought
 * together here because neither of them knows the other. Native libraries are loaded when a base is opened, not before.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@lorekeep/core";
import type { Config, Logger } from "@lorekeep/core";
import type {
  GroupedAnswerExample,
  PreferencePair,
  PreparedLlama,
  Recipe as TuneRecipe,
  Score,
  TrainOptions,
  TrainingResult,
} from "@lorekeep/tune";
import { modelsFolder } from "../data-folder.ts";
import type { Models } from "../platform.ts";
import { findBase } from "./find-base.ts";
import type { BaseFile } from "./find-base.ts";
import type { Recipe, TokenExample, TrainableBase, Trained, Trainer, TrainOrder } from "./trainer.ts";

export interface LocalTrainerOptions {
  readonly config: Config;
  readonly models: Models;
  readonly logger: Logger;
}

/** Float32 weights and graphs, shared by all runs and data folders; may be deleted when nothing is trained. */
const CACHE_FOLDER = "training-cache";
const CHECKPOINT_EVERY_SECONDS = 60;
/** Validations in an epoch: enough to stop early, few enough to cost little. */
const VALIDATIONS_AN_EPOCH = 2;

export function openLocalTrainer(options: LocalTrainerOptions): Trainer {
  return {
    versions: () => ({ node: process.versions.node }),
    async openBase(name) {
      const base = await findBase(options.config, name);
      const { llamaConfigOf, openGguf } = await import("@lorekeep/tune");
      await using file = await openGguf(base.path);
      const config = llamaConfigOf(file);
      return { ...described(base), config, ...rooms(options, base) };
    },
  };
}

const described = ({ name, fingerprint, licence, huggingFaceId }: BaseFile) => ({
  name,
  fingerprint,
  licence,
  huggingFaceId,
});

function rooms(options: LocalTrainerOptions, base: BaseFile): Pick<TrainableBase, "tokenizer" | "train" | "generator"> {
  return {
    tokenizer: async () => (await import("@lorekeep/models")).openChatTokenizer(base.path),
    train: (order) => train(options, base, order),
    generator: () => openServing(options, base),
  };
}

/** The one that serves when it has these weights: nothing is loaded twice. */
async function openServing({ config, models, logger }: LocalTrainerOptions, base: BaseFile) {
  if (base.name === config.models.generator)
    return { generator: await models.generator(), close: async () => undefined };
  const { openGenerator } = await import("@lorekeep/models");
  const { name, fingerprint, path: modelPath, contextTokens, languages } = base;
  const { threads } = config.models;
  const shared = { threads, parallelAnswers: 1, logger };
  const generator = await openGenerator({ name, fingerprint, modelPath, contextTokens, languages, ...shared });
  return { generator, close: () => generator.close() };
}

async function train(options: LocalTrainerOptions, base: BaseFile, order: TrainOrder): Promise<Trained> {
  const { recipe, examples } = order;
  const memoryMode = await chooseMode(base, order);
  const prepare = async (kind: Recipe["method"]): Promise<PreparedLlama> => {
    const { prepareLlama } = await import("@lorekeep/tune");
    const cacheFolder = join(modelsFolder(options.config), CACHE_FOLDER);
    await mkdir(cacheFolder, { recursive: true });
    const { rank, alpha, targets, maxTokens, beta } = recipe;
    const objective = kind === "preference" ? { kind, beta } : { kind };
    const sizes = { rank, alpha, targets, maxTokens, memoryMode, objective };
    return prepareLlama({ ggufPath: base.path, cacheFolder, ...sizes, signal: order.signal });
  };
  const answers = await prepare("supervised");
  const ofAnswers = (each: readonly TokenExample[]) => each.map((example) => toAnswer(example, answers.group));
  const run = { options, order, memoryMode };
  const learnt =
    recipe.method === "preference"
      ? await learn(run, await prepare("preference"), await pairsOf(order, answers))
      : await learn(run, answers, {
          train: ofAnswers(examples.train),
          validation: ofAnswers(examples.validation),
        });
  return {
    learnt,
    memoryMode,
    adapter: learnt.stopped === "cancelled" ? null : answers.toAdapter(learnt.parameters),
    async score(asked, withAdapter, signal) {
      const parameters = withAdapter ? learnt.parameters : new Map<string, Float32Array>();
      const scores = await scored(answers, ofAnswers(asked), parameters, signal);
      return scores.map(({ loss, terms }) => loss / Math.max(1, terms));
    },
  };
}

/** The fastest mode that fits, or the one that was asked for. Throws memory_low. */
async function chooseMode(base: BaseFile, { recipe, examples }: TrainOrder): Promise<TrainPlanMode> {
  const { estimateTraining, llamaConfigOf, openGguf } = await import("@lorekeep/tune");
  await using file = await openGguf(base.path);
  const pairs = recipe.method === "preference" ? 2 : 1;
  const lengths = examples.train.map((example) => pairs * lengthOf(example));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 1);
  const answered = examples.train.reduce((sum, { answer }) => sum + answer.length, 0);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const estimate = estimateTraining({
    config: llamaConfigOf(file),
    rank: recipe.rank,
    targets: recipe.targets,
    batch: Math.max(1, Math.floor(recipe.batchTokens / longest)),
    length: longest,
    tokens: total,
    answerShare: (pairs * answered) / Math.max(1, total),
    memoryMode: recipe.memoryMode,
    freeMemoryBytes: process.availableMemory(),
  });
  if (!estimate.fits)
    throw new AppError("memory_low", estimate.reason ?? "There is too little free memory for this fine-tune.", {
      neededBytes: estimate.memoryBytes[estimate.memoryMode],
      freeBytes: process.availableMemory(),
    });
  return estimate.memoryMode;
}
type TrainPlanMode = Trained["memoryMode"];

interface Learning {
  readonly options: LocalTrainerOptions;
  readonly order: TrainOrder;
  readonly memoryMode: TrainPlanMode;
}

/** Goes on at the folder's checkpoint; one that another plan has left (a new release) is given up for a fresh start. */
async function learn<Example>(
  { options, order, memoryMode }: Learning,
  prepared: PreparedLlama,
  sets: { train: readonly Example[]; validation: readonly Example[] },
): Promise<TrainingResult> {
  const tune = await import("@lorekeep/tune");
  const lengths = await lengthsOf(prepared, sets.train);
  const recipe = toTuneRecipe(order.recipe, (plain) => tune.planSteps(lengths, plain).length);
  const steps = tune.planSteps(lengths, recipe);
  order.onPlan({ memoryMode, steps: steps.length, tokens: steps.reduce((sum, { tokens }) => sum + tokens, 0) });
  const settings: Omit<TrainOptions<Example>, "resume"> = {
    files: prepared.files,
    taskModule: prepared.taskModule,
    taskExport: prepared.taskExport,
    examples: sets.train,
    validation: sets.validation,
    recipe,
    threads: options.config.models.threads,
    memoryMode,
    checkpointFolder: join(order.folder, "checkpoints"),
    checkpointEverySeconds: CHECKPOINT_EVERY_SECONDS,
    control: order.control,
    signal: order.signal,
    onProgress: (progress) => {
      if (progress.type === "progress") order.onStep(progress);
      else order.onValidation(progress);
    },
  };
  try {
    return await tune.train({ ...settings, resume: true });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "conflict") throw error;
    options.logger.warn("fine-tune.checkpoint_given_up", { folder: order.folder });
    return tune.train({ ...settings, resume: false });
  }
}

async function lengthsOf<Example>(prepared: PreparedLlama, examples: readonly Example[]): Promise<number[]> {
  // The module is ours and exports the task under the name that came with it.
  const module = (await import(prepared.taskModule.href)) as Readonly<
    Record<string, { lengthOf(example: Example): number }>
  >;
  const task = module[prepared.taskExport]!;
  return examples.map((example) => task.lengthOf(example));
}

function toTuneRecipe(recipe: Recipe, countSteps: (plain: TuneRecipe) => number): TuneRecipe {
  const { learningRate, batchTokens, weightDecay, clipNorm, seed, patience } = recipe;
  const epochs = Math.ceil(recipe.epochs);
  const plain: TuneRecipe = {
    ...{ learningRate, batchTokens, weightDecay, clipNorm, seed, patience, epochs },
    ...{ warmupSteps: 0, schedule: "cosine", validateEverySteps: 0 },
  };
  const all = countSteps(plain);
  const maxSteps = Math.max(1, Math.round((all * recipe.epochs) / epochs));
  return {
    ...plain,
    maxSteps,
    warmupSteps: Math.round(recipe.warmupShare * maxSteps),
    validateEverySteps: Math.max(4, Math.ceil(all / epochs / VALIDATIONS_AN_EPOCH)),
  };
}

const lengthOf = ({ prompt, answer, rejected }: TokenExample): number =>
  prompt.length + Math.max(answer.length, rejected?.length ?? 0);

const sequence = (prompt: readonly number[], answer: readonly number[]) => ({
  ids: [...prompt, ...answer],
  answerStart: prompt.length,
});

const toAnswer = ({ prompt, answer }: TokenExample, group: number): GroupedAnswerExample => ({
  ...sequence(prompt, answer),
  group,
});

async function scored(
  { files, taskModule, taskExport }: PreparedLlama,
  examples: readonly GroupedAnswerExample[],
  parameters: ReadonlyMap<string, Float32Array>,
  signal: AbortSignal,
): Promise<Score[]> {
  if (examples.length === 0) return [];
  const { scoreExamples } = await import("@lorekeep/tune");
  return scoreExamples({ files, taskModule, taskExport, examples, parameters, threads: 0, signal });
}

/**
 * Pairs with what the base thinks of them, measured once: the numbers are kept in the run's folder, because a resumed run must
 * learn from the very same ones.
 */
async function pairsOf(
  { examples, folder, signal }: TrainOrder,
  answers: PreparedLlama,
): Promise<{ train: PreferencePair[]; validation: PreferencePair[] }> {
  const all = [...examples.train, ...examples.validation];
  const path = join(folder, "margins.json");
  const kept = await readFile(path, "utf8").catch(() => null);
  const margins = kept === null ? await measureMargins(all, answers, signal) : (JSON.parse(kept) as number[]);
  if (kept === null) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.partial`, JSON.stringify(margins), { mode: 0o600 });
    await rename(`${path}.partial`, path);
  }
  const pairs = all.map(({ prompt, answer, rejected }, at): PreferencePair => ({
    chosen: sequence(prompt, answer),
    rejected: sequence(prompt, rejected ?? []),
    referenceMargin: margins[at]!,
    group: answers.group,
  }));
  return { train: pairs.slice(0, examples.train.length), validation: pairs.slice(examples.train.length) };
}

/** log p(chosen) − log p(rejected) under the base; a score is −log p. */
async function measureMargins(
  all: readonly TokenExample[],
  answers: PreparedLlama,
  signal: AbortSignal,
): Promise<number[]> {
  const { group } = answers;
  const both = all.flatMap(({ prompt, answer, rejected }) => [
    { ...sequence(prompt, answer), group },
    { ...sequence(prompt, rejected ?? []), group },
  ]);
  const scores = await scored(answers, both, new Map(), signal);
  return all.map((_, at) => scores[2 * at + 1]!.loss - scores[2 * at]!.loss);
}

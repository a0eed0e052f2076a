/**
 * The trainer of this machine: weights and graphs from @lorekeep/tune, tokens and served answers from @lorekeep/models, brought
 * together here because neither of them knows the other. A run walks the corridor of fine-tune.ts; this file furnishes its rooms.
 * Native libraries are loaded when a base is opened, not before.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config, Gate, Logger } from "@lorekeep/core";
import type {
  FineTuneRooms,
  LlamaConfig,
  LlamaExamples,
  PreferencePair,
  PreparedLlama,
  Recipe as TuneRecipe,
  Score,
  TokenisedExamples,
} from "@lorekeep/tune";
import { modelsFolder } from "../data-folder.ts";
import type { Models } from "../platform.ts";
import { yieldToOthers } from "../wake-ups.ts";
import { findBase } from "./find-base.ts";
import type { BaseFile } from "./find-base.ts";
import { servedLoss } from "./served-loss.ts";
import type { Recipe, ScoreAnswers, TokenExample, TokenSets, Trained, Trainer, TrainOrder } from "./trainer.ts";

export interface LocalTrainerOptions {
  readonly config: Config;
  readonly models: Models;
  readonly logger: Logger;
}

/** Float32 weights and graphs, shared by all runs and data folders; may be deleted when nothing is trained. */
const CACHE_FOLDER = "training-cache";
/** Graph files of both methods, the adapter's own names and the token file. */
const SMALL_FILES_BYTES = 16e6;
/** Validations in an epoch: enough to stop early, few enough to cost little. */
export const VALIDATIONS_AN_EPOCH = 2;

interface OpenBase {
  readonly options: LocalTrainerOptions;
  readonly file: BaseFile;
  readonly config: LlamaConfig;
  readonly cacheFolder: string;
  weightBytes(): Promise<number>;
}

export function openLocalTrainer(options: LocalTrainerOptions): Trainer {
  return {
    versions: () => ({ node: process.versions.node }),
    async openBase(name) {
      const file = await findBase(options.config, name);
      const { llamaConfigOf, missingBytes, openGguf, preparedBytes } = await import("@lorekeep/tune");
      await using gguf = await openGguf(file.path);
      const config = llamaConfigOf(gguf);
      const [cacheFolder, bytes] = [join(modelsFolder(options.config), CACHE_FOLDER), preparedBytes(gguf)];
      const weightBytes = () => missingBytes(cacheFolder, config, bytes);
      const base: OpenBase = { options, file, config, cacheFolder, weightBytes };
      const { fingerprint, licence, huggingFaceId } = file;
      return {
        ...{ name: file.name, fingerprint, licence, huggingFaceId, config, weightBytes },
        tokenizer: async () => (await import("@lorekeep/models")).openChatTokenizer(file.path),
        sha256: () => hashOf(file.path),
        servedLoss: (examples, adapterPath, signal) => servedLoss({ path: file.path, adapterPath, examples }, signal),
        train: (order) =>
          order.recipe.method === "preference" ? trainOnPairs(base, order) : trainOnAnswers(base, order),
        generator: () => openServing(options, file),
      };
    },
  };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  return hash.digest("hex");
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

type Method = keyof LlamaExamples;
type Prepare = (kind: Method, memoryMode: Trained["memoryMode"]) => Promise<PreparedLlama>;

function graphsOf({ file, cacheFolder }: OpenBase, { recipe, signal }: TrainOrder): Prepare {
  return async (kind, memoryMode) => {
    const { prepareLlama } = await import("@lorekeep/tune");
    await mkdir(cacheFolder, { recursive: true });
    const { rank, alpha, targets, maxTokens, beta } = recipe;
    const objective = kind === "preference" ? { kind, beta } : { kind };
    const sizes = { rank, alpha, targets, maxTokens, memoryMode, objective };
    return prepareLlama({ ggufPath: file.path, cacheFolder, ...sizes, signal });
  };
}

/** `answers`: the graphs of plain answers, by which answers are scored whatever the method. */
interface Furnished<E> {
  readonly toExample: (example: TokenExample) => E;
  readonly complete?: (
    sets: TokenisedExamples<E>,
    answers: PreparedLlama,
    tokens: TokenSets,
  ) => Promise<TokenisedExamples<E>>;
}

const trainOnAnswers = (base: OpenBase, order: TrainOrder): Promise<Trained> =>
  walk(base, order, "supervised", { toExample: (example) => toAnswer(example, groupOf(base)) });

const trainOnPairs = (base: OpenBase, order: TrainOrder): Promise<Trained> =>
  walk(base, order, "preference", {
    toExample: (example) => toPair(example, groupOf(base)),
    complete: (sets, answers, tokens) => withMargins(sets, { order, answers, tokens }),
  });

async function walk<Kind extends Method>(
  base: OpenBase,
  order: TrainOrder,
  kind: Kind,
  furnished: Furnished<LlamaExamples[Kind]>,
): Promise<Trained> {
  const { fineTune, llamaTask, planSteps, trainingShapeOf } = await import("@lorekeep/tune");
  const { recipe, control, signal, folder } = order;
  const { logger, config } = base.options;
  const shape = trainingShapeOf(base.config, recipe.rank, recipe.targets);
  const task = llamaTask(kind);
  const { learnt, memoryMode, adapter, verdict } = await fineTune({
    rooms: furnish(base, order, kind, { ...furnished, lengthOf: task.lengthOf }),
    ...{ shape, control, signal, taskModule: task.taskModule, taskExport: task.taskExport },
    recipe: ({ lengths }) => toTuneRecipe(recipe, (plain) => planSteps(lengths, plain).length),
    threads: config.models.threads,
    memoryMode: recipe.memoryMode === "auto" ? undefined : recipe.memoryMode,
    folder: join(folder, "checkpoints"),
    fileBytes: shape.trainedParameters * 4 + SMALL_FILES_BYTES + (await base.weightBytes()),
    resume: "or-begin-anew",
    onProgress: (progress) => {
      if (progress.type === "phase") order.onPhase(progress.phase);
      else if (progress.type === "plan") order.onPlan(progress);
      else if (progress.type === "progress") order.onStep(progress);
      else if (progress.type === "validation") order.onValidation(progress);
      else logger.warn("fine-tune.checkpoint_given_up", { folder });
    },
  });
  const isJudged = adapter !== undefined && verdict !== undefined;
  return { learnt, memoryMode, adapter: isJudged ? { file: adapter.file, gate: verdict.gate } : null };
}

interface WrittenAdapter {
  readonly file: string;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

function furnish<Kind extends Method>(
  base: OpenBase,
  order: TrainOrder,
  kind: Kind,
  {
    toExample,
    lengthOf,
    complete,
  }: Furnished<LlamaExamples[Kind]> & { lengthOf: (each: LlamaExamples[Kind]) => number },
): FineTuneRooms<LlamaExamples[Kind], WrittenAdapter, { isPromoted: boolean; gate: Gate }> {
  const prepare = graphsOf(base, order);
  let tokens: TokenSets;
  let answers: PreparedLlama;
  return {
    async tokenise() {
      tokens = await order.tokenise();
      const train = await inSlices(tokens.train, toExample);
      const validation = await inSlices(tokens.validation, toExample);
      const lengths = train.map(lengthOf);
      const total = lengths.reduce((sum, length) => sum + length, 0);
      const answered = tokens.train.reduce(
        (sum, { answer, rejected }) => sum + answer.length + (rejected?.length ?? 0),
        0,
      );
      const answerShare = Math.min(1, answered / Math.max(1, total));
      const { droppedCount } = tokens;
      return { train, validation, lengths, answerShare, droppedCount };
    },
    async writeGraphs(mode) {
      answers = await prepare("supervised", mode);
      return kind === "supervised" ? answers.files : (await prepare(kind, mode)).files;
    },
    ...(complete === undefined ? {} : { complete: (sets) => complete(sets, answers, tokens) }),
    async exportAdapter(learnt) {
      const file = await order.exportAdapter(answers.toAdapter(learnt.parameters), learnt);
      return { file, parameters: learnt.parameters };
    },
    async judge({ file, parameters }) {
      const gate = await order.judge(file, scoreWith(answers, parameters));
      return { isPromoted: gate.passed, gate };
    },
  };
}

/** Examples turned between two rests of the main thread. */
const SLICE = 500;

async function inSlices<From, To>(all: readonly From[], turn: (each: From) => To): Promise<To[]> {
  const made: To[] = [];
  for (let from = 0; from < all.length; from += SLICE) {
    made.push(...all.slice(from, from + SLICE).map(turn));
    await yieldToOthers();
  }
  return made;
}

const scoreWith =
  (answers: PreparedLlama, learnt: ReadonlyMap<string, Float32Array>): ScoreAnswers =>
  async (asked, withAdapter, signal) => {
    const parameters = withAdapter ? learnt : new Map<string, Float32Array>();
    const scores = await scored(answers, asked, parameters, signal);
    return scores.map(({ loss, terms }) => loss / Math.max(1, terms));
  };

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

const groupOf = ({ config }: OpenBase): number => config.heads / config.kvHeads;

const sequence = (prompt: readonly number[], answer: readonly number[]) => {
  const ids = new Int32Array(prompt.length + answer.length);
  ids.set(prompt);
  ids.set(answer, prompt.length);
  return { ids, answerStart: prompt.length };
};

const toAnswer = ({ prompt, answer }: TokenExample, group: number): LlamaExamples["supervised"] => ({
  ...sequence(prompt, answer),
  group,
});

/** Its margin is not known yet. */
const toPair = ({ prompt, answer, rejected }: TokenExample, group: number): PreferencePair => ({
  chosen: sequence(prompt, answer),
  rejected: sequence(prompt, rejected ?? []),
  referenceMargin: Number.NaN,
  group,
});

async function scored(
  { files, taskModule, taskExport, group }: PreparedLlama,
  asked: readonly TokenExample[],
  parameters: ReadonlyMap<string, Float32Array>,
  signal: AbortSignal,
): Promise<Score[]> {
  if (asked.length === 0) return [];
  const { scoreExamples } = await import("@lorekeep/tune");
  const examples = asked.map((example) => toAnswer(example, group));
  return scoreExamples({ files, taskModule, taskExport, examples, parameters, threads: 0, signal });
}

/**
 * Pairs with what the base thinks of them, measured once: the numbers are kept in the run's folder, because a resumed run must
 * learn from the very same ones.
 */
async function withMargins(
  sets: TokenisedExamples<PreferencePair>,
  { order, answers, tokens }: { order: TrainOrder; answers: PreparedLlama; tokens: TokenSets },
): Promise<TokenisedExamples<PreferencePair>> {
  const { folder, signal } = order;
  const path = join(folder, "margins.json");
  const kept = await readFile(path, "utf8").catch(() => null);
  const all = [...tokens.train, ...tokens.validation];
  const margins = kept === null ? await measureMargins(all, answers, signal) : (JSON.parse(kept) as number[]);
  if (kept === null) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.partial`, JSON.stringify(margins), { mode: 0o600 });
    await rename(`${path}.partial`, path);
  }
  const fill = (pairs: readonly PreferencePair[], first: number) =>
    pairs.map((pair, at) => ({ ...pair, referenceMargin: margins[first + at]! }));
  return { ...sets, train: fill(sets.train, 0), validation: fill(sets.validation, sets.train.length) };
}

/** log p(chosen) − log p(rejected) under the base; a score is −log p. */
async function measureMargins(
  all: readonly TokenExample[],
  answers: PreparedLlama,
  signal: AbortSignal,
): Promise<number[]> {
  const both = all.flatMap(({ prompt, answer, rejected }) => [
    { prompt, answer },
    { prompt, answer: rejected ?? [] },
  ]);
  const scores = await scored(answers, both, new Map(), signal);
  return all.map((_, at) => scores[2 * at + 1]!.loss - scores[2 * at]!.loss);
}

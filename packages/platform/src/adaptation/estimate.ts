/** What a fine-tune will take, before anything is started: tokens by counting some of its examples, the rest by arithmetic. */
import { statfs } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import type { Dataset, Example, FineTuneEstimate } from "@lorekeep/core";
import { buildTrainingMessages, DEFAULT_GATE_RULES } from "@lorekeep/rag";
import { estimateChecking } from "./estimate-checking.ts";
import { datasetIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import { countWith, learnableExamples, usableExamples } from "./training-examples.ts";
import type { Recipe, TokenCounter, TrainableBase } from "./trainer.ts";

/** Held-out questions with an answer that the gate asks for at least. */
export const MIN_HELD_OUT = DEFAULT_GATE_RULES.minExamples;
/** Examples that are counted; the others are taken to be like them. */
const COUNTED = 48;
/** Parameters, two moments, best parameters; two kept and one being written. */
const CHECKPOINT_FLOATS = 12;
/** Graph files, adapter, token file. */
const SMALL_FILES_BYTES = 64e6;

interface Lengths {
  readonly mean: number;
  readonly longest: number;
  readonly answerShare: number;
  /** Of the examples that were counted. */
  readonly all: readonly number[];
}

/** Throws request_invalid when there is nothing to learn from. */
export async function estimateFineTune(
  parts: AdaptationParts,
  request: { dataset: Dataset; base: TrainableBase; recipe: Recipe },
): Promise<FineTuneEstimate> {
  const { dataset, base, recipe } = request;
  const examples = learnableExamples(await usableExamples(parts.store, datasetIdOf(dataset)), recipe);
  const train = examples.filter(({ split }) => split === "train");
  requireExamples(train, recipe);
  const lengths = await measure(base, train, { recipe, isRetrieved: dataset.collectionId !== null });
  const { estimateTraining, trainingShapeOf } = await import("@lorekeep/tune");
  const pairs = recipe.method === "preference" ? 2 : 1;
  const tokens = Math.round(train.length * lengths.mean * recipe.epochs * pairs);
  const freeMemoryBytes = process.availableMemory();
  const estimate = estimateTraining({
    config: base.config,
    rank: recipe.rank,
    targets: recipe.targets,
    batchTokens: recipe.batchTokens,
    length: pairs * lengths.longest,
    tokens,
    answerShare: lengths.answerShare,
    memoryMode: recipe.memoryMode,
    freeMemoryBytes,
    sampleLengths: lengths.all.map((length) => pairs * length),
    threads: parts.config.models.threads,
  });
  const { trainedParameters } = trainingShapeOf(base.config, recipe.rank, recipe.targets);
  const diskBytes = CHECKPOINT_FLOATS * 4 * trainedParameters + SMALL_FILES_BYTES + (await base.weightBytes());
  const freeDiskBytes = await freeBytesAt(parts.temporaryFolder);
  const hasDisk = freeDiskBytes > diskBytes;
  return {
    examples: train.length,
    tokens,
    steps: stepsOf(train.length, pairs * lengths.mean, recipe),
    seconds: estimate.seconds,
    checkingSeconds: estimateChecking({
      ...{ examples: train.length, heldOut: examples.length - train.length, meanTokens: lengths.mean },
      ...{ epochs: recipe.epochs, isPreference: pairs === 2, tokensPerSecond: estimate.tokensPerSecond },
    }),
    tokensPerSecond: estimate.tokensPerSecond,
    memoryMode: estimate.memoryMode,
    lanes: estimate.lanes,
    memoryBytes: Math.ceil(estimate.memoryBytes[estimate.memoryMode]),
    freeMemoryBytes,
    diskBytes,
    fits: estimate.fits && hasDisk,
    notes: notesOf({ reason: estimate.reason, hasDisk, examples, train }),
  };
}

/** A batch holds whole examples, an even count of them if several; one that is longer than a batch stands alone. */
export function stepsOf(
  examples: number,
  meanTokens: number,
  { batchTokens, epochs }: Pick<Recipe, "batchTokens" | "epochs">,
): number {
  const fitting = Math.max(1, Math.floor(batchTokens / meanTokens));
  const inBatch = fitting > 2 ? fitting - (fitting % 2) : fitting;
  return Math.max(1, Math.round(Math.ceil(examples / inBatch) * epochs));
}

const DISK_NOTE = "The disk of the data folder has too little room for checkpoints and the adapter.";

/** Throws memory_low or disk_full with the estimate's own words. */
export function requireFit({ fits, notes, memoryBytes, freeMemoryBytes, diskBytes }: FineTuneEstimate): void {
  if (fits) return;
  // Memory is remarked on first.
  const code = notes[0] === DISK_NOTE ? "disk_full" : "memory_low";
  throw new AppError(code, notes[0] ?? "This fine-tune does not fit on this machine.", {
    memoryBytes,
    freeMemoryBytes,
    diskBytes,
  });
}

function requireExamples(train: readonly Example[], { method }: Recipe): void {
  if (train.length > 0) return;
  const what =
    method === "preference"
      ? "No approved example has both a right and a rejected answer: preference tuning learns from such pairs."
      : "No example of this dataset is approved for training. Look through the examples and approve some.";
  throw new AppError("request_invalid", what);
}

/** Counted with the base's own tokenizer and serving's prompt. */
async function measure(
  base: TrainableBase,
  examples: readonly Example[],
  options: { recipe: Recipe; isRetrieved: boolean },
): Promise<Lengths> {
  const tokenizer = await base.tokenizer();
  try {
    const stride = Math.max(1, Math.floor(examples.length / COUNTED));
    const rows: { total: number; answer: number }[] = [];
    for (let at = 0; at < examples.length && rows.length < COUNTED; at += stride) {
      const row = await lengthOf(tokenizer, examples[at]!, options);
      if (row !== null) rows.push(row);
    }
    if (rows.length === 0)
      throw new AppError("request_invalid", "No example is short enough to learn from. Raise the length limit.");
    const sum = rows.reduce((total, row) => total + row.total, 0);
    return {
      mean: sum / rows.length,
      longest: rows.reduce((longest, { total }) => Math.max(longest, total), 1),
      answerShare: rows.reduce((total, { answer }) => total + answer, 0) / sum,
      all: rows.map(({ total }) => total),
    };
  } finally {
    await tokenizer.close();
  }
}

async function lengthOf(
  tokenizer: TokenCounter,
  example: Example,
  { recipe, isRetrieved }: { recipe: Recipe; isRetrieved: boolean },
): Promise<{ total: number; answer: number } | null> {
  const { maxTokens, seed } = recipe;
  const built = await buildTrainingMessages(example, { maxTokens, count: countWith(tokenizer), seed });
  if (built === null) return null;
  const answer = tokenizer.answerTokenIds(built.target).length;
  // Passages that are retrieved only when the run begins fill the prompt.
  const isFilled = isRetrieved && example.passages.length === 0;
  return { answer, total: isFilled ? maxTokens : tokenizer.promptTokenIds(built.messages).length + answer };
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function notesOf(found: {
  reason: string | null;
  hasDisk: boolean;
  examples: readonly Example[];
  train: readonly Example[];
}): string[] {
  const held = found.examples.length - found.train.length;
  const answerable = found.examples.filter(({ split, answer }) => split === "validation" && answer !== null).length;
  return [
    ...(found.reason === null ? [] : [found.reason]),
    ...(found.hasDisk ? [] : [DISK_NOTE]),
    ...(answerable < MIN_HELD_OUT
      ? [`Only ${answerable} held-out questions have an answer: at least ${MIN_HELD_OUT} are needed to pass the gate.`]
      : [`${held} examples are held out and are what the adapter is judged by.`]),
    "The time is that of an idle machine; beside other work it can take two or three times as long.",
  ];
}

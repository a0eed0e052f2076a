/**
 * The same twenty steps twice: by this trainer, and (recorded, or live where Python has it) by PEFT on PyTorch, from the same
 * first values on the same batches. What both agree on is not an accident of either (K2).
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AnswerExample } from "../llama/sequence-feeds.ts";
import { initialLora } from "../llama/sequence-feeds.ts";
import { LINEAR_NAMES } from "../gguf/llama-config.ts";
import { prepareLlama } from "../llama/prepare-llama.ts";
import type { PreparedLlama } from "../llama/prepare-llama.ts";
import { planSteps } from "../train/batches.ts";
import { seededRandom } from "../train/random.ts";
import type { Recipe } from "../train/recipe.ts";
import { train } from "../train/trainer.ts";
import type { MemoryMode } from "../train/step-session.ts";

export interface ParityFixture {
  readonly examples: readonly AnswerExample[];
  /** PEFT's losses, nats per answer token, step by step. */
  readonly losses: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
}
export const PARITY_FIXTURE = join(import.meta.dirname, "lora-parity.json");
export const readParityFixture = async (): Promise<ParityFixture> =>
  JSON.parse(await readFile(PARITY_FIXTURE, "utf8")) as ParityFixture;

const RANK = 8;
const ALPHA = 16;
export const PARITY_RECIPE: Recipe = {
  learningRate: 3e-4,
  warmupSteps: 0,
  epochs: 1,
  batchTokens: 128,
  weightDecay: 0,
  clipNorm: 0,
  seed: 5,
  schedule: "constant",
  validateEverySteps: 0,
  patience: 0,
};

export interface ParityRun {
  readonly prepared: PreparedLlama;
  /** First values, by parameter. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** Examples in the order in which the trainer takes them, one a step. */
  readonly ordered: readonly AnswerExample[];
}

export async function prepareParity(
  ggufPath: string,
  cacheFolder: string,
  examples: readonly AnswerExample[],
  memoryMode: MemoryMode,
): Promise<ParityRun> {
  const prepared = await prepareLlama({
    ggufPath,
    cacheFolder,
    rank: RANK,
    alpha: ALPHA,
    targets: [...LINEAR_NAMES],
    maxTokens: 128,
    memoryMode,
    objective: { kind: "supervised" },
  });
  const initial = new Map(
    prepared.files.parameters.map((spec, i) => [spec.name, initialLora(spec, seededRandom(5, 2, i))]),
  );
  const plan = planSteps(
    examples.map(({ ids }) => ids.length),
    PARITY_RECIPE,
  );
  return { prepared, initial, ordered: plan.flatMap(({ batches }) => batches.flat().map((index) => examples[index]!)) };
}

/** Our losses, and the speed of the run. */
export async function runParity(
  run: ParityRun,
  examples: readonly AnswerExample[],
  folder: string,
  memoryMode: MemoryMode,
) {
  const { prepared, initial } = run;
  return train({
    files: prepared.files,
    taskModule: prepared.taskModule,
    taskExport: prepared.taskExport,
    examples: examples.map((example) => ({ ...example, group: prepared.group })),
    validation: [],
    recipe: PARITY_RECIPE,
    threads: 0,
    memoryMode,
    checkpointFolder: folder,
    checkpointEverySeconds: 3600,
    resume: false,
    startFrom: initial,
  });
}

/** The real trainer on a two-layer model of random weights: the seams between weights, tokens, training and serving. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordingLogger } from "@lorekeep/core/testing";
import type { Gate } from "@lorekeep/core";
import { createTrainingControl, writeGgufAdapter } from "@lorekeep/tune";
import type { Adapter } from "@lorekeep/tune";
import { tinyLlama } from "../../../../fixtures/models/tiny-llama.ts";
import { loadConfig } from "../load-config.ts";
import { fakeModels } from "../testing/fake-models.ts";
import { openLocalTrainer } from "./local-trainer.ts";
import { recipeOf } from "./recipe.ts";
import type { Recipe, ScoreAnswers, TokenSets, TrainableBase, Trained } from "./trainer.ts";

let folder: string;
let base: TrainableBase;
let sets: TokenSets;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "local-trainer-"));
  const path = join(folder, "tiny.gguf");
  writeFileSync(path, tinyLlama(1));
  const { config } = loadConfig({
    env: {},
    flags: { dataFolder: join(folder, "data"), models: { folder: join(folder, "models"), generator: path } },
  });
  base = await openLocalTrainer({ config, models: fakeModels(), logger: recordingLogger() }).openBase(path);
  const tokenizer = await base.tokenizer();
  const example = (question: string, answer: string, rejected: string) => ({
    prompt: tokenizer.promptTokenIds([{ role: "user", content: question }]),
    answer: tokenizer.answerTokenIds(answer),
    rejected: tokenizer.answerTokenIds(rejected),
  });
  const train = [example("a?", "yes", "no"), example("b?", "yes", "no"), example("c?", "yes", "no")];
  sets = { train, validation: [example("d?", "yes", "no")], droppedCount: 0 };
  await tokenizer.close();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A few steps of a real graph, beside whatever else runs on the machine. */
const TRAINING_MS = 120_000;
const SMALL = { rank: 2, epochs: 6, learningRate: 0.02, maxTokens: 256, batchTokens: 400 } as const;

interface Walked extends Trained {
  readonly losses: number[];
  readonly phases: string[];
  readonly written: Adapter | undefined;
  readonly score: ScoreAnswers;
}
/** Judged by nobody here. */
const GATE = { passed: true } as Gate;

async function run(name: string, recipe: Recipe, cancelAt = Infinity): Promise<Walked> {
  const control = createTrainingControl();
  const [losses, phases]: [number[], string[]] = [[], []];
  let written: Adapter | undefined;
  let score: ScoreAnswers = async () => [];
  const trained = await base.train({
    ...{ recipe, folder: join(folder, name), control, signal: new AbortController().signal },
    tokenise: async () => sets,
    exportAdapter: async (adapter) => {
      written = adapter;
      return `${name}.gguf`;
    },
    judge: async (_file, asked) => {
      score = asked;
      return GATE;
    },
    onPhase: (phase) => phases.push(phase),
    onPlan: () => undefined,
    onStep: ({ step, loss }) => {
      losses.push(loss!);
      if (step >= cancelAt) control.cancel();
    },
    onValidation: () => undefined,
  });
  return { ...trained, losses, phases, written, score };
}

test("learns the answers, as the scores with and without the adapter say", { timeout: TRAINING_MS }, async () => {
  const trained = await run("learns", recipeOf({ dataset: "x", ...SMALL }));
  expect(trained.losses.at(-1)).toBeLessThan(trained.losses[0]!);
  const { signal } = new AbortController();
  const [bare] = await trained.score(sets.validation, false, signal);
  const [taught] = await trained.score(sets.validation, true, signal);
  expect(taught).toBeLessThan(bare! - 0.5);
  expect(trained.adapter).toEqual({ file: "learns.gguf", gate: GATE });
  expect(trained.written!.tensors).toHaveLength(14);
  expect(trained.phases).toEqual(["tokenising", "preparing", "training", "exporting", "judging"]);
});

test(
  "K2 what serves gives the answers the likelihood that the trainer gives them, with the adapter and without",
  { timeout: TRAINING_MS },
  async () => {
    const trained = await run("serves", recipeOf({ dataset: "x", ...SMALL }));
    const path = join(folder, "serves.gguf");
    await writeGgufAdapter(path, trained.written!);
    const { signal } = new AbortController();
    const asked = sets.train.slice(0, 1); // the engine is opened for each
    const byTrainer = await Promise.all([false, true].map((taught) => trained.score(asked, taught, signal)));
    const byEngine = await Promise.all([null, path].map((adapter) => base.servedLoss(asked, adapter, signal)));
    const gaps = byTrainer.flat().map((loss, at) => Math.abs(loss - byEngine.flat()[at]!));
    expect(Math.max(...gaps)).toBeLessThan(0.02);
    // The adapter is what makes the difference: measured against the other one it is far away.
    expect(Math.abs(byTrainer[1]![0]! - byEngine[0]![0]!)).toBeGreaterThan(0.5);
  },
);

test("counts the float32 weights until they are on the disk", async () => {
  expect(await base.weightBytes()).toBe(0);
  expect(await base.sha256()).toMatch(/^[0-9a-f]{64}$/);
});

test("goes on where a stopped run was, with the losses of an unbroken one", { timeout: TRAINING_MS }, async () => {
  const recipe = recipeOf({ dataset: "x", ...SMALL });
  const whole = await run("whole", recipe);
  const first = await run("broken", recipe, 3);
  expect(first.adapter).toBeNull();
  const second = await run("broken", recipe);
  expect(second.learnt.lossSeries).toEqual(whole.learnt.lossSeries);
  expect(second.losses.length).toBeLessThan(whole.losses.length);
});

test(
  "learns to prefer: the rejected answer becomes less likely beside the chosen one",
  { timeout: TRAINING_MS },
  async () => {
    const trained = await run("prefers", recipeOf({ dataset: "x", ...SMALL, method: "preference", beta: 0.5 }));
    expect(trained.losses[0]).toBeCloseTo(Math.log(2), 3);
    expect(trained.losses.at(-1)).toBeLessThan(0.6);
    const { signal } = new AbortController();
    const rejected = sets.validation.map(({ prompt, rejected: answer }) => ({ prompt, answer: answer! }));
    const margin = async (withAdapter: boolean) => {
      const [chosen] = await trained.score(sets.validation, withAdapter, signal);
      const [other] = await trained.score(rejected, withAdapter, signal);
      return other! - chosen!;
    };
    expect(await margin(true)).toBeGreaterThan(await margin(false));
    expect(readdirSync(join(folder, "prefers"))).toContain("margins.json");
  },
);

test("says which models can be trained, and what is not there", async () => {
  const { config } = loadConfig({ env: {}, flags: { dataFolder: join(folder, "data") } });
  const trainer = openLocalTrainer({ config, models: fakeModels(), logger: recordingLogger() });
  await expect(trainer.openBase("openai:http://x#y")).rejects.toMatchObject({ code: "model_unsupported" });
  await expect(trainer.openBase("/no/such.gguf")).rejects.toMatchObject({ code: "model_missing" });
  await expect(trainer.openBase("unheard-of")).rejects.toMatchObject({ code: "model_missing" });
});

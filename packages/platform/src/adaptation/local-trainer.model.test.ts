/** The real base, Q4_1: is what serves what was trained? Three steps are enough to make an adapter that says so. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultModelsFolder, findInstalled, findModel } from "@lorekeep/models";
import { createTrainingControl, writeGgufAdapter } from "@lorekeep/tune";
import type { Gate } from "@lorekeep/core";
import { recordingLogger } from "@lorekeep/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../load-config.ts";
import { fakeModels } from "../testing/fake-models.ts";
import { openLocalTrainer } from "./local-trainer.ts";
import { recipeOf } from "./recipe.ts";
import type { ScoreAnswers, TokenExample } from "./trainer.ts";

const model = await findInstalled(findModel("smollm2-135m-instruct")!, defaultModelsFolder(process.env));
if (model === null) console.warn("K2 on the real base is skipped: smollm2-135m-instruct is not installed.");

describe.skipIf(model === null)("an adapter of SmolLM2-135M, four bits a weight", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lorekeep-served-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("K7 is trained and served on this machine's processor, K2 as it was trained: the engine gives the answers nearly the trainer's likelihood", async () => {
    const generator = join(model!.folder, "model.gguf");
    const flags = { dataFolder: folder, models: { folder, generator } };
    const { config } = loadConfig({ env: {}, flags });
    const logger = recordingLogger();
    const base = await openLocalTrainer({ config, models: fakeModels(), logger }).openBase(generator);
    const examples = await threeExamples(base);
    const { signal } = new AbortController();
    let score: ScoreAnswers = async () => [];
    const path = join(folder, "adapter.gguf");
    await base.train({
      recipe: recipeOf({ dataset: "x", rank: 4, epochs: 1, learningRate: 0.003, maxTokens: 128, batchTokens: 64 }),
      ...{ folder: join(folder, "run"), control: createTrainingControl(), signal },
      tokenise: async () => ({ train: examples, validation: [], droppedCount: 0 }),
      exportAdapter: async (adapter) => {
        await writeGgufAdapter(path, adapter);
        return "adapter.gguf";
      },
      judge: async (_file, asked) => {
        score = asked;
        return { passed: false } as Gate;
      },
      ...{ onPhase: () => undefined, onPlan: () => undefined, onStep: () => undefined, onValidation: () => undefined },
    });
    const trained = [await score(examples, false, signal), await score(examples, true, signal)];
    const served = [await base.servedLoss(examples, null, signal), await base.servedLoss(examples, path, signal)];
    const gaps = trained.flat().map((loss, at) => Math.abs(loss - served.flat()[at]!));
    const learnt = trained[0]!.map((loss, at) => loss - trained[1]![at]!);
    console.info("K2 nats per token", { trained, served, gaps });
    expect(Math.min(...learnt)).toBeGreaterThan(0.3);
    expect(Math.max(...gaps)).toBeLessThan(0.2);
  });
});

async function threeExamples(base: Awaited<ReturnType<ReturnType<typeof openLocalTrainer>["openBase"]>>) {
  const tokenizer = await base.tokenizer();
  const said = [
    ["How often is the port engine serviced?", "Every 400 operating hours."],
    ["Which oil does the starboard engine use?", "Oil of grade 15W-40."],
    ["Who has to be on board at night?", "A skipper, an engineer and three deckhands."],
  ] as const;
  const examples = said.map(([content, answer]): TokenExample => ({
    prompt: tokenizer.promptTokenIds([{ role: "user", content }]),
    answer: tokenizer.answerTokenIds(answer),
  }));
  await tokenizer.close();
  return examples;
}

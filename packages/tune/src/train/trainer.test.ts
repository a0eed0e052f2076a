import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTrainingControl } from "./brake.ts";
import type { TrainingProgress } from "./train-loop.ts";
import { train, type TrainOptions } from "./trainer.ts";
import { TOY_PARAMETERS, toyExamples, writeToyGraphs, type ToyExample } from "./testing/toy-task.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Change = Partial<Omit<TrainOptions<ToyExample>, "recipe">> & { recipe?: Partial<TrainOptions<ToyExample>["recipe"]> };

async function toyOptions({ recipe = {}, ...change }: Change = {}): Promise<TrainOptions<ToyExample>> {
  return {
    files: await writeToyGraphs(folder),
    taskModule: new URL("./testing/toy-task.ts", import.meta.url),
    taskExport: "toyTask",
    examples: toyExamples(64, 1),
    validation: toyExamples(24, 2),
    threads: 1,
    memoryMode: "fast",
    checkpointFolder: join(folder, "checkpoints"),
    checkpointEverySeconds: 3600,
    resume: false,
    ...change,
    recipe: {
      learningRate: 0.02,
      warmupSteps: 4,
      epochs: 12,
      batchTokens: 160,
      weightDecay: 0.01,
      clipNorm: 1,
      seed: 5,
      schedule: "cosine",
      validateEverySteps: 0,
      patience: 0,
      ...recipe,
    },
  };
}

describe("train", () => {
  test("learns the toy: train and validation loss fall to a fraction", async () => {
    const seen: TrainingProgress[] = [];
    const result = await train(await toyOptions({ onProgress: (progress) => seen.push(progress) }));
    const [first, last] = [result.validationSeries[0]!, result.validationSeries.at(-1)!];
    expect(first.step).toBe(0);
    expect(last.loss).toBeLessThan(first.loss / 4);
    expect(result).toMatchObject({ stopped: "done", skippedSteps: 0 });
    expect(result.lossSeries).toHaveLength(result.steps);
    expect(seen.filter(({ type }) => type === "progress")).toHaveLength(result.steps);
    for (const { name, shape } of TOY_PARAMETERS)
      expect(result.parameters.get(name)).toHaveLength(shape[0]! * shape[1]!);
  });
});

/** The toy as a whole run: recipe and options that tests change where they look. */
import { join } from "node:path";
import type { Recipe } from "../recipe.ts";
import type { TrainOptions } from "../trainer.ts";
import { writeToyGraphs } from "./toy-graph.ts";
import { toyExamples, type ToyExample } from "./toy-task.ts";

export const TOY_RECIPE: Recipe = {
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
};

export type ToyChange = Partial<Omit<TrainOptions<ToyExample>, "recipe">> & { readonly recipe?: Partial<Recipe> };

/** Files and checkpoints lie in `folder`. */
export async function toyRun(folder: string, change: ToyChange = {}): Promise<TrainOptions<ToyExample>> {
  return {
    files: await writeToyGraphs(folder),
    taskModule: new URL("./toy-task.ts", import.meta.url),
    taskExport: "toyTask",
    examples: toyExamples(64, 1),
    validation: toyExamples(24, 2),
    threads: 1,
    memoryMode: "fast",
    checkpointFolder: join(folder, "checkpoints"),
    checkpointEverySeconds: 3600,
    resume: false,
    ...change,
    recipe: { ...TOY_RECIPE, ...change.recipe },
  };
}

/** Long enough that a child cannot finish before it is stopped; checkpoints do not fall on the step of the kill. */
export const KILLED_RUN: ToyChange = {
  threads: 2,
  checkpointEverySteps: 7,
  recipe: { epochs: 250, accumulate: 2, validateEverySteps: 5 },
};

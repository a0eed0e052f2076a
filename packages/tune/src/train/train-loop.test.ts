import { describe, expect, test } from "vitest";
import type { Brake } from "./brake.ts";
import type { RunState } from "./checkpoint.ts";
import { openLanes } from "./lanes.ts";
import { trainLoop, type TrainingProgress } from "./train-loop.ts";
import type { Recipe } from "./recipe.ts";
import type { StepSession } from "./step-session.ts";
import { TOY_RECIPE } from "./testing/toy-run.ts";
import type { TrainingTask } from "./training-task.ts";

/** One parameter p and examples that are numbers: the loss of a batch is the sum of (p − example)² × scale. */
const task: TrainingTask<number> = {
  kind: "mean",
  lengthOf: () => 1,
  feedsOf: (batch) => ({
    feeds: { x: { type: "float32", dims: [batch.length], data: Float32Array.from(batch) } },
    terms: batch.length,
    tokens: batch.length,
  }),
  initial: () => new Float32Array(1),
};

interface Setup {
  readonly examples: readonly number[];
  readonly validation?: readonly number[];
  readonly recipe?: Partial<Recipe>;
  /** Replaces the loss of the run with this number, counted from 0. */
  readonly lossOfRun?: (run: number, loss: number) => number;
  readonly validationLosses?: number[];
  readonly cancelBeforeRun?: number;
}

function setUp({ examples, validation = [], recipe = {}, ...change }: Setup) {
  const state: RunState = {
    step: 0,
    parameters: new Float32Array(1),
    m: new Float32Array(1),
    v: new Float32Array(1),
    updates: 0,
    best: new Float32Array(1),
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
  const gradient = new Float32Array(1);
  const gradients: number[] = [];
  const progress: TrainingProgress[] = [];
  const saves: boolean[] = [];
  let [runs, asked] = [0, 0];
  const brake: Brake = { mayGoOn: () => asked++ !== change.cancelBeforeRun, waitedMs: 0 };
  const { parameters } = state;
  const session: Pick<StepSession, "run"> = {
    run: async (feeds, scale) => {
      const p = parameters[0]!;
      const xs = [...(feeds["x"]!.data as Float32Array)];
      gradient[0] = xs.reduce((sum, x) => sum + 2 * (p - x), 0) * scale;
      gradients.push(gradient[0]);
      const loss = xs.reduce((sum, x) => sum + (p - x) ** 2, 0) * scale;
      return change.lossOfRun?.(runs++, loss) ?? loss;
    },
  };
  const run = () =>
    trainLoop({
      task,
      examples,
      validation,
      recipe: { ...TOY_RECIPE, batchTokens: 2, epochs: 1, warmupSteps: 0, weightDecay: 0, clipNorm: 0, ...recipe },
      state,
      gradient,
      source: openLanes({ task, examples, brake, session, gradient, parameters }),
      evaluateSession: async () => ({
        run: async (feeds) => change.validationLosses!.shift()! * feeds["x"]!.data.length,
        close: async () => undefined,
      }),
      brake,
      report: (message) => progress.push(message),
      saveWhenDue: async (isLast) => void saves.push(isLast),
    });
  return { run, state, gradients, progress, saves };
}

describe("accumulation", () => {
  test("a step over several batches has the loss and gradient of one batch with all terms", async () => {
    const examples = [1, 2, 3, 4, 5, 6, 7];
    const parts = setUp({ examples, recipe: { accumulate: 4 } });
    const whole = setUp({ examples, recipe: { batchTokens: 7 } });
    await parts.run();
    await whole.run();
    expect(parts.gradients).toHaveLength(4);
    expect(parts.state.step).toBe(1);
    expect(parts.state.losses[0]!.loss).toBeCloseTo(whole.state.losses[0]!.loss, 5);
    expect(parts.state.losses[0]!.loss).toBeCloseTo(examples.reduce((sum, x) => sum + x * x, 0) / 7, 5);
    expect(parts.state.m[0]).toBeCloseTo(whole.state.m[0]!, 6);
  });
});

describe("a step that is not finite", () => {
  test("changes neither parameters nor moments, is counted, and the run goes on", async () => {
    const { run, state, progress } = setUp({
      examples: [1, 2, 3, 4, 5, 6],
      lossOfRun: (step, loss) => (step === 1 ? NaN : loss),
    });
    expect(await run()).toBe("done");
    expect(state).toMatchObject({ step: 3, updates: 2, skippedSteps: 1, skippedInARow: 0 });
    expect(state.losses.map(({ step }) => step)).toEqual([1, 3]);
    expect(progress[1]).toMatchObject({ loss: null, gradientNorm: null, skippedSteps: 1 });
  });

  test("three in a row end the run, two do not", async () => {
    const examples = Array.from({ length: 12 }, (_, i) => i);
    const two = setUp({ examples, lossOfRun: (step, loss) => ([1, 2, 4, 5].includes(step) ? Infinity : loss) });
    expect(await two.run()).toBe("done");
    expect(two.state.skippedSteps).toBe(4);
    const three = setUp({ examples, lossOfRun: (step, loss) => (step > 0 ? NaN : loss) });
    await expect(three.run()).rejects.toMatchObject({ code: "training_diverged" });
  });
});

describe("validation", () => {
  const examples = Array.from({ length: 20 }, () => 5);
  const recipe = { validateEverySteps: 2 };

  test("runs before the first step, every so many steps and at the end of the epoch", async () => {
    const { run, state } = setUp({
      examples,
      validation: [1, 2, 3],
      recipe,
      validationLosses: Array(14).fill(1) as number[],
    });
    await run();
    expect(state.validations.map(({ step }) => step)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  test("keeps the parameters of the best one", async () => {
    const { run, state } = setUp({ examples, validation: [1], recipe, validationLosses: [9, 5, 3, 4, 6, 7] });
    expect(await run()).toBe("done");
    expect(state).toMatchObject({ bestStep: 4, bestLoss: 3 });
    expect(state.best[0]).toBeGreaterThan(0);
    expect(state.best[0]).toBeLessThan(state.parameters[0]!);
  });

  test("stops early after `patience` validations without a new best", async () => {
    const { run, state, saves } = setUp({
      examples,
      validation: [1],
      recipe: { ...recipe, patience: 2 },
      validationLosses: [9, 5, 6, 7, 1, 1],
    });
    expect(await run()).toBe("early");
    expect(state).toMatchObject({ step: 6, bestStep: 2 });
    expect(saves.at(-1)).toBe(true);
  });

  test("patience that ends with the last step is no early stop", async () => {
    const validationLosses = [1, 5, 6, 7, 8, 9];
    const { run } = setUp({ examples, validation: [1], recipe: { ...recipe, patience: 5 }, validationLosses });
    expect(await run()).toBe("done");
  });

  test("is the mean over terms, not over batches", async () => {
    const { run, state } = setUp({ examples: [1], validation: [1, 2, 3], validationLosses: [3, 9, 3, 9] });
    await run();
    expect(state.validations[0]!.loss).toBeCloseTo((3 * 2 + 9 * 1) / 3, 9);
  });
});

describe("cancelling", () => {
  test("in a validation saves the step before it, and the next run owes that validation", async () => {
    // One ask each: the validation before the first step, two steps, the validation that is cancelled.
    const { run, state, saves } = setUp({
      examples: [1, 2, 3, 4, 5, 6, 7, 8],
      validation: [1],
      recipe: { validateEverySteps: 2 },
      validationLosses: [9, 8, 7],
      cancelBeforeRun: 3,
    });
    expect(await run()).toBe("cancelled");
    expect(saves.at(-1)).toBe(true);
    expect(state.validations.map(({ step }) => step)).toEqual([0]);
    expect(await run()).toBe("done");
    expect(state.validations.map(({ step }) => step)).toEqual([0, 2, 4]);
    expect(state.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  test("between the batches of one step leaves the step undone and saves", async () => {
    const { run, state, saves } = setUp({
      examples: [1, 2, 3, 4, 5, 6, 7, 8],
      recipe: { accumulate: 2 },
      cancelBeforeRun: 3,
    });
    expect(await run()).toBe("cancelled");
    expect(state.step).toBe(1);
    expect(saves).toEqual([false, true]);
  });
});

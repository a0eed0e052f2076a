import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flatLength, viewsOf } from "./flat-parameters.ts";
import { openStepSession, type StepSession } from "./step-session.ts";
import { writeToyGraphs } from "./testing/toy-graph.ts";
import { toyExamples, toyTask } from "./testing/toy-task.ts";
import { seededRandom } from "./random.ts";
import type { TrainingGraphFiles } from "./training-task.ts";

const STEP = 1e-2;
/** Central differences of a float32 loss at this step size. */
const TOLERANCE = 5e-3;

let folder: string;
let files: TrainingGraphFiles;
let session: StepSession;
let parameters: Float32Array;
let gradient: Float32Array;
const { feeds, terms } = toyTask.feedsOf(toyExamples(6, 1));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "session-"));
  files = await writeToyGraphs(folder);
  parameters = new Float32Array(flatLength(files.parameters));
  gradient = new Float32Array(parameters.length);
  const views = viewsOf(parameters, files.parameters);
  for (const spec of files.parameters) views.get(spec.name)!.set(toyTask.initial(spec, seededRandom(1)));
  session = await openStepSession({
    modelPath: files.trainModel,
    specs: files.parameters,
    parameters,
    gradient,
    threads: 1,
    isPrepacked: true,
  });
});
afterAll(async () => {
  await session.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a step session", () => {
  test("writes the gradient of every parameter into the flat array: central differences agree", async () => {
    await session.run(feeds, 1 / terms);
    const written = Float32Array.from(gradient);
    for (let i = 0; i < parameters.length; i += 7) {
      const value = parameters[i]!;
      parameters[i] = value + STEP;
      const above = await session.run(feeds, 1 / terms);
      parameters[i] = value - STEP;
      const below = await session.run(feeds, 1 / terms);
      parameters[i] = value;
      expect(Math.abs((above - below) / (2 * STEP) - written[i]!)).toBeLessThan(TOLERANCE);
    }
  });

  test("loss and gradient are proportional to the loss scale", async () => {
    const full = await session.run(feeds, 1);
    const fullGradient = Float32Array.from(gradient);
    expect(await session.run(feeds, 0.5)).toBeCloseTo(full / 2, 5);
    expect(gradient[3]).toBeCloseTo(fullGradient[3]! / 2, 5);
  });

  test("the evaluation graph gives the same loss without gradients and without prepacking", async () => {
    const loss = await session.run(feeds, 1);
    const options = {
      modelPath: files.evaluateModel,
      specs: files.parameters,
      parameters,
      threads: 1,
      isPrepacked: false,
    };
    const evaluation = await openStepSession(options);
    expect(await evaluation.run(feeds, 1)).toBeCloseTo(loss, 5);
    await evaluation.close();
  });

  test("a graph without gradients, a missing file and a wrong batch are refused by code", async () => {
    const options = { specs: files.parameters, parameters, gradient, threads: 1, isPrepacked: true };
    await expect(openStepSession({ ...options, modelPath: files.evaluateModel })).rejects.toMatchObject({
      code: "model_invalid",
    });
    await expect(openStepSession({ ...options, modelPath: join(folder, "none.onnx") })).rejects.toMatchObject({
      code: "model_failed",
    });
    await expect(session.run({ x: feeds["x"]! }, 1)).rejects.toMatchObject({ code: "model_failed" });
    const short = { ...options, parameters: new Float32Array(3), modelPath: files.trainModel };
    await expect(openStepSession(short)).rejects.toMatchObject({ code: "shape_mismatch" });
  });
});

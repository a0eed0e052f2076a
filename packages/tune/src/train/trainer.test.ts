import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import { createTrainingControl } from "./brake.ts";
import type { TrainingProgress } from "./train-loop.ts";
import { train } from "./trainer.ts";
import { KILLED_RUN, toyRun, type ToyChange } from "./testing/toy-run.ts";
import { TOY_PARAMETERS, toyExamples } from "./testing/toy-task.ts";

/** Real threads: fractions of a second on an idle machine, far longer on one that trains beside. */
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("train", () => {
  test("learns the toy: train and validation loss fall to a fraction", async () => {
    const seen: TrainingProgress[] = [];
    const result = await train(await toyRun(folder, { onProgress: (progress) => seen.push(progress) }));
    const [first, last] = [result.validationSeries[0]!, result.validationSeries.at(-1)!];
    expect(first.step).toBe(0);
    expect(last.loss).toBeLessThan(first.loss / 4);
    expect(result).toMatchObject({ stopped: "done", skippedSteps: 0 });
    expect(result.lossSeries).toHaveLength(result.steps);
    expect(seen.filter(({ type }) => type === "progress")).toHaveLength(result.steps);
    for (const { name, shape } of TOY_PARAMETERS)
      expect(result.parameters.get(name)).toHaveLength(shape[0]! * shape[1]!);
  });

  test("progress says where the run is, how fast, for how long still, and in how much memory", async () => {
    const seen: TrainingProgress[] = [];
    const result = await train(await toyRun(folder, { onProgress: (progress) => seen.push(progress) }));
    const steps = seen.filter((progress) => progress.type === "progress");
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.at(-1)).toMatchObject({ steps: result.steps, epoch: 11, etaSeconds: 0 });
    expect(steps[0]!.etaSeconds).toBeGreaterThan(0);
    expect(steps[0]!.learningRate).toBeCloseTo(0.005, 9);
    for (const { tokensPerSecond, rssBytes, gradientNorm } of steps) {
      expect(tokensPerSecond).toBeGreaterThan(0);
      expect(rssBytes).toBeGreaterThan(10_000_000);
      expect(gradientNorm).toBeGreaterThan(0);
    }
    expect(result.peakRssBytes).toBeGreaterThanOrEqual(Math.max(...steps.map(({ rssBytes }) => rssBytes)));
  });

  test("the same seed gives the same losses in every memory mode, another seed does not", async () => {
    const recipe = { epochs: 2 };
    const fast = await train(await toyRun(folder, { recipe }));
    const small = await train(await toyRun(folder, { recipe, memoryMode: "small" }));
    const other = await train(await toyRun(folder, { recipe: { ...recipe, seed: 6 } }));
    expect(small.lossSeries).toEqual(fast.lossSeries);
    expect(small.validationSeries).toEqual(fast.validationSeries);
    expect(other.lossSeries).not.toEqual(fast.lossSeries);
  });

  test("starts from given parameters instead of the task's", async () => {
    const learnt = await train(await toyRun(folder));
    const more = await train(await toyRun(folder, { startFrom: learnt.parameters, recipe: { maxSteps: 1 } }));
    expect(more.validationSeries[0]!.loss).toBeCloseTo(Math.min(...learnt.validationSeries.map(({ loss }) => loss)), 6);
  });
});

describe("holding a run", () => {
  test("cancelling ends it after the step at hand with what was learnt, and resuming gives the losses of an unbroken run", async () => {
    const recipe = { epochs: 150 };
    const whole = await train(await toyRun(folder, { recipe }));
    const stop = new AbortController();
    const onProgress = ({ step }: TrainingProgress): void => (step === 11 ? stop.abort() : undefined);
    const part = await train(await toyRun(folder, { signal: stop.signal, onProgress, recipe }));
    expect(part.stopped).toBe("cancelled");
    expect(part.steps).toBeLessThan(whole.steps);
    expect(part.lossSeries).toEqual(whole.lossSeries.slice(0, part.steps));
    const rest = await train(await toyRun(folder, { resume: true, recipe }));
    expect(rest.lossSeries).toEqual(whole.lossSeries);
    expect(rest.validationSeries).toEqual(whole.validationSeries);
    expect(rest.parameters).toEqual(whole.parameters);
  });

  test("a paused run stands still until it is resumed", async () => {
    const control = createTrainingControl();
    control.pause();
    let steps = 0;
    let isPaused = true;
    const onProgress = (): void => {
      expect(isPaused).toBe(false);
      steps += 1;
    };
    const running = train(await toyRun(folder, { control, onProgress, validation: [], recipe: { epochs: 2 } }));
    await new Promise((resolve) => setImmediate(resolve));
    isPaused = false;
    control.resume();
    expect(steps).toBe(0);
    expect((await running).steps).toBe(steps);
  });

  test("resuming a finished run gives its result again without a step", async () => {
    const whole = await train(await toyRun(folder));
    const seen: TrainingProgress[] = [];
    const again = await train(await toyRun(folder, { resume: true, onProgress: (progress) => seen.push(progress) }));
    expect(seen).toEqual([]);
    expect(again.parameters).toEqual(whole.parameters);
    expect(again.stopped).toBe("done");
  });

  test("a checkpoint of other data is refused, and removed when the run starts anew", async () => {
    await train(await toyRun(folder, { recipe: { maxSteps: 2 } }));
    const change = { examples: toyExamples(64, 99), recipe: { maxSteps: 2 } };
    await expect(train(await toyRun(folder, { ...change, resume: true }))).rejects.toMatchObject({ code: "conflict" });
    expect((await train(await toyRun(folder, change))).steps).toBe(2);
  });
});

describe("after kill -9", () => {
  /** Runs the child until it stands after `step`, then kills it. */
  async function killAt(step: number): Promise<void> {
    const child = spawn(process.execPath, [
      new URL("./testing/toy-child.ts", import.meta.url).pathname,
      folder,
      String(step),
    ]);
    const exit = once(child, "exit");
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    await waitUntil(() => output.includes("standing") || child.exitCode !== null, {
      what: "the child to stand",
      timeoutMs: 90_000,
    });
    child.kill("SIGKILL");
    expect(await exit).toEqual([null, "SIGKILL"]);
    expect(output).not.toContain("ended");
  }

  test("a resumed run has the losses, validations and parameters of an uninterrupted one, bit for bit", async () => {
    await killAt(40);
    await killAt(90);
    const checkpoints = join(folder, "checkpoints");
    const names = (await readdir(checkpoints)).filter((name) => name.endsWith(".checkpoint")).sort();
    expect(names).toHaveLength(2);
    await writeFile(join(checkpoints, names[1]!), (await readFile(join(checkpoints, names[1]!))).subarray(0, -9)); // torn
    const seen: number[] = [];
    const onProgress = ({ step }: TrainingProgress): unknown => seen.push(step);
    const resumed = await train(
      await toyRun(folder, { ...KILLED_RUN, checkpointEverySteps: 5000, resume: true, onProgress }),
    );
    expect(seen[0]).toBe(Number(/\d+/.exec(names[0]!)![0]) + 1);
    const whole = await train(await toyRun(folder, { ...KILLED_RUN, checkpointEverySteps: 5000 }));
    expect(resumed.steps).toBe(whole.steps);
    expect(resumed.lossSeries).toEqual(whole.lossSeries);
    expect(resumed.validationSeries).toEqual(whole.validationSeries);
    expect(resumed.parameters).toEqual(whole.parameters);
  });
});

describe("two lanes", () => {
  const shared: ToyChange = { threads: 2, lanes: 2, recipe: { epochs: 3, accumulate: 2 } };

  test("have the losses of one lane within rounding, and their own bit for bit", async () => {
    const one = await train(await toyRun(folder, { ...shared, lanes: 1 }));
    const two = await train(await toyRun(folder, shared));
    expect([one.lanes, two.lanes]).toEqual([1, 2]);
    for (const [i, { loss }] of two.lossSeries.slice(0, 10).entries())
      expect(Math.abs(loss / one.lossSeries[i]!.loss - 1)).toBeLessThan(1e-4);
    expect(two.steps).toBe(one.steps);
    const again = await train(await toyRun(folder, shared));
    expect(again.lossSeries).toEqual(two.lossSeries);
    expect(again.parameters).toEqual(two.parameters);
  });

  test("cancelled and resumed they have the losses of an unbroken run, and one lane may take over", async () => {
    const whole = await train(await toyRun(folder, shared));
    const cut = async (): Promise<number> => {
      const control = createTrainingControl();
      const onProgress = ({ step }: TrainingProgress): void => (step === 2 ? control.cancel() : undefined);
      const recipe = { ...shared.recipe, epochs: 3 };
      const part = await train(await toyRun(folder, { ...shared, recipe, control, onProgress }));
      expect(part.stopped).toBe("cancelled");
      return part.steps;
    };
    await cut();
    const rest = await train(await toyRun(folder, { ...shared, resume: true }));
    expect(rest.lossSeries).toEqual(whole.lossSeries);
    expect(rest.parameters).toEqual(whole.parameters);
    const steps = await cut();
    const alone = await train(await toyRun(folder, { ...shared, lanes: 1, resume: true }));
    expect(alone.lossSeries.slice(0, steps)).toEqual(whole.lossSeries.slice(0, steps));
    for (const [i, { loss }] of alone.lossSeries.entries())
      expect(Math.abs(loss / whole.lossSeries[i]!.loss - 1)).toBeLessThan(1e-3);
  });

  test("are one where a lane would have no thread of its own, or memory is to be saved", async () => {
    const recipe = { maxSteps: 1 };
    expect((await train(await toyRun(folder, { ...shared, recipe, threads: 1 }))).lanes).toBe(1);
    expect((await train(await toyRun(folder, { ...shared, recipe, memoryMode: "checkpointed" }))).lanes).toBe(1);
  });

  test("a lane that ends, fails or cannot open ends the run with model_failed, and the run can be resumed", async () => {
    const taskModule = new URL("./testing/fragile-task.ts", import.meta.url);
    for (const taskExport of ["endingTask", "failingTask"])
      await expect(train(await toyRun(folder, { ...shared, taskModule, taskExport }))).rejects.toMatchObject({
        code: "model_failed",
      });
    const options = await toyRun(folder, shared);
    const files = { ...options.files, trainModel: join(folder, "none.onnx") };
    await expect(train({ ...options, files })).rejects.toMatchObject({ code: "model_failed" });
    expect((await train({ ...options, resume: true })).stopped).toBe("done");
  });
});

describe("the training thread", () => {
  /** Of each thread of this process, the first one's first. */
  const threads = async (): Promise<{ name: string; niceness: number }[]> => {
    const ids = await readdir("/proc/self/task");
    const stats = await Promise.all(ids.map((id) => readFile(`/proc/self/task/${id}/stat`, "utf8").catch(() => "")));
    return stats
      .filter((stat) => stat !== "")
      .map((stat) => ({
        name: /\((.*)\) /.exec(stat)![1]!,
        niceness: Number(stat.split(") ")[1]!.split(" ")[16]),
      }));
  };

  test.runIf(process.platform === "linux")(
    "is nice with its lane, and its process is not, so answers come first",
    async () => {
      const before = getPriority();
      const control = createTrainingControl();
      control.pause();
      const lanes = { threads: 2, lanes: 2 } as const;
      const running = train(await toyRun(folder, { ...lanes, control, recipe: { maxSteps: 1 } }));
      for (const wanted of ["training", "lane"])
        await waitUntil(async () => (await threads()).some(({ name, niceness }) => name === wanted && niceness >= 10), {
          what: `a nice ${wanted} thread`,
          timeoutMs: 90_000,
        });
      expect(getPriority()).toBe(before);
      expect((await threads())[0]!.niceness).toBe(before);
      control.resume();
      await running;
    },
  );

  test("a run on two threads leaves the event loop free", async () => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const { steps } = await train(await toyRun(folder, { threads: 2, recipe: { epochs: 40 } }));
    isOver = true;
    expect(turns).toBeGreaterThan(steps);
  });
});

describe("a run that cannot be", () => {
  test("is refused by code: no examples, no such task, no graph", async () => {
    const options = await toyRun(folder);
    await expect(train({ ...options, examples: [] })).rejects.toMatchObject({ code: "request_invalid" });
    await expect(train({ ...options, taskExport: "toyExamples" })).rejects.toMatchObject({ code: "model_invalid" });
    const taskModule = new URL("./testing/none.ts", import.meta.url);
    await expect(train({ ...options, taskModule })).rejects.toMatchObject({ code: "model_invalid" });
    const files = { ...options.files, trainModel: join(folder, "none.onnx") };
    await expect(train({ ...options, files })).rejects.toMatchObject({ code: "model_failed" });
    await expect(train({ ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  test("ends with training_diverged when three steps in a row are not finite", async () => {
    const broken = toyExamples(64, 1).map((example) => ({ ...example, y: [Infinity, 0] }));
    const options = await toyRun(folder, { examples: broken, validation: [] });
    await expect(train(options)).rejects.toMatchObject({ code: "training_diverged", details: { step: 3 } });
  });
});

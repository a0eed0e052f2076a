import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fineTune, type FineTuneOptions, type FineTuneProgress } from "./fine-tune.ts";
import { toAppError } from "@lorekeep/core";
import { createTrainingControl } from "./train/brake.ts";
import { freeMemoryBytes } from "./train/resources.ts";
import { TOY_RECIPE } from "./train/testing/toy-run.ts";
import { writeToyGraphs } from "./train/testing/toy-graph.ts";
import { toyExamples, toyTask, type ToyExample } from "./train/testing/toy-task.ts";

/** Real threads: fractions of a second on an idle machine, far longer on one that trains beside. */
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
let called: string[];
let seen: FineTuneProgress[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fine-tune-"));
  [called, seen] = [[], []];
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Options = FineTuneOptions<ToyExample, { weights: number }, { isPromoted: boolean }>;

function toyOptions(change: Partial<Options> = {}, examples = toyExamples(32, 1)): Options {
  return {
    rooms: {
      tokenise: async () => ({
        train: examples,
        validation: toyExamples(8, 2),
        droppedCount: 3,
        lengths: examples.map((example) => toyTask.lengthOf(example)),
        answerShare: 0.5,
      }),
      writeGraphs: async (mode) => {
        called.push(`graphs ${mode}`);
        return writeToyGraphs(folder);
      },
      exportAdapter: async (learnt) => {
        called.push("adapter");
        return { weights: [...learnt.parameters.values()].reduce((sum, { length }) => sum + length, 0) };
      },
      judge: async ({ weights }) => {
        called.push(`judge ${weights}`);
        return { isPromoted: true };
      },
    },
    shape: {
      layers: 1,
      hidden: 16,
      intermediate: 16,
      heads: 1,
      vocabulary: 8,
      linearWeights: 96,
      trainedParameters: 92,
    },
    taskModule: new URL("./train/testing/toy-task.ts", import.meta.url),
    taskExport: "toyTask",
    recipe: { ...TOY_RECIPE, epochs: 2 },
    threads: 1,
    folder: join(folder, "run"),
    fileBytes: 1000,
    resume: false,
    onProgress: (progress) => seen.push(progress),
    ...change,
  };
}

describe("fineTune", () => {
  test("walks from examples to a judged adapter, phase by phase", async () => {
    const { learnt, adapter, verdict, memoryMode } = await fineTune(toyOptions());
    expect(called).toEqual(["graphs fast", "adapter", "judge 92"]);
    expect({ adapter, verdict, memoryMode }).toEqual({
      adapter: { weights: 92 },
      verdict: { isPromoted: true },
      memoryMode: "fast",
    });
    const phases = seen.flatMap((progress) => (progress.type === "phase" ? [progress.phase] : []));
    expect(phases).toEqual(["tokenising", "preparing", "training", "exporting", "judging"]);
    expect(seen.find(({ type }) => type === "plan")).toMatchObject({ steps: learnt.steps, droppedCount: 3 });
  });

  test("steps of several examples are shared between two lanes where threads and memory allow it", async () => {
    const two = await fineTune(toyOptions({ threads: 2 }));
    expect(seen.find(({ type }) => type === "plan")).toMatchObject({ memoryMode: "fast", lanes: 2 });
    expect(two.learnt.lanes).toBe(2);
    seen.length = 0;
    // Packed for both products, 4 bytes each: one lane takes 0.6 of the free memory.
    const shape = { ...toyOptions().shape, linearWeights: (0.6 * freeMemoryBytes()) / 8 };
    const one = await fineTune(toyOptions({ threads: 2, shape, memoryMode: "fast" }));
    expect(seen.find(({ type }) => type === "plan")).toMatchObject({ memoryMode: "fast", lanes: 1 });
    expect(one.learnt.lanes).toBe(1);
  });

  test("a cancelled run ends without an adapter and resumes to the result of an unbroken one", async () => {
    const whole = await fineTune(toyOptions());
    const control = createTrainingControl();
    const onProgress = ({ type }: FineTuneProgress): void => (type === "plan" ? control.cancel() : undefined);
    const again = { folder: join(folder, "again") };
    const part = await fineTune(toyOptions({ ...again, control, onProgress }));
    expect(part.learnt).toMatchObject({ stopped: "cancelled" });
    expect(part.adapter).toBeUndefined();
    const rest = await fineTune(toyOptions({ ...again, resume: true }));
    expect(rest.learnt.lossSeries).toEqual(whole.learnt.lossSeries);
    expect(called.filter((name) => name === "adapter")).toHaveLength(2);
  });

  test("a checkpoint of another plan is an error, or given up when that is wanted", async () => {
    const again = { folder: join(folder, "again") };
    await fineTune(toyOptions(again));
    const other = { ...again, recipe: () => ({ ...TOY_RECIPE, epochs: 1 }) };
    await expect(fineTune(toyOptions({ ...other, resume: true }))).rejects.toMatchObject({ code: "conflict" });
    const anew = await fineTune(toyOptions({ ...other, resume: "or-begin-anew" }));
    expect(anew.verdict).toEqual({ isPromoted: true });
    expect(seen.filter(({ type }) => type === "begun-anew")).toHaveLength(1);
  });

  test("what examples lack is put in once the graphs are there, and only then they are learnt from", async () => {
    const { rooms } = toyOptions();
    const complete: Options["rooms"]["complete"] = async (examples) => {
      called.push("complete");
      return { ...examples, train: toyExamples(32, 5) };
    };
    const whole = await fineTune(toyOptions({ folder: join(folder, "whole") }, toyExamples(32, 5)));
    called.length = 0;
    const { learnt } = await fineTune(toyOptions({ rooms: { ...rooms, complete } }));
    expect(called).toEqual(["graphs fast", "complete", "adapter", "judge 92"]);
    expect(learnt.lossSeries).toEqual(whole.learnt.lossSeries);
  });

  test("an aborted signal ends it in any phase", async () => {
    for (const phase of ["tokenising", "training", "judging"]) {
      const stop = new AbortController();
      const onProgress = (progress: FineTuneProgress): void => {
        if (progress.type === "phase" && progress.phase === phase) stop.abort();
      };
      const { rooms } = toyOptions();
      const judge: Options["rooms"]["judge"] = async (adapter, signal) => {
        signal?.throwIfAborted();
        return rooms.judge(adapter, signal);
      };
      const options = toyOptions({ onProgress, signal: stop.signal, rooms: { ...rooms, judge } });
      expect(toAppError(await fineTune(options).catch((error: unknown) => error)).code).toBe("aborted");
      expect(called.some((name) => name.startsWith("judge"))).toBe(false);
    }
  });

  test("refuses before any graph is written: no examples, no memory, no disk", async () => {
    await expect(fineTune(toyOptions({}, []))).rejects.toMatchObject({ code: "request_invalid" });
    const huge = { ...toyOptions().shape, linearWeights: 1e15 };
    await expect(fineTune(toyOptions({ shape: huge }))).rejects.toMatchObject({ code: "memory_low" });
    await expect(fineTune(toyOptions({ fileBytes: 1e18 }))).rejects.toMatchObject({ code: "disk_full" });
    expect(called).toEqual([]);
  });
});

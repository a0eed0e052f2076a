import { describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import type { Brake } from "./brake.ts";
import { openLanes, type Lane, type LaneWork } from "./lanes.ts";
import type { TrainingTask } from "./training-task.ts";

/** One parameter p: the loss of a batch is the sum of (p − example)² × scale. Examples are as long as they are large. */
const task: TrainingTask<number> = {
  kind: "mean",
  lengthOf: (example) => example,
  feedsOf: (batch) => ({
    feeds: { x: { type: "float32", dims: [batch.length], data: Float32Array.from(batch) } },
    terms: batch.length,
    tokens: batch.length,
  }),
  initial: () => new Float32Array(1),
};
const BATCHES = [[0, 1, 2, 3], [4], [5], [6]];
const EXAMPLES = [4, 5, 6, 7, 20, 21, 22];

function setUp({ isShared, cancelBefore }: { isShared: boolean; cancelBefore?: number }) {
  const [parameters, gradient, theirs] = [Float32Array.of(0.5), new Float32Array(1), new Float32Array(1)];
  const events: string[] = [];
  let [asked, given] = [0, 0];
  const brake: Brake = { mayGoOn: () => asked++ !== cancelBefore, waitedMs: 0 };
  const measure = (p: number, xs: readonly number[], scale: number, into: Float32Array): number => {
    into[0] = xs.reduce((sum, x) => sum + 2 * (p - x), 0) * scale;
    return xs.reduce((sum, x) => sum + (p - x) ** 2, 0) * scale;
  };
  let begun: LaneWork<number> | null = null;
  const second: Lane<number> = {
    gradient: theirs,
    takeParameters: ([p]) => {
      given = p!;
      events.push("parameters");
    },
    begin: (work) => {
      begun = work;
      events.push(`begin ${work.examples.join(" ")}`);
    },
    finish: async () => {
      events.push("finish");
      return measure(given, begun!.examples, begun!.lossScale, theirs);
    },
    close: async () => undefined,
  };
  const session = {
    run: async (feeds: Parameters<Parameters<typeof openLanes>[0]["session"]["run"]>[0], scale: number) => {
      const xs = [...(feeds["x"]!.data as Float32Array)];
      events.push(`run ${xs.join(" ")}`);
      return measure(parameters[0]!, xs, scale, gradient);
    },
  };
  const examples = EXAMPLES;
  const source = openLanes({
    task,
    examples,
    brake,
    session,
    gradient,
    parameters,
    second: isShared ? second : undefined,
  });
  return { source, second, gradient, events };
}

describe("two lanes", () => {
  test("have the loss, the gradient and the tokens of one, within rounding", async () => {
    const [alone, shared] = [setUp({ isShared: false }), setUp({ isShared: true })];
    const [one, two] = [await alone.source.measure(BATCHES), await shared.source.measure(BATCHES)];
    expect(two!.loss / one!.loss).toBeCloseTo(1, 6);
    expect(two!.tokens).toBe(7);
    expect(one!.tokens).toBe(7);
    expect(shared.gradient[0]! / alone.gradient[0]!).toBeCloseTo(1, 6);
    expect(one!.loss).toBeCloseTo(EXAMPLES.reduce((sum, x) => sum + (0.5 - x) ** 2, 0) / 7, 4);
  });

  test("measure a second step anew, without what is left of the first", async () => {
    const { source, gradient } = setUp({ isShared: true });
    const first = [await source.measure(BATCHES), gradient[0]];
    expect([await source.measure(BATCHES), gradient[0]]).toEqual(first);
  });

  test("the second has its work before the first begins, and the step's parameters once", async () => {
    const { source, events } = setUp({ isShared: true });
    await source.measure(BATCHES);
    expect(events).toEqual([
      "parameters",
      ...["begin 6 7", "run 4 5", "finish"],
      ...["begin 21", "run 20", "finish"],
      "run 22",
    ]);
  });

  test("a step of one example stands on the first alone", async () => {
    const { source, events } = setUp({ isShared: true });
    await source.measure([[3]]);
    expect(events).toEqual(["run 7"]);
  });

  test("cancelling between two rounds leaves the step undone with no work begun", async () => {
    const { source, events } = setUp({ isShared: true, cancelBefore: 1 });
    expect(await source.measure(BATCHES)).toBeNull();
    expect(events.slice(1)).toEqual(["begin 6 7", "run 4 5", "finish"]);
  });

  test("a lane that fails fails the step", async () => {
    const { source, second } = setUp({ isShared: true });
    second.finish = () => Promise.reject(new AppError("model_failed", "gone"));
    await expect(source.measure(BATCHES)).rejects.toMatchObject({ code: "model_failed" });
  });
});

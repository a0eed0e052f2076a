import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCheckpoint, removeCheckpoints, writeCheckpoint, type RunState } from "./checkpoint.ts";
import { gaussian, seededRandom } from "./random.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "checkpoint-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function stateAt(step: number): RunState {
  const random = seededRandom(step);
  const flat = (): Float32Array => Float32Array.from({ length: 5 }, () => gaussian(random));
  return {
    step,
    parameters: flat(),
    m: flat(),
    v: flat(),
    best: flat(),
    updates: step - 1,
    bestStep: 1,
    bestLoss: random(),
    worseValidations: 2,
    skippedSteps: 1,
    skippedInARow: 0,
    tokens: 100 * step,
    stepMs: 12.5,
    isEarlyStop: false,
    losses: Array.from({ length: Math.min(step, 2) }, (_, i) => ({ step: i + 1, loss: random() })),
    validations: [{ step: 0, loss: random() }],
  };
}

describe("checkpoints", () => {
  test("come back as they were written, bit for bit", async () => {
    await writeCheckpoint(folder, stateAt(7), "run");
    expect(await readCheckpoint(folder, "run")).toEqual(stateAt(7));
  });

  test("an empty or missing folder has none", async () => {
    expect(await readCheckpoint(folder, "run")).toBeNull();
    expect(await readCheckpoint(join(folder, "missing"), "run")).toBeNull();
  });

  test("the last two are kept and nothing half-written stays", async () => {
    for (const step of [9, 10, 100]) await writeCheckpoint(folder, stateAt(step), "run");
    expect((await readdir(folder)).sort()).toEqual(["step-000000010.checkpoint", "step-000000100.checkpoint"]);
  });

  test("a newest one that is cut off gives way to the older", async () => {
    for (const step of [1, 2]) await writeCheckpoint(folder, stateAt(step), "run");
    const newest = join(folder, "step-000000002.checkpoint");
    const whole = await readFile(newest);
    for (let size = 0; size < whole.length; size += 3) {
      await writeFile(newest, whole.subarray(0, size));
      expect((await readCheckpoint(folder, "run"))?.step).toBe(1);
    }
  });

  test("a newest one with a flipped byte gives way to the older", async () => {
    for (const step of [1, 2]) await writeCheckpoint(folder, stateAt(step), "run");
    const newest = join(folder, "step-000000002.checkpoint");
    const whole = await readFile(newest);
    for (let i = 0; i < whole.length; i += 3) {
      const damaged = Buffer.from(whole);
      damaged[i] = damaged[i]! ^ 0x10;
      await writeFile(newest, damaged);
      expect((await readCheckpoint(folder, "run"))?.step).toBe(1);
    }
  });

  test("one of another run is refused, not mixed in", async () => {
    await writeCheckpoint(folder, stateAt(3), "run");
    await expect(readCheckpoint(folder, "other")).rejects.toMatchObject({ code: "conflict" });
  });

  test("removing takes checkpoints and half-written ones, nothing else", async () => {
    await writeCheckpoint(folder, stateAt(3), "run");
    await writeFile(join(folder, "step-000000004.checkpoint.partial-0123456789ab"), "half");
    await writeFile(join(folder, "notes.txt"), "mine");
    await removeCheckpoints(folder);
    expect(await readdir(folder)).toEqual(["notes.txt"]);
  });
});

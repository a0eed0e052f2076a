import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { estimateMemory, estimateSeconds, type TrainingShape } from "./estimate-training.ts";
import { checkResources, chooseMemoryMode, freeMemoryBytes } from "./resources.ts";

const GB = 1e9;
const ESTIMATES = { fast: 3 * GB, checkpointed: 1.6 * GB, small: 1 * GB };

describe("chooseMemoryMode", () => {
  test("takes the fastest mode that leaves memory to spare", () => {
    expect(chooseMemoryMode(8 * GB, ESTIMATES)).toBe("fast");
    expect(chooseMemoryMode(3.1 * GB, ESTIMATES)).toBe("checkpointed");
    expect(chooseMemoryMode(1.7 * GB, ESTIMATES)).toBe("small");
  });

  test("refuses when not even the smallest fits, and says how much is needed", () => {
    expect(() => chooseMemoryMode(1.1 * GB, ESTIMATES)).toThrow(/needs 1\.5 GB .* 1\.1 GB are free/);
  });
});

describe("checkResources", () => {
  test("keeps a mode that was asked for if it fits, and refuses it otherwise", async () => {
    const folder = await mkdtemp(join(tmpdir(), "resources-"));
    try {
      const needs = { estimates: ESTIMATES, trainedParameters: 1000, otherBytes: 1000, folder: join(folder, "new") };
      expect(await checkResources(needs, 8 * GB)).toBe("fast");
      expect(await checkResources({ ...needs, memoryMode: "small" }, 8 * GB)).toBe("small");
      const fast = { ...needs, memoryMode: "fast" } as const;
      await expect(checkResources(fast, 2 * GB)).rejects.toMatchObject({ code: "memory_low" });
      const huge = { ...needs, otherBytes: 1e18 };
      await expect(checkResources(huge, 8 * GB)).rejects.toMatchObject({ code: "disk_full" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("free memory is more than nothing and less than a petabyte", () => {
    expect(freeMemoryBytes()).toBeGreaterThan(1e6);
    expect(freeMemoryBytes()).toBeLessThan(1e15);
  });
});

describe("estimates", () => {
  const SMOLLM2_135M: TrainingShape = {
    layers: 30,
    hidden: 576,
    intermediate: 1536,
    heads: 9,
    vocabulary: 49152,
    linearWeights: 106_168_320,
    trainedParameters: 2_442_240,
  };
  /** Measured peaks of 4×256 with 100 answer tokens each, in MiB. */
  const MEASURED = { fast: 3106, checkpointed: 1642, small: 1038 };

  test("memory lies between the measured peaks of SmolLM2-135M and 20 % above", () => {
    const estimates = estimateMemory(SMOLLM2_135M, { batchTokens: 1024, longestTokens: 256, answerShare: 100 / 256 });
    for (const mode of ["fast", "checkpointed", "small"] as const) {
      const ratio = estimates[mode] / 2 ** 20 / MEASURED[mode];
      expect(ratio, mode).toBeGreaterThan(1);
      expect(ratio, mode).toBeLessThan(1.2);
    }
  });

  test("two lanes of SmolLM2-135M take what was measured to 20 % more", () => {
    /** Peaks of 2×256 and 4×256 shared between two lanes, in MB. */
    for (const [batch, measured] of [
      [2, 3774],
      [4, 4740],
    ] as const) {
      const load = { batchTokens: batch * 256, longestTokens: 256, answerShare: 100 / 256 };
      const ratio = estimateMemory(SMOLLM2_135M, { ...load, lanes: 2 }).fast / 1e6 / measured;
      expect(ratio, `${batch}`).toBeGreaterThan(1);
      expect(ratio, `${batch}`).toBeLessThan(1.2);
      expect(estimateMemory(SMOLLM2_135M, { ...load, lanes: 2 }).small).toBe(estimateMemory(SMOLLM2_135M, load).small);
    }
  });

  test("a base ten times as big needs about ten times the memory and time", () => {
    const big: TrainingShape = {
      ...SMOLLM2_135M,
      hidden: 2048,
      intermediate: 5632,
      layers: 22,
      heads: 32,
      linearWeights: 1_000_000_000,
    };
    const load = { batchTokens: 512, longestTokens: 256, answerShare: 0.4 };
    const ratio = estimateMemory(big, load).small / estimateMemory(SMOLLM2_135M, load).small;
    expect(ratio).toBeGreaterThan(4);
    expect(ratio).toBeLessThan(12);
    const run = { tokens: 300_000, answerShare: 0.4, mode: "fast", gigaflops: 320 } as const;
    expect(estimateSeconds(big, run) / estimateSeconds(SMOLLM2_135M, run)).toBeCloseTo(8.6, 0);
  });
});

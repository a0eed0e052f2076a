import { describe, expect, test } from "vitest";
import type { LlamaConfig } from "../gguf/llama-config.ts";
import { estimateTraining, trainingShapeOf, type EstimateRequest } from "./estimate-run.ts";

const SMOLLM2: LlamaConfig = {
  layers: 30,
  hidden: 576,
  feedForward: 1536,
  heads: 9,
  kvHeads: 3,
  headDimension: 64,
  vocabulary: 49_152,
  contextTokens: 8192,
  ropeBase: 100_000,
  rmsEpsilon: 1e-5,
  tiedEmbeddings: true,
};
const TINY_LLAMA_1B: LlamaConfig = {
  ...SMOLLM2,
  layers: 22,
  hidden: 2048,
  feedForward: 5632,
  heads: 32,
  kvHeads: 4,
  vocabulary: 32_000,
};
const MIB = 1024 ** 2;

const estimate = (more: Partial<EstimateRequest> = {}) =>
  estimateTraining({
    config: SMOLLM2,
    rank: 8,
    batchTokens: 256,
    length: 256,
    tokens: 300_000,
    memoryMode: "fast",
    freeMemoryBytes: 16e9,
    ...more,
  });

describe("trainingShapeOf", () => {
  test("counts the parameters that were measured: 106 M frozen, 2.44 M trained at rank 8", () => {
    const { linearWeights, trainedParameters } = trainingShapeOf(SMOLLM2, 8);
    expect(linearWeights).toBe(106_168_320);
    expect(trainedParameters).toBe(2_442_240);
    expect(trainingShapeOf(SMOLLM2, 8, ["attn_q"]).trainedParameters).toBe(30 * 8 * (576 + 576));
  });
});

describe("estimateTraining", () => {
  test.each([
    ["fast", 1, 256, 1792],
    ["fast", 4, 256, 3106],
    ["checkpointed", 4, 256, 1642],
    ["small", 4, 256, 1038],
  ] as const)("lies near the measured peak: %s, %i×%i took %i MiB", (memoryMode, batch, length, measured) => {
    const mebibytes = estimate({ batchTokens: batch * length, length, memoryMode }).memoryBytes[memoryMode] / MIB;
    expect(mebibytes).toBeGreaterThan(measured * 0.8);
    expect(mebibytes).toBeLessThan(measured * 1.4);
  });

  test("takes 16 to 17 minutes for 300,000 tokens in one session, which was measured at 302 a second", () => {
    expect(estimate().seconds / 60).toBeGreaterThan(16);
    expect(estimate().seconds / 60).toBeLessThan(17);
    expect(estimate({ memoryMode: "checkpointed" }).seconds).toBeGreaterThan(estimate().seconds * 1.2);
  });

  test("two lanes are told of where batches hold several examples and both sessions fit: faster, in more memory", () => {
    const run = { batchTokens: 1024, sampleLengths: Array<number>(48).fill(250), threads: 2 };
    const [one, two] = [estimate({ ...run, threads: 1 }), estimate(run)];
    expect([one.lanes, two.lanes]).toEqual([1, 2]);
    expect(one.seconds / two.seconds).toBeGreaterThan(1.1);
    expect(two.memoryBytes.fast - one.memoryBytes.fast).toBeGreaterThan(2 * 4 * 106e6);
    expect(estimate({ ...run, freeMemoryBytes: two.memoryBytes.fast }).lanes).toBe(1);
    expect(estimate({ ...run, sampleLengths: Array<number>(48).fill(800) }).lanes).toBe(1);
    expect(estimate({ ...run, memoryMode: "small" })).toMatchObject({ lanes: 1, memoryMode: "small" });
  });

  test("believes a measured speed", () => {
    expect(estimate({ tokensPerSecond: 150 })).toMatchObject({ seconds: 2000, tokensPerSecond: 150 });
  });

  test("scales with the base: 1.1 B parameters are 8 to 9 times slower", () => {
    const ratio = estimate({ config: TINY_LLAMA_1B }).seconds / estimate().seconds;
    expect(ratio).toBeGreaterThan(7);
    expect(ratio).toBeLessThan(10);
  });

  test("counts operations: about 4 per frozen weight and token, half as many again with checkpoints", () => {
    const perToken = estimate().flops / 300_000;
    expect(perToken / 106e6).toBeGreaterThan(4);
    expect(perToken / 106e6).toBeLessThan(6);
    expect(estimate({ memoryMode: "small" }).flops / estimate().flops).toBeCloseTo(1.4, 0);
  });

  test("chooses the fastest mode that fits, and says why none does", () => {
    expect(estimate({ memoryMode: "auto" })).toMatchObject({ memoryMode: "fast", fits: true, reason: null });
    const bytes = estimate().memoryBytes;
    const between = bytes.checkpointed + 0.6e9;
    expect(between).toBeLessThan(bytes.fast + 0.5e9);
    expect(estimate({ memoryMode: "auto", freeMemoryBytes: between }).memoryMode).toBe("checkpointed");
    const tooLarge = estimate({ memoryMode: "auto", config: TINY_LLAMA_1B, freeMemoryBytes: 3e9 });
    expect(tooLarge).toMatchObject({ memoryMode: "small", fits: false });
    expect(tooLarge.reason).toContain("3.0 GB are free");
    expect(estimate({ memoryMode: "fast", freeMemoryBytes: 1e9 })).toMatchObject({ memoryMode: "fast", fits: false });
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LINEAR_NAMES } from "../gguf/llama-config.ts";
import { openGguf } from "../gguf/reader.ts";
import { referenceLogits } from "../gguf/testing/reference-forward.ts";
import { randomWeights, TINY_LLAMA, writeTinyLlama } from "../gguf/testing/tiny-llama.ts";
import { flatLength } from "../train/flat-parameters.ts";
import { openStepSession } from "../train/step-session.ts";
import type { MemoryMode } from "../train/step-session.ts";
import type { TrainingGraphFiles } from "../train/training-task.ts";
import { answerTask } from "./answer-task.ts";
import { preferenceTask } from "./preference-task.ts";
import { prepareLlama } from "./prepare-llama.ts";
import type { PreparedLlama } from "./prepare-llama.ts";

let folder: string;
let ggufPath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-llama-"));
  ggufPath = join(folder, "tiny.gguf");
  await writeTinyLlama(ggufPath);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const prepare = (
  memoryMode: MemoryMode,
  objective: Parameters<typeof prepareLlama>[0]["objective"] = { kind: "supervised" },
): Promise<PreparedLlama> =>
  prepareLlama({
    ggufPath,
    cacheFolder: join(folder, "cache"),
    rank: 4,
    alpha: 8,
    targets: [...LINEAR_NAMES],
    maxTokens: 64,
    memoryMode,
    objective,
  });

/** Loss and gradient at these parameters. */
async function at(
  files: TrainingGraphFiles,
  parameters: Float32Array,
  feeds: Parameters<Awaited<ReturnType<typeof openStepSession>>["run"]>[0],
  lossScale = 1,
) {
  const gradient = new Float32Array(parameters.length);
  const session = await openStepSession({
    modelPath: files.trainModel,
    specs: files.parameters,
    parameters,
    gradient,
    threads: 1,
    isPrepacked: false,
  });
  const loss = await session.run(feeds, lossScale);
  const lossAt = async (moved: Float32Array): Promise<number> => {
    const before = Float32Array.from(parameters);
    parameters.set(moved);
    const value = await session.run(feeds, lossScale);
    parameters.set(before);
    return value;
  };
  return { loss, gradient: Float32Array.from(gradient), lossAt, close: () => session.close() };
}
const EXAMPLES = [
  { ids: [3, 9, 14, 20, 7, 11, 2], answerStart: 4, group: 2 },
  { ids: [5, 30, 8, 41], answerStart: 2, group: 2 },
];

describe("a Llama training graph", () => {
  test("gives the loss of the plain forward pass, padding and all", async () => {
    const { files } = await prepare("fast");
    const parameters = new Float32Array(flatLength(files.parameters));
    const { loss, close } = await at(files, parameters, answerTask.feedsOf(EXAMPLES).feeds);
    await close();
    await using gguf = await openGguf(ggufPath);
    const weights = new Map(
      await Promise.all([...gguf.tensors.keys()].map(async (name) => [name, await gguf.readTensor(name)] as const)),
    );
    let expected = 0;
    for (const { ids, answerStart } of EXAMPLES) {
      const logits = referenceLogits(TINY_LLAMA, (name) => weights.get(name)!, ids);
      for (let t = answerStart; t < ids.length; t++) {
        const row = [...logits[t - 1]!];
        const largest = Math.max(...row);
        expected += largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0)) - row[ids[t]!]!;
      }
    }
    expect(loss).toBeCloseTo(expected, 3);
  });

  test("has the gradient that its loss has, along random directions", async () => {
    const { files } = await prepare("fast");
    const parameters = randomWeights(flatLength(files.parameters), 0.1, 5);
    const { gradient, lossAt, close } = await at(files, parameters, answerTask.feedsOf(EXAMPLES).feeds);
    for (const seed of [1, 2, 3]) {
      const direction = randomWeights(parameters.length, 1, seed);
      const h = 2e-3;
      const moved = (by: number): Promise<number> => lossAt(parameters.map((value, i) => value + by * direction[i]!));
      const slope =
        (8 * ((await moved(h)) - (await moved(-h))) - ((await moved(2 * h)) - (await moved(-2 * h)))) / (12 * h);
      const along = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(Math.abs(slope - along) / Math.abs(along)).toBeLessThan(5e-3);
    }
    await close();
  });

  test("gives the same loss and gradient when layers are computed again", async () => {
    const [fast, again] = [await prepare("fast"), await prepare("checkpointed")];
    const parameters = randomWeights(flatLength(fast.files.parameters), 0.1, 6);
    const { feeds } = answerTask.feedsOf(EXAMPLES);
    const [a, b] = [await at(fast.files, parameters, feeds), await at(again.files, parameters, feeds)];
    expect(b.loss).toBeCloseTo(a.loss, 5);
    b.gradient.forEach((value, i) => expect(value).toBeCloseTo(a.gradient[i]!, 4));
    await Promise.all([a.close(), b.close()]);
  });

  test("prefers by DPO: at the reference the loss is ln 2 a pair, and a step along the gradient widens the margin", async () => {
    const pair = { chosen: EXAMPLES[0]!, rejected: { ids: [3, 9, 14, 20, 33], answerStart: 4, group: 2 }, group: 2 };
    const supervised = await prepare("fast");
    const zero = new Float32Array(flatLength(supervised.files.parameters));
    const nll = async (example: (typeof EXAMPLES)[number]): Promise<number> => {
      const run = await at(supervised.files, Float32Array.from(zero), answerTask.feedsOf([example]).feeds);
      await run.close();
      return run.loss;
    };
    const referenceMargin = (await nll(pair.rejected)) - (await nll(pair.chosen));
    const { files } = await prepare("fast", { kind: "preference", beta: 0.1 });
    const parameters = new Float32Array(zero.length);
    let offset = 0;
    for (const { name, shape } of files.parameters) {
      const size = shape[0]! * shape[1]!;
      if (name.endsWith(".lora_a")) parameters.set(randomWeights(size, 0.2, offset), offset);
      offset += size;
    }
    const { loss, gradient, lossAt, close } = await at(
      files,
      parameters,
      preferenceTask.feedsOf([{ ...pair, referenceMargin }]).feeds,
    );
    expect(loss).toBeCloseTo(Math.LN2, 4);
    expect(await lossAt(parameters.map((value, i) => value - 0.05 * gradient[i]!))).toBeLessThan(Math.LN2 - 1e-3);
    await close();
  });

  test("hands its parameters over as an adapter in the base's layout", async () => {
    const { files, toAdapter } = await prepare("fast");
    const parameters = new Map(
      files.parameters.map(({ name, shape }) => [name, new Float32Array(shape[0]! * shape[1]!)]),
    );
    const { tensors, rank, alpha } = toAdapter(parameters);
    expect({ rank, alpha, count: tensors.length }).toEqual({
      rank: 4,
      alpha: 8,
      count: TINY_LLAMA.layers * LINEAR_NAMES.length,
    });
    expect(tensors[0]!.name).toBe("blk.0.attn_q.weight");
  });
});

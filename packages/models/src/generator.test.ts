import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Generator, GeneratorAdapter } from "@lorekeep/core";
import {
  collectAnswer,
  describeGenerator,
  describeGeneratorAdapters,
  GENERATOR_PROMPT,
  recordingLogger,
} from "@lorekeep/core/testing";
import { makeTinyGenerator } from "../../../fixtures/models/make-tiny.ts";
import { tinyLlamaAdapter } from "../../../fixtures/models/tiny-llama-adapter.ts";
import { openGenerator, type GeneratorOptions } from "./generator.ts";

let folder: string;
let modelPath: string;
let adapters: GeneratorAdapter[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-generator-"));
  modelPath = await makeTinyGenerator(folder);
  adapters = [];
  for (const seed of [1, 2, 3]) {
    const path = join(folder, `adapter-${seed}.gguf`);
    await writeFile(path, tinyLlamaAdapter(seed));
    adapters.push({ path, scale: 1 });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const openTiny = (options: Partial<GeneratorOptions> = {}): Promise<Generator> =>
  openGenerator({
    name: "tiny-generator",
    fingerprint: "tiny@1",
    modelPath,
    contextTokens: 512,
    languages: ["en"],
    threads: 1,
    parallelAnswers: 2,
    logger: recordingLogger(),
    ...options,
  });

describeGenerator("llama.cpp, tiny random model", () => openTiny());

describeGeneratorAdapters(
  "llama.cpp, tiny random model",
  () => openTiny({ parallelAnswers: 4, maxAdapters: 2 }),
  () => adapters,
);

describe("llama.cpp generator", () => {
  test("K4 an adapter of another scale is another one, and a prompt it has read is not read for another", async () => {
    const generator = await openTiny({ parallelAnswers: 1, maxAdapters: 1 });
    const ask = async (adapter: GeneratorAdapter | null): Promise<string> =>
      (await collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 16, adapter }))).text;
    const [path] = [adapters[0]!.path];
    const full = await ask({ path, scale: 1 });
    const half = await ask({ path, scale: 0.5 });
    const base = await ask(null);
    expect(new Set([full, half, base]).size).toBe(3);
    // The same prompt again, each after the other: a cached prefix of another adapter would change the answer.
    expect([await ask({ path, scale: 1 }), await ask(null), await ask({ path, scale: 0.5 })]).toEqual([
      full,
      base,
      half,
    ]);
    await generator.close();
  });

  test("answers with its own adapter unless a request says otherwise", async () => {
    const [generator, plain] = [await openTiny({ adapter: adapters[0] }), await openTiny()];
    const ask = async (of: Generator, adapter?: GeneratorAdapter | null): Promise<string> =>
      (await collectAnswer(of.generate({ messages: GENERATOR_PROMPT, maxTokens: 16, adapter }))).text;
    expect(await ask(generator)).toBe(await ask(plain, adapters[0]));
    expect(await ask(generator, null)).toBe(await ask(plain));
    await generator.close();
    await plain.close();
  });

  test("refuses to open with an adapter that does not fit", async () => {
    const path = join(folder, "no-adapter.gguf");
    await copyFile(modelPath, path);
    await expect(openTiny({ adapter: { path, scale: 1 } })).rejects.toMatchObject({ code: "model_failed" });
  });

  test("queues past its parallel answers and turns away past the queue", async () => {
    const generator = await openTiny({ parallelAnswers: 1, maxWaiting: 1 });
    const ask = () => collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 20 }));
    const [first, second, third] = await Promise.allSettled([ask(), ask(), ask()]);
    expect(first.status).toBe("fulfilled");
    expect(second.status).toBe("fulfilled");
    expect(third).toMatchObject({ status: "rejected", reason: { code: "model_busy" } });
    await generator.close();
  });

  test("lets a waiting caller go when it stops", async () => {
    const generator = await openTiny({ parallelAnswers: 1 });
    const controller = new AbortController();
    const first = collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 20 }));
    const waiting = collectAnswer(
      generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 20, signal: controller.signal }),
    );
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    expect((await first).end).not.toBeNull();
    await generator.close();
  });

  test("gives another answer for another seed, and the same for the same", async () => {
    const generator = await openTiny();
    const ask = async (seed: number) =>
      (await collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 12, temperature: 1.5, seed })))
        .text;
    const [one, again, other] = [await ask(1), await ask(1), await ask(2)];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    await generator.close();
  });

  test("ends what runs when it is closed", async () => {
    const generator = await openTiny();
    const answer = collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 300 }));
    answer.catch(() => undefined);
    await generator.close();
    await expect(answer).rejects.toMatchObject({ code: "aborted" });
  });

  test("says that a file which is no model cannot be loaded", async () => {
    await expect(openTiny({ modelPath: import.meta.filename })).rejects.toMatchObject({ code: "model_failed" });
  });
});

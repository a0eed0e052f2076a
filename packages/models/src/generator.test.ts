import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Generator } from "@lorekeep/core";
import { collectAnswer, describeGenerator, GENERATOR_PROMPT, recordingLogger } from "@lorekeep/core/testing";
import { makeTinyGenerator } from "../../../fixtures/models/make-tiny.ts";
import { openGenerator, type GeneratorOptions } from "./generator.ts";

let folder: string;
let modelPath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-generator-"));
  modelPath = await makeTinyGenerator(folder);
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

describe("llama.cpp generator", () => {
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

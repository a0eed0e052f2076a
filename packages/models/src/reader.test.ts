import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reader } from "@lorekeep/core";
import { describeReader, recordingLogger } from "@lorekeep/core/testing";
import { tinyE5 } from "../../../fixtures/models/tiny-e5.ts";
import { randomReader } from "../../../fixtures/models/tiny-reader.ts";
import { openPairTokenizer } from "./pair-tokenizer.ts";
import { openReader, type ReaderOptions } from "./reader.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-reader-"));
  await writeFile(join(folder, "tiny.bin"), tinyE5(7));
  await writeFile(join(folder, "two.safetensors"), randomReader(3));
  await writeFile(join(folder, "three.safetensors"), randomReader(3, { outputs: 3 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const openTiny = (options: Partial<ReaderOptions> = {}): Promise<Reader> =>
  openReader({
    name: "tiny-reader",
    basePath: join(folder, "tiny.bin"),
    readerPath: join(folder, "two.safetensors"),
    modelsFolder: join(folder, "models"),
    threads: 1,
    maxTokens: 96, // the tiny encoder has 128 positions
    overlapTokens: 24,
    logger: recordingLogger(),
    ...options,
  });

describeReader("ONNX Runtime, tiny random model", () => openTiny(), { understands: false });
describeReader(
  "ONNX Runtime, tiny random model with relevance",
  () => openTiny({ name: "tiny-three", readerPath: join(folder, "three.safetensors") }),
  { understands: false },
);

describe("ONNX reader", () => {
  test("gives a relevance only when its model has one", async () => {
    const two = await openTiny();
    const three = await openTiny({ name: "tiny-three", readerPath: join(folder, "three.safetensors") });
    const [plain] = await two.read("pump?", ["the pump is old."]);
    const [rated] = await three.read("pump?", ["the pump is old."]);
    expect(plain).not.toHaveProperty("relevance");
    expect(Number.isFinite(rated!.relevance)).toBe(true);
    await two.close();
    await three.close();
  });

  test("its best window answers for a long passage", async () => {
    const long = Array.from({ length: 30 }, (_, i) => `the pump ${i} is serviced every ${i * 7} hours. `).join("");
    const tokenizer = await openPairTokenizer(join(folder, "tiny.bin"));
    const reader = await openTiny();
    const [whole] = await reader.read("hours?", [long]);
    expect(long.slice(...whole!.span!)).toBe(whole!.text);
    // The text of the first window alone has its score; the whole can only do better, and some other window does.
    const [first] = tokenizer.encodePair("hours?", long, { maxTokens: 96, overlapTokens: 24 });
    const start = long.slice(0, first!.spans.at(-1)![1]);
    const [alone, ...more] = tokenizer.encodePair("hours?", start, { maxTokens: 96 });
    expect(more).toEqual([]);
    expect(alone!.ids).toEqual(first!.ids);
    const [answer] = await reader.read("hours?", [start]);
    expect(whole!.score).toBeGreaterThan(answer!.score + 0.01);
    expect(whole!.span![1]).toBeGreaterThan(start.length);
    await reader.close();
  });

  test("its fingerprint follows the trained file and the window", async () => {
    const fingerprint = async (options: Partial<ReaderOptions>): Promise<string> => {
      const reader = await openTiny(options);
      await reader.close();
      return reader.fingerprint;
    };
    const first = await fingerprint({});
    expect(await fingerprint({})).toBe(first);
    expect(await fingerprint({ maxTokens: 64 })).not.toBe(first);
    expect(await fingerprint({ readerPath: join(folder, "three.safetensors") })).not.toBe(first);
  });

  test("says that a file which is no reader cannot be opened", async () => {
    await expect(openTiny({ readerPath: import.meta.filename })).rejects.toMatchObject({ code: "model_invalid" });
  });
});

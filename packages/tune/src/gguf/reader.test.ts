import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import { llamaConfigOf, tokenizerFactsOf } from "./llama-config.ts";
import { openGguf } from "./reader.ts";
import { TINY_LLAMA, tinyLlamaMetadata, tinyLlamaTensors, writeTinyLlama } from "./testing/tiny-llama.ts";
import { writeGguf } from "./writer.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gguf-"));
  path = join(folder, "model.gguf");
});
afterEach(async () => rm(folder, { recursive: true }));

describe("openGguf", () => {
  test("reads back what was written", async () => {
    await writeTinyLlama(path);
    await using file = await openGguf(path);
    expect(file.version).toBe(3);
    for (const tensor of tinyLlamaTensors(TINY_LLAMA, 1)) {
      expect(file.tensors.get(tensor.name)).toMatchObject({ shape: tensor.shape, type: 0 });
      expect(await file.readTensor(tensor.name)).toEqual(tensor.data);
    }
    expect(file.tensors.size).toBe(tinyLlamaTensors(TINY_LLAMA, 1).length);
  });

  test("streams a large tensor in slices of at most a MiB of weights", async () => {
    const data = Float32Array.from({ length: 600_000 }, (_, i) => i);
    await writeGguf(path, { metadata: {}, tensors: [{ name: "w", shape: [6, 100_000], data, type: "F16" }] });
    await using file = await openGguf(path);
    let largest = 0;
    let total = 0;
    for await (const slice of file.streamTensor("w")) {
      largest = Math.max(largest, slice.length);
      total += slice.length;
    }
    expect(total).toBe(600_000);
    expect(largest).toBeLessThanOrEqual(1 << 18);
  });

  test("stops between slices when asked to", async () => {
    await writeTinyLlama(path);
    await using file = await openGguf(path);
    await expect(file.readTensor("token_embd.weight", AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });

  test("says what is wrong with a file that is missing, foreign or of another version", async () => {
    await expect(openGguf(path)).rejects.toMatchObject({ code: "model_missing" });
    await writeFile(path, Buffer.alloc(100));
    await expect(openGguf(path)).rejects.toThrow("does not begin with the letters GGUF");
    await writeTinyLlama(path);
    const bytes = await readFile(path);
    bytes.writeUInt32LE(1, 4);
    await writeFile(path, bytes);
    await expect(openGguf(path)).rejects.toThrow("it is of version 1");
  });

  test("refuses a file cut short at any place", async () => {
    await writeTinyLlama(path);
    const bytes = await readFile(path);
    const cuts = Array.from({ length: 60 }, (_, i) => Math.floor((i / 60) * bytes.length));
    for (const cut of [...cuts, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, cut));
      await expect(openGguf(path)).rejects.toMatchObject({ code: "model_invalid" });
    }
  });

  test("survives any flipped byte of the head: opens, or refuses with a sentence", async () => {
    await writeTinyLlama(path);
    const bytes = await readFile(path);
    for (let at = 4; at < 1500; at += 3) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ 0xff;
      await writeFile(path, damaged);
      const file = await openGguf(path).catch((error: unknown) => error);
      if (file instanceof Error) expect(file).toBeInstanceOf(AppError);
      else await (file as { close(): Promise<void> }).close();
    }
  });

  test.each([
    ["tensors", 8, "the table of tensors claims"],
    ["metadata entries", 16, "the metadata claims"],
    ["bytes of a key", 24, "a metadata key"],
  ])("believes no huge number of %s", async (_, at, sentence) => {
    await writeTinyLlama(path);
    const bytes = await readFile(path);
    for (const claim of [2n ** 40n, 2n ** 63n, 2n ** 64n - 1n]) {
      bytes.writeBigUInt64LE(claim, at);
      await writeFile(path, bytes);
      await expect(openGguf(path)).rejects.toThrow(sentence);
    }
  });

  test("refuses an encoding it cannot decode when the tensor is read", async () => {
    await writeTinyLlama(path);
    const bytes = await readFile(path);
    const at = bytes.indexOf("token_embd.weight") + "token_embd.weight".length + 4 + 16;
    expect(bytes.readUInt32LE(at)).toBe(0);
    bytes.writeUInt32LE(23, at); // IQ4_XS
    await writeFile(path, bytes);
    await using file = await openGguf(path);
    await expect(file.readTensor("token_embd.weight")).rejects.toMatchObject({ code: "model_unsupported" });
  });
});

describe("llamaConfigOf", () => {
  test("knows the sizes of the model and its tokenizer", async () => {
    await writeTinyLlama(path);
    await using file = await openGguf(path);
    expect(llamaConfigOf(file)).toEqual(TINY_LLAMA);
    expect(tokenizerFactsOf(file)).toMatchObject({ model: "gpt2", bosId: 1, eosId: 2, paddingId: null, addBos: false });
    expect(tokenizerFactsOf(file).tokens).toHaveLength(TINY_LLAMA.vocabulary);
  });

  test("sees a head of its own", async () => {
    await writeTinyLlama(path, { config: { ...TINY_LLAMA, tiedEmbeddings: false } });
    await using file = await openGguf(path);
    expect(llamaConfigOf(file).tiedEmbeddings).toBe(false);
  });

  test.each([
    [{ "general.architecture": "qwen2" }, "its architecture is “qwen2”. Models of the Llama architecture"],
    [{ "general.type": "adapter" }, "its type is adapter"],
    [{ "llama.rope.scaling.type": "yarn" }, "it scales RoPE (yarn)"],
    [{ "llama.expert_count": 8 }, "mixture of experts"],
    [{ "llama.rope.dimension_count": 4 }, "only a part of each head"],
    [{ "split.count": 3 }, "split over several files"],
  ])("refuses %o as unsupported", async (metadata, sentence) => {
    await writeTinyLlama(path, { metadata });
    await using file = await openGguf(path);
    expect(() => llamaConfigOf(file)).toThrow(sentence);
    expect(() => llamaConfigOf(file)).toThrow(expect.objectContaining({ code: "model_unsupported" }));
  });

  test("refuses scaled RoPE of Llama 3", async () => {
    const extra = { name: "rope_freqs.weight", shape: [4], data: new Float32Array(4), type: "F32" as const };
    await writeGguf(path, {
      metadata: tinyLlamaMetadata(TINY_LLAMA),
      tensors: [...tinyLlamaTensors(TINY_LLAMA, 1), extra],
    });
    await using file = await openGguf(path);
    expect(() => llamaConfigOf(file)).toThrow("rope_freqs.weight");
  });

  test.each([
    [{ "llama.block_count": 3 }, "no tensor blk.2.attn_norm.weight"],
    [{ "llama.feed_forward_length": 65 }, "blk.0.ffn_gate.weight is 64×32, but its metadata ask for 65×32"],
    [{ "llama.attention.head_count": 0 }, "llama.attention.head_count is 0"],
    [{ "llama.attention.head_count_kv": 3 }, "do not share"],
    [{ "llama.block_count": "two" }, "llama.block_count is two"],
  ])("refuses %o, which the tensors contradict", async (metadata, sentence) => {
    await writeTinyLlama(path, { metadata });
    await using file = await openGguf(path);
    expect(() => llamaConfigOf(file)).toThrow(sentence);
  });
});

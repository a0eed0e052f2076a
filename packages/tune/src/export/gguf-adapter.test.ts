import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openGguf } from "../gguf/reader.ts";
import { writeTinyLlama } from "../gguf/testing/tiny-llama.ts";
import { writeGguf, type GgufEntry } from "../gguf/writer.ts";
import { readGgufAdapter, writeGgufAdapter } from "./gguf-adapter.ts";
import { tinyAdapter } from "./testing/tiny-adapter.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "adapter-"));
  path = join(folder, "adapter.gguf");
});
afterEach(async () => rm(folder, { recursive: true }));

test("reads back exactly the adapter that was written", async () => {
  const adapter = tinyAdapter();
  await writeGgufAdapter(path, adapter);
  expect(await readGgufAdapter(path)).toEqual(adapter);
  expect(await readdir(folder)).toEqual(["adapter.gguf"]);
});

test("says what llama.cpp asks for: kind, architecture, alpha, shapes of A and B", async () => {
  await writeGgufAdapter(path, { ...tinyAdapter(), metadata: { "general.name": "适配器", "general.type": "model" } });
  await using file = await openGguf(path);
  expect(Object.fromEntries(file.metadata)).toEqual({
    "general.name": "适配器",
    "general.architecture": "llama",
    "general.type": "adapter",
    "adapter.type": "lora",
    "adapter.lora.alpha": 6,
  });
  expect(file.tensors.get("blk.1.ffn_down.weight.lora_a")?.shape).toEqual([4, 64]);
  expect(file.tensors.get("blk.1.ffn_down.weight.lora_b")?.shape).toEqual([32, 4]);
});

test("half precision halves the file and keeps three digits", async () => {
  const adapter = tinyAdapter();
  await writeGgufAdapter(path, adapter);
  const full = (await stat(path)).size;
  await writeGgufAdapter(path, { ...adapter, precision: "F16" });
  expect((await stat(path)).size).toBeLessThan(full * 0.6);
  const { tensors } = await readGgufAdapter(path);
  for (const [i, { a }] of adapter.tensors.entries())
    for (const [j, value] of a.entries()) expect(Math.abs(tensors[i]!.a[j]! - value)).toBeLessThan(3e-4);
});

test("the same adapter has the same bytes", async () => {
  await writeGgufAdapter(path, tinyAdapter());
  const first = await readFile(path);
  await writeGgufAdapter(path, tinyAdapter());
  expect(await readFile(path)).toEqual(first);
});

test("takes a missing alpha for a scale of 1, as llama.cpp does", async () => {
  await write({}, ["w.lora_a", [2, 4]], ["w.lora_b", [3, 2]]);
  expect(await readGgufAdapter(path)).toMatchObject({ rank: 2, alpha: 2 });
});

async function write(
  metadata: Record<string, GgufEntry>,
  ...tensors: [name: string, shape: number[]][]
): Promise<void> {
  await writeGguf(path, {
    metadata: { "general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora", ...metadata },
    tensors: tensors.map(([name, shape]) => ({
      name,
      shape,
      type: "F32",
      data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
    })),
  });
}

test("refuses what is no LoRA adapter of a Llama model, in a sentence", async () => {
  await writeTinyLlama(path);
  await expect(readGgufAdapter(path)).rejects.toThrow("is a GGUF file, but no LoRA adapter");
  await write({ "general.architecture": "qwen2" }, ["w.lora_a", [2, 4]], ["w.lora_b", [3, 2]]);
  await expect(readGgufAdapter(path)).rejects.toThrow("it is for the architecture qwen2");
  await write({}, ["w.lora_a", [2, 4]]);
  await expect(readGgufAdapter(path)).rejects.toThrow("only half of w");
  await write({}, ["w.lora_b", [2, 4]]);
  await expect(readGgufAdapter(path)).rejects.toThrow("only half of w");
  await write({}, ["w.lora_a", [2, 4]], ["w.lora_b", [3, 3]]);
  await expect(readGgufAdapter(path)).rejects.toThrow("not of rank 2");
  await write({}, ["w.bias", [2]]);
  await expect(readGgufAdapter(path)).rejects.toThrow("w.bias");
  await write({});
  await expect(readGgufAdapter(path)).rejects.toMatchObject({ code: "model_invalid" });
});

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LlamaConfig } from "../gguf/llama-config.ts";
import { TINY_LLAMA } from "../gguf/testing/tiny-llama.ts";
import { checkAdapter, type Adapter } from "./adapter.ts";
import { writeGgufAdapter } from "./gguf-adapter.ts";
import { importAdapter } from "./import-adapter.ts";
import { peftFiles, writePeftZip } from "./peft.ts";
import { tinyAdapter } from "./testing/tiny-adapter.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-"));
});
afterEach(async () => rm(folder, { recursive: true }));

const content = () => ({ ...tinyAdapter(), config: TINY_LLAMA, baseModel: "tiny" });

test("takes in all three formats, told apart by their bytes", async () => {
  const adapter = tinyAdapter();
  const gguf = join(folder, "any-name");
  await writeGgufAdapter(gguf, adapter);
  expect(await importAdapter(gguf, TINY_LLAMA)).toEqual({ format: "gguf", adapter });
  const zip = join(folder, "other-name");
  await writePeftZip(zip, content());
  expect(await importAdapter(zip, TINY_LLAMA)).toEqual({ format: "peft-zip", adapter });
  const unpacked = join(folder, "unpacked");
  await mkdir(unpacked);
  for (const [name, bytes] of peftFiles(content())) await writeFile(join(unpacked, name), bytes);
  expect(await importAdapter(unpacked, TINY_LLAMA)).toEqual({ format: "peft-folder", adapter });
  const weights = join(unpacked, "adapter_model.safetensors");
  expect(await importAdapter(weights, TINY_LLAMA)).toEqual({ format: "peft-folder", adapter });
});

test("says when there is nothing, or nothing that it knows", async () => {
  await expect(importAdapter(join(folder, "none"), TINY_LLAMA)).rejects.toMatchObject({ code: "model_missing" });
  await writeFile(join(folder, "x.bin"), "pickle");
  await expect(importAdapter(join(folder, "x.bin"), TINY_LLAMA)).rejects.toThrow("none of the formats");
});

test.each<[string, Partial<LlamaConfig>, string]>([
  ["wider", { hidden: 64, headDimension: 16 }, "belongs to another base model"],
  ["shallower", { layers: 1 }, "it changes layer 1, but the base has layers 0 to 0"],
  ["of other heads", { kvHeads: 4 }, "the base has 32×32"],
])("refuses an adapter of a base that is %s", async (_, change, sentence) => {
  const path = join(folder, "adapter.gguf");
  await writeGgufAdapter(path, tinyAdapter());
  await expect(importAdapter(path, { ...TINY_LLAMA, ...change })).rejects.toThrow(sentence);
  await writePeftZip(path, content());
  await expect(importAdapter(path, { ...TINY_LLAMA, ...change })).rejects.toMatchObject({ code: "model_invalid" });
});

test("refuses adapters that would fail later: no weights, odd names, doubles, values that are not numbers", () => {
  const good = tinyAdapter();
  const [first] = good.tensors;
  const check = (change: Partial<Adapter>) => () => checkAdapter({ ...good, ...change }, TINY_LLAMA);
  expect(check({})).not.toThrow();
  expect(check({ tensors: [] })).toThrow("changes no weight");
  expect(check({ tensors: [{ ...first!, name: "token_embd.weight" }] })).toThrow("it changes token_embd.weight");
  expect(check({ tensors: [first!, first!] })).toThrow("twice");
  expect(check({ tensors: [{ ...first!, a: first!.a.map(() => NaN) }] })).toThrow("not numbers");
  expect(check({ rank: 0 })).toThrow("its rank is 0");
  expect(check({ alpha: NaN })).toThrow("its alpha is NaN");
});

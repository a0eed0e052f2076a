import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkSpace } from "./atomic-file.ts";
import { openGguf } from "./gguf/reader.ts";
import { TINY_LLAMA, tinyLlamaMetadata, tinyLlamaTensors, writeTinyLlama } from "./gguf/testing/tiny-llama.ts";
import { writeGguf } from "./gguf/writer.ts";
import { missingBytes, prepareWeights, preparedBytes, type PrepareProgress } from "./prepare-weights.ts";

let root: string;
let path: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "prepare-"));
  path = join(root, "model.gguf");
  folder = join(root, "weights");
  await writeTinyLlama(path);
});
afterEach(async () => rm(root, { recursive: true }));

async function prepare(more: Partial<Parameters<typeof prepareWeights>[0]> = {}) {
  await using gguf = await openGguf(path);
  return await prepareWeights({ gguf, folder, ...more });
}

test("holds every tensor as float32 on a multiple of 4096 bytes, in the layout of the source", async () => {
  const prepared = await prepare();
  const bytes = await readFile(prepared.weightsPath);
  const source = tinyLlamaTensors(TINY_LLAMA, 1);
  expect(Object.keys(prepared.tensors)).toHaveLength(source.length);
  for (const { name, shape, data } of source) {
    const { offsetBytes, shape: found } = prepared.tensors[name]!;
    expect(offsetBytes % 4096).toBe(0);
    expect(found).toEqual(shape);
    expect(bytes.subarray(offsetBytes, offsetBytes + data.byteLength)).toEqual(Buffer.from(data.buffer));
  }
  expect(prepared.config).toEqual(TINY_LLAMA);
});

test("says beforehand how much it will write: the whole file once, then nothing", async () => {
  await using gguf = await openGguf(path);
  const bytes = preparedBytes(gguf);
  expect(await missingBytes(folder, TINY_LLAMA, bytes)).toBe(bytes);
  const { weightsPath } = await prepare();
  expect((await stat(weightsPath)).size).toBe(bytes);
  expect(await missingBytes(folder, TINY_LLAMA, bytes)).toBe(0);
  expect(await missingBytes(folder, { ...TINY_LLAMA, layers: 99 }, bytes)).toBe(bytes);
});

test("prepares once per source: the second time nothing is written", async () => {
  const stages: PrepareProgress["stage"][] = [];
  const first = await prepare({ onProgress: ({ stage }) => stages.push(stage) });
  const before = await stat(first.weightsPath);
  expect(stages).toContain("write");
  stages.length = 0;
  expect(await prepare({ onProgress: ({ stage }) => stages.push(stage) })).toEqual(first);
  expect(new Set(stages)).toEqual(new Set(["hash"]));
  expect((await stat(first.weightsPath)).mtimeMs).toBe(before.mtimeMs);
  await writeTinyLlama(path, { seed: 2 });
  expect((await prepare()).weightsPath).not.toBe(first.weightsPath);
});

test("writes again what was cut short or is of another layout", async () => {
  const { weightsPath } = await prepare();
  const whole = await readFile(weightsPath);
  await writeFile(weightsPath, whole.subarray(0, 100));
  await prepare();
  expect(await readFile(weightsPath)).toEqual(whole);
  await writeFile(join(weightsPath, "..", "weights.json"), "{}");
  await writeFile(weightsPath, Buffer.alloc(whole.length));
  await prepare();
  expect(await readFile(weightsPath)).toEqual(whole);
});

test("leaves nothing behind when it is stopped, and takes away what a killed process left", async () => {
  const stop = new AbortController();
  const onProgress = ({ stage }: PrepareProgress) => {
    if (stage === "write") stop.abort();
  };
  await expect(prepare({ signal: stop.signal, onProgress })).rejects.toMatchObject({ code: "aborted" });
  const [name] = await readdir(folder);
  expect(await readdir(join(folder, name!))).toEqual([]);
  const old = join(folder, name!, "weights.f32.partial-0123456789ab");
  await mkdir(folder, { recursive: true });
  await writeFile(old, "half");
  await utimes(old, 0, 0);
  await prepare();
  expect((await readdir(join(folder, name!))).sort()).toEqual(["weights.f32", "weights.json"]);
});

test("refuses weights that are not numbers", async () => {
  const tensors = tinyLlamaTensors(TINY_LLAMA, 1);
  tensors.find(({ name }) => name === "blk.1.ffn_up.weight")!.data[5] = NaN;
  await writeGguf(path, { metadata: tinyLlamaMetadata(TINY_LLAMA), tensors });
  await expect(prepare()).rejects.toThrow("blk.1.ffn_up.weight");
});

test("says how much room is missing before it writes", async () => {
  await expect(checkSpace(root, 2 ** 60, "The weights")).rejects.toMatchObject({ code: "disk_full" });
  await checkSpace(root, 1, "One byte");
});

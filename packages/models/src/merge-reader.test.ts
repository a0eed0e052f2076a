import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { tinyE5 } from "../../../fixtures/models/tiny-e5.ts";
import { randomReader } from "../../../fixtures/models/tiny-reader.ts";
import { openE5File, type E5File, type E5Tensor } from "./convert/e5-file.ts";
import { readE5Weights } from "./convert/e5-weights.ts";
import { mergeReader, type MergeRequest } from "./merge-reader.ts";
import { encodeReaderFile, learntPartsOf, parseReaderFile, type ReaderFile } from "./reader-file.ts";
import { encodeSlowly } from "./testing/slow-encoder.ts";

let root: string;
let basePath: string;
let readerPath: string;
let modelsFolder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lorekeep-merge-"));
  basePath = join(root, "tiny.bin");
  readerPath = join(root, "reader.safetensors");
  await writeFile(basePath, tinyE5(7));
});
beforeEach(async () => {
  modelsFolder = await mkdtemp(join(root, "models-"));
  await writeFile(readerPath, randomReader(3));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const merge = (changes: Partial<MergeRequest> = {}) =>
  mergeReader({ name: "tiny-reader", basePath, readerPath, modelsFolder, ...changes });
const IDS = [0, 5, 9, 14, 30, 2, 44, 46, 12, 2];

/** The encoder with the low-rank changes added in, number by number, as if it had come from a file. */
async function mergedByHand(reader: ReaderFile): Promise<E5File> {
  const { shape, tensors } = await readE5Weights(basePath);
  const { rank, alpha } = reader;
  for (const [name, rows] of tensors) {
    const [, n, linear] = /^l(\d+)\.(q|k|v|ao|fi|fo)\.w$/.exec(name) ?? [];
    if (linear === undefined) continue;
    const a = reader.tensors.get(`layer.${n}.${linear}.a`)!.values;
    const b = reader.tensors.get(`layer.${n}.${linear}.b`)!.values;
    const inputs = a.length / rank;
    for (let at = 0; at < rows.length; at += 1) {
      const [o, i] = [Math.floor(at / inputs), at % inputs];
      let change = 0;
      for (let r = 0; r < rank; r += 1) change += b[o * rank + r]! * a[r * inputs + i]!;
      rows[at] = rows[at]! + (alpha / rank) * change;
    }
  }
  const entries = [...tensors].map(([name, values]): [string, E5Tensor] => [
    name,
    { name, type: "f32", count: values.length, offset: 0, bytes: values.byteLength },
  ]);
  const handle = await open(basePath);
  const { vocabulary } = await openE5File(handle);
  await handle.close();
  return {
    shape,
    vocabulary,
    tensors: new Map(entries),
    read: async ({ name }) => Buffer.from(tensors.get(name)!.buffer),
  };
}

async function logitsOf(folder: string): Promise<Float32Array> {
  const session = await InferenceSession.create(join(folder, "model.onnx"), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const ids = BigInt64Array.from(IDS, BigInt);
  const output = await session.run({
    input_ids: new Tensor("int64", ids, [1, IDS.length]),
    attention_mask: new Tensor("int64", new BigInt64Array(IDS.length).fill(1n), [1, IDS.length]),
  });
  expect(session.outputNames).toEqual(["logits"]);
  return output.logits!.data as Float32Array;
}

/** [tokens][outputs] in plain numbers. */
async function slowLogits(reader: ReaderFile): Promise<number[]> {
  const hidden = await encodeSlowly(await mergedByHand(reader), IDS);
  const weight = reader.tensors.get("head.weight")!.values;
  const bias = reader.tensors.get("head.bias")!.values;
  return hidden.flatMap((row) =>
    Array.from(bias, (start, o) => row.reduce((sum, value, i) => sum + value * weight[o * row.length + i]!, start)),
  );
}

describe("merging a reader", () => {
  test.each([2, 3] as const)(
    "with %i outputs the float model computes what merging by hand computes",
    async (outputs) => {
      await writeFile(readerPath, randomReader(3, { outputs }));
      const { folder } = await merge({ precision: "float32" });
      const slow = await slowLogits(parseReaderFile(await readFile(readerPath)));
      const fast = await logitsOf(folder);
      expect(fast).toHaveLength(IDS.length * outputs);
      expect(Math.max(...slow.map((value, i) => Math.abs(value - fast[i]!)))).toBeLessThan(2e-3);
      // The changes matter: without them the logits are others.
      const { folder: plain } = await merge({ precision: "float32", readerPath: await withoutChanges() });
      const unchanged = await logitsOf(plain);
      expect(Math.max(...slow.slice(0, 20).map((value, i) => Math.abs(value - unchanged[i]!)))).toBeGreaterThan(0.1);
    },
  );

  test("the int8 model stays near the float one", async () => {
    const [exact, small] = [await merge({ precision: "float32" }), await merge()];
    expect(small.fingerprint).not.toBe(exact.fingerprint);
    const int8 = await logitsOf(small.folder); // `merge` removed the other model: its logits come by hand
    const slow = await slowLogits(parseReaderFile(await readFile(readerPath)));
    const size = Math.hypot(...slow);
    expect(Math.hypot(...slow.map((value, i) => value - int8[i]!)) / size).toBeLessThan(0.1);
  });

  test("is done once, by however many ask at the same time", async () => {
    const [one, two] = await Promise.all([merge(), merge()]);
    expect(one).toEqual(two);
    const { mtimeMs } = await stat(join(one.folder, "model.onnx"));
    expect(await merge()).toEqual(one);
    expect((await stat(join(one.folder, "model.onnx"))).mtimeMs).toBe(mtimeMs);
    expect(await readdir(modelsFolder)).toEqual([`tiny-reader-${one.fingerprint}`]);
  });

  test("makes another model of another file and throws the old one away, but nobody else's", async () => {
    await mkdir(join(modelsFolder, "tiny-reader-v2"));
    const one = await merge();
    await writeFile(readerPath, randomReader(4));
    const two = await merge();
    expect(two.fingerprint).not.toBe(one.fingerprint);
    expect((await readdir(modelsFolder)).sort()).toEqual([`tiny-reader-${two.fingerprint}`, "tiny-reader-v2"].sort());
  });

  test("begins again where another process died halfway", async () => {
    const { folder } = await merge();
    await rm(join(folder, "merged.json"));
    await writeFile(join(folder, "model.onnx"), "half");
    await mkdir(`${folder}.partial`);
    expect((await merge()).folder).toBe(folder);
    expect((await logitsOf(folder)).length).toBe(IDS.length * 2);
  });

  test("refuses the file of another encoder, a shape that does not fit and what is no reader", async () => {
    const refuses = async (bytes: Buffer): Promise<void> => {
      await writeFile(readerPath, bytes);
      await expect(merge()).rejects.toMatchObject({ code: "model_invalid" });
    };
    await refuses(randomReader(3, { baseSha256: "00" }));
    await refuses(randomReader(3, { hidden: 32 }));
    await refuses(randomReader(3, { layers: 3 }));
    await refuses(Buffer.from("no reader"));
    const reader = parseReaderFile(randomReader(3));
    await refuses(encodeReaderFile({ ...reader, rank: 0 }));
    await refuses(encodeReaderFile({ ...reader, outputs: 4 as 3 }));
    const tensors = new Map(reader.tensors).set("head.bias", { shape: [2], values: Float32Array.of(NaN, 0) });
    await refuses(encodeReaderFile({ ...reader, tensors }));
    expect(await readdir(modelsFolder)).not.toContainEqual(expect.stringMatching(/^tiny-reader-[0-9a-f]{16}$/));
    await expect(merge({ readerPath: join(root, "none") })).rejects.toMatchObject({ code: "model_missing" });
  });

  test("linears without a pair stay as they are, and half a pair is refused", async () => {
    const reader = parseReaderFile(randomReader(3));
    const shape = (await readE5Weights(basePath)).shape;
    const heads = new Map([...reader.tensors].filter(([name]) => name.startsWith("head")));
    const rows = Float32Array.of(1, 2);
    learntPartsOf({ ...reader, tensors: heads }, shape).addTo("l0.q", rows);
    expect([...rows]).toEqual([1, 2]);
    const half = new Map(heads).set("layer.0.q.a", reader.tensors.get("layer.0.q.a")!);
    expect(() => learntPartsOf({ ...reader, tensors: half }, shape)).toThrow(/layer\.0\.q\.b/);
  });
});

async function withoutChanges(): Promise<string> {
  const reader = parseReaderFile(await readFile(readerPath));
  const heads = new Map([...reader.tensors].filter(([name]) => name.startsWith("head")));
  const path = join(root, "plain.safetensors");
  await writeFile(path, encodeReaderFile({ ...reader, tensors: heads }));
  return path;
}

import { halfToNumber } from "@lorekeep/core";
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinyE5 } from "../../../../fixtures/models/tiny-e5.ts";
import type { LinearPrecision } from "../onnx/bert.ts";
import { openE5File, unpackQ4, type E5File } from "./e5-file.ts";
import { convertE5Small, quantizePerChannel } from "./e5-small.ts";
import { encodeSlowly } from "../testing/slow-encoder.ts";

let folder: string;
let source: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-convert-"));
  source = join(folder, "tiny.bin");
  await writeFile(source, tinyE5(7));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function withFile<Value>(work: (file: E5File) => Promise<Value>, path = source): Promise<Value> {
  const handle = await open(path);
  try {
    return await work(await openE5File(handle));
  } finally {
    await handle.close();
  }
}
async function converted(precision: LinearPrecision): Promise<InferenceSession> {
  const target = join(folder, `${precision}-${Math.random()}`);
  await mkdir(target);
  await convertE5Small({ from: source, folder: target, precision });
  return InferenceSession.create(join(target, "model.onnx"), { intraOpNumThreads: 1, logSeverityLevel: 3 });
}
/** Rows are padded to the longest; gives the vectors of each row's own tokens. */
async function encode(session: InferenceSession, rows: readonly number[][]): Promise<number[][]> {
  const tokens = Math.max(...rows.map((row) => row.length));
  const flat = (value: (row: number[], t: number) => number): BigInt64Array =>
    BigInt64Array.from(rows.flatMap((row) => Array.from({ length: tokens }, (_, t) => BigInt(value(row, t)))));
  const shape = [rows.length, tokens];
  const feeds = {
    input_ids: new Tensor(
      "int64",
      flat((row, t) => row[t] ?? 1),
      shape,
    ),
    attention_mask: new Tensor(
      "int64",
      flat((row, t) => (t < row.length ? 1 : 0)),
      shape,
    ),
  };
  const { last_hidden_state: output } = await session.run(feeds);
  const hidden = output!.data as Float32Array;
  const width = hidden.length / (rows.length * tokens);
  return rows.map((row, r) => [...hidden.subarray(r * tokens * width, (r * tokens + row.length) * width)]);
}
function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
const ROWS = [
  [0, 5, 9, 14, 30, 2],
  [0, 44, 46, 12, 7, 8, 9, 10, 33, 2],
  [0, 2],
];

describe("packed E5 file", () => {
  test("gives shape, vocabulary and tensors", async () => {
    await withFile(async ({ shape, vocabulary, tensors }) => {
      expect(shape).toMatchObject({ hidden: 64, layers: 2, heads: 4, intermediate: 96, maxPositions: 128 });
      expect(vocabulary.pieces[0]).toBe("<s>");
      expect(vocabulary.pieces).toHaveLength(vocabulary.scores.length);
      expect(tensors.get("l1.fo.w")).toMatchObject({ type: "q4_0", count: 64 * 96 });
    });
  });

  test("refuses a file cut off anywhere and one with another head", async () => {
    const bytes = await readFile(source);
    const broken = join(folder, "broken.bin");
    const refuses = async (content: Buffer): Promise<void> => {
      await writeFile(broken, content);
      await expect(withFile(async () => undefined, broken)).rejects.toMatchObject({ code: "model_invalid" });
    };
    for (let length = 0; length < bytes.length; length += 997) await refuses(bytes.subarray(0, length));
    await refuses(Buffer.concat([Buffer.from("GGUF"), bytes.subarray(4)]));
    for (const at of [4, 8, 12, 40, 44]) {
      const changed = Buffer.from(bytes);
      changed.writeInt32LE(-5, at);
      await refuses(changed);
    }
  });

  test("reads halves and 4-bit blocks", () => {
    expect([0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555].map(halfToNumber)).toEqual([
      1,
      -2,
      2 ** -24,
      Infinity,
      0.333251953125,
    ]);
    const block = Buffer.from([0x00, 0x40, ...Array.from({ length: 16 }, (_, i) => i)]);
    const { nibbles, scales } = unpackQ4(block);
    expect([...nibbles]).toEqual([...Array.from({ length: 16 }, (_, i) => i - 8), ...new Array<number>(16).fill(-8)]);
    expect([...scales]).toEqual([2]);
  });
});

describe("conversion to ONNX", () => {
  test("the float graph computes what a slow encoder in plain numbers computes", async () => {
    const fast = await encode(await converted("float32"), ROWS);
    for (const [r, row] of ROWS.entries()) {
      const slow = (await withFile((file) => encodeSlowly(file, row))).flat();
      expect(Math.max(...slow.map((value, i) => Math.abs(value - fast[r]![i]!)))).toBeLessThan(1e-3);
    }
  });

  test("the int8 graph stays near it, and padding and neighbours change nothing", async () => {
    const [float, int8] = [await converted("float32"), await converted("int8")];
    const [exact, together] = [await encode(float, ROWS), await encode(int8, ROWS)];
    for (const [r, row] of ROWS.entries()) {
      expect(cosine(exact[r]!, together[r]!)).toBeGreaterThan(0.99);
      const [alone] = await encode(int8, [row]);
      expect(Math.max(...alone!.map((value, i) => Math.abs(value - together[r]![i]!)))).toBeLessThan(1e-4);
    }
  });

  test("is the same, byte for byte, when it is done again", async () => {
    const files = ["model.onnx", "model.onnx.data", "tokenizer.json"];
    const make = async (name: string): Promise<Buffer[]> => {
      const target = join(folder, name);
      await mkdir(target);
      await convertE5Small({ from: source, folder: target });
      return Promise.all(files.map((file) => readFile(join(target, file))));
    };
    const [first, second] = [await make("one"), await make("two")];
    for (const [i, bytes] of first.entries()) expect(bytes.equals(second[i]!)).toBe(true);
  });

  test("stops when told to and tells how far it is", async () => {
    const target = join(folder, "stopped");
    await mkdir(target);
    const controller = new AbortController();
    const seen: number[] = [];
    const converting = convertE5Small({
      from: source,
      folder: target,
      signal: controller.signal,
      onProgress: (done) => {
        seen.push(done);
        controller.abort();
      },
    });
    await expect(converting).rejects.toMatchObject({ code: "aborted" });
    expect(seen).toEqual([1]);
    await expect(stat(join(target, "model.onnx"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("keeps weights within seven bits, each output with its own scale", () => {
    const rows = Float32Array.from([1, -0.5, 100, 50, 0, 0]);
    const { weights, scales } = quantizePerChannel(rows, 2);
    expect([...weights]).toEqual([63, 63, 0, -31, 32, 0]);
    expect([...scales].map((scale) => Math.round(scale * 63))).toEqual([1, 100, 63]);
  });
});

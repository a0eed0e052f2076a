import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyE5 } from "../../../../fixtures/models/tiny-e5.ts";
import { readE5Weights, readE5WordRows } from "./e5-weights.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-weights-"));
  path = join(folder, "tiny.bin");
  await writeFile(path, tinyE5(7));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("every tensor of the file comes out under its name with its size", async () => {
  const { shape, tensors } = await readE5Weights(path);
  const { hidden, intermediate, layers, vocabulary, maxPositions, tokenTypes } = shape;
  const sizes: Record<string, number> = {
    "emb.word": vocabulary * hidden,
    "emb.pos": maxPositions * hidden,
    "emb.type": tokenTypes * hidden,
    "emb.ln.w": hidden,
    "emb.ln.b": hidden,
  };
  for (let n = 0; n < layers; n += 1) {
    for (const name of ["q", "k", "v", "ao"]) sizes[`l${n}.${name}.w`] = hidden * hidden;
    for (const name of ["q", "k", "v", "ao", "fo", "aln", "oln"]) sizes[`l${n}.${name}.b`] = hidden;
    for (const name of ["aln", "oln"]) sizes[`l${n}.${name}.w`] = hidden;
    sizes[`l${n}.fi.w`] = hidden * intermediate;
    sizes[`l${n}.fo.w`] = hidden * intermediate;
    sizes[`l${n}.fi.b`] = intermediate;
  }
  expect(Object.fromEntries([...tensors].map(([name, values]) => [name, values.length]))).toEqual(sizes);
});

test("rows of the word table alone are those of the whole table", async () => {
  const { shape, tensors } = await readE5Weights(path);
  const rows = await readE5WordRows(path, [5, 0, 5]);
  const row = (id: number): number[] => [
    ...tensors.get("emb.word")!.subarray(id * shape.hidden, (id + 1) * shape.hidden),
  ];
  expect([...rows]).toEqual([...row(5), ...row(0), ...row(5)]);
  await expect(readE5WordRows(path, [shape.vocabulary])).rejects.toMatchObject({ code: "model_invalid" });
});

test("what is left out is not there", async () => {
  const { tensors } = await readE5Weights(path, { without: ["emb.word"] });
  expect(tensors.has("emb.word")).toBe(false);
  expect(tensors.has("emb.pos")).toBe(true);
});

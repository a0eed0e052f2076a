/** Every way found to break hnswlib-node has a test here: either the rail holds, or the library has changed. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vectorMaker } from "@lorekeep/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HnswGraph, fingerprint, loadHnswlib, minimumFileBytes } from "./hnsw-graph.ts";

const library = loadHnswlib();
if (library === null) console.warn("Skipped: hnswlib-node could not be loaded here.");
const DIMENSIONS = 16;
const EF = 64;

describe.skipIf(library === null)("the graph", () => {
  let folder: string;
  let next: () => Float32Array;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lorekeep-graph-"));
    next = vectorMaker({ dimensions: DIMENSIONS, seed: 5 });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const make = (count: number, capacity = count): { graph: HnswGraph; vectors: Float32Array[] } => {
    const graph = HnswGraph.empty(library!, { dimensions: DIMENSIONS, capacity });
    const vectors = Array.from({ length: count }, next);
    vectors.forEach((vector, i) => graph.add(i * 10, vector));
    return { graph, vectors };
  };

  test("finds rows by the seq they were added with, typed arrays included", () => {
    const { graph, vectors } = make(200);
    vectors.forEach((vector, i) => expect(graph.search(vector, 1, EF)).toEqual([i * 10]));
  });

  test("grows past its capacity", () => {
    const { graph, vectors } = make(300, 16);
    expect(graph.liveCount).toBe(300);
    expect(graph.search(vectors[299], 1, EF)).toEqual([2990]);
  });

  test("takes seqs that need more than 32 bits", () => {
    const graph = HnswGraph.empty(library!, { dimensions: DIMENSIONS, capacity: 10 });
    const [a, b] = [next(), next()];
    graph.add(2 ** 32 + 5, a);
    graph.add(5, b);
    expect(graph.search(a, 1, EF)).toEqual([2 ** 32 + 5]);
    expect(graph.search(b, 1, EF)).toEqual([5]);
  });

  test("I2 a removed row is not found, and found again when it is added again with another vector", () => {
    const { graph, vectors } = make(100);
    graph.remove(50);
    expect(graph.search(vectors[5], 99, EF)).not.toContain(50);
    const other = next();
    graph.add(50, other);
    expect(graph.search(other, 1, EF)).toEqual([50]);
    expect(graph).toMatchObject({ liveCount: 100, deadCount: 1 });
  });

  test("removing twice, or what was never there, does nothing", () => {
    const { graph } = make(10);
    graph.remove(50);
    graph.remove(50);
    graph.remove(7);
    expect(graph).toMatchObject({ liveCount: 9, deadCount: 1 });
  });

  test("adding a live row again is refused", () => {
    const { graph } = make(10);
    expect(() => graph.add(50, next())).toThrow(/twice/);
  });

  test("I3 ten results come back when nine of ten rows are tombstones", () => {
    const { graph, vectors } = make(1_000);
    for (let i = 0; i < 1_000; i += 1) if (i % 10 !== 0) graph.remove(i * 10);
    const found = graph.search(vectors[3], 10, EF);
    expect(found).toHaveLength(10);
    expect(found.every((seq) => seq % 100 === 0)).toBe(true);
  });

  test("asking for more than there is gives what there is, and an empty graph gives nothing", () => {
    const { graph, vectors } = make(5);
    expect(graph.search(vectors[0], 100, EF)).toHaveLength(5);
    for (let i = 0; i < 5; i += 1) graph.remove(i * 10);
    expect(graph.search(vectors[0], 100, EF)).toEqual([]);
    expect(HnswGraph.empty(library!, { dimensions: DIMENSIONS, capacity: 0 }).search(vectors[0], 3, EF)).toEqual([]);
  });

  test("a written graph reads back with its removals, and with the search effort it had", async () => {
    const { graph, vectors } = make(2_000);
    graph.remove(30);
    const path = join(folder, "a.hnsw");
    const labels = await graph.write(path);
    const read = await HnswGraph.read(library!, path, DIMENSIONS, labels);
    expect(read).toMatchObject({ liveCount: 1_999, deadCount: 1 });
    // With the library's own default after loading (ef 10), several of these would be missed.
    vectors.forEach((vector, i) => expect(read.search(vector, 10, EF)).toEqual(graph.search(vectors[i], 10, EF)));
    expect(read.search(vectors[3], 1, EF)).not.toEqual([30]);
    read.add(30, vectors[3]);
    expect(read.search(vectors[3], 1, EF)).toEqual([30]);
  });

  test("while it is written, searches go on, removals wait, and adding is refused", async () => {
    const { graph, vectors } = make(3_000);
    const path = join(folder, "a.hnsw");
    const writing = graph.write(path);
    expect(graph.isWriting).toBe(true);
    expect(() => graph.add(7, next())).toThrow(/while the index file was written/);
    graph.remove(0);
    expect(graph.search(vectors[0], 5, EF)).not.toContain(0);
    expect(graph.search(vectors[0], 5, EF)).toHaveLength(5);
    await expect(graph.write(path)).rejects.toThrow(/at once/);
    const labels = await writing;
    expect(graph.isWriting).toBe(false);
    expect(graph.search(vectors[0], 2_999, EF)).not.toContain(0);
    const read = await HnswGraph.read(library!, path, DIMENSIONS, labels);
    expect(read.holds(0, vectors[0])).toBe(true); // the file is of the moment when writing began
  });

  test("an unreadable file is refused, and a graph read afterwards is sound", async () => {
    const path = join(folder, "bad.hnsw");
    const labels = { seqs: [1, 2], prints: [0, 0] };
    await expect(HnswGraph.read(library!, path, DIMENSIONS, labels)).rejects.toMatchObject({ code: "index_corrupt" });
    await writeFile(path, "not an index at all, but long enough to hold a header of some sixty-four bytes and more");
    await expect(HnswGraph.read(library!, path, DIMENSIONS, labels)).rejects.toMatchObject({ code: "index_corrupt" });
    const { graph, vectors } = make(20);
    expect(graph.search(vectors[4], 1, EF)).toEqual([40]);
  });

  test("a file with another number of rows than promised is refused", async () => {
    const { graph } = make(20);
    const path = join(folder, "a.hnsw");
    const { seqs, prints } = await graph.write(path);
    const fewer = { seqs: seqs.slice(1), prints: prints.slice(1) };
    await expect(HnswGraph.read(library!, path, DIMENSIONS, fewer)).rejects.toMatchObject({ code: "index_corrupt" });
  });

  test("knows whether it was built from this very vector", () => {
    const { graph, vectors } = make(10);
    const changed = vectors[3].slice();
    changed[7] += 1e-6;
    expect(graph.holds(30, vectors[3])).toBe(true);
    expect(graph.holds(30, changed)).toBe(false);
    expect(graph.holds(31, vectors[3])).toBe(false);
  });
});

test("different vectors have different fingerprints", () => {
  const next = vectorMaker({ dimensions: 8, seed: 1 });
  const prints = new Set<number>();
  for (let i = 0; i < 3_000; i += 1) {
    const vector = next();
    prints.add(fingerprint(vector));
    vector[i % 8] = -vector[i % 8]; // one bit
    prints.add(fingerprint(vector));
  }
  expect(prints.size).toBe(6_000);
});

test("a file cannot be smaller than its vectors", () => {
  expect(minimumFileBytes(100, 384)).toBeGreaterThan(100 * 384 * 4);
});

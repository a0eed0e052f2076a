import { seededRandom, vectorMaker } from "@lorekeep/core/testing";
import { describe, expect, test } from "vitest";
import { ByteCodes } from "./byte-codes.ts";
import { openKernel } from "./byte-kernel.ts";
import { VectorTable } from "./vector-table.ts";

describe("the kernel", () => {
  test.each([16, 32, 48, 384, 1024])("multiplies codes of %i bytes as plain code does", (stride) => {
    const random = seededRandom(stride);
    const count = 50;
    const { memory, scores } = openKernel(200_000);
    const query = new Int16Array(memory.buffer, 0, stride);
    const codes = new Int8Array(memory.buffer, 2 * stride, stride * count);
    const scalesAt = 2 * stride + stride * count;
    const scales = new Float32Array(memory.buffer, scalesAt, count);
    const byte = () => Math.floor(random() * 255) - 127;
    for (let i = 0; i < stride; i += 1) query[i] = byte();
    for (let i = 0; i < codes.length; i += 1) codes[i] = byte();
    for (let i = 0; i < count; i += 1) scales[i] = random() - 0.5;
    query.fill(-127, 0, 16); // the largest products there are
    codes.fill(-127, 0, 16);
    scores(2 * stride, count, 0, stride, scalesAt, scalesAt + 4 * count);
    const out = new Float32Array(memory.buffer, scalesAt + 4 * count, count);
    for (let row = 0; row < count; row += 1) {
      let sum = 0;
      for (let i = 0; i < stride; i += 1) sum += query[i] * codes[row * stride + i];
      expect(out[row]).toBe(Math.fround(Math.fround(sum) * scales[row]));
    }
  });

  test("writes nothing for no codes, and nothing beyond its codes", () => {
    const { memory, scores } = openKernel(4_000);
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(7);
    scores(64, 0, 0, 16, 512, 1024);
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    bytes.fill(0, 0, 64);
    scores(64, 2, 0, 16, 512, 1024);
    expect([...bytes.subarray(1022, 1034)]).toEqual([7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7]);
  });
});

describe("ranking", () => {
  const make = (count: number, dimensions = 96) => {
    const next = vectorMaker({ dimensions, seed: 1, clusters: 50 });
    const table = new VectorTable(dimensions);
    const codes = new ByteCodes(dimensions);
    const put = (seq: number, vector: Float32Array) => {
      const row = table.insert(seq, vector);
      codes.set(row, vector);
      return row;
    };
    for (let seq = 0; seq < count; seq += 1) put(seq, next());
    const rank = (query: Float32Array, size: number, rows: Uint32Array | null = null) =>
      codes.rank(query, size, rows, table.liveFlags);
    return { table, put, rank, next };
  };
  const exact = (table: VectorTable, query: Float32Array, k: number, rows: Iterable<number>) =>
    [...rows]
      .map((row) => ({ row, score: table.score(row, query) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, k);

  test.each([
    [10, 64],
    [100, 200],
  ])("the true %i nearest of 6 000 are among the %i best by code", (k, size) => {
    const { table, rank, next } = make(6_000);
    let found = 0;
    for (let i = 0; i < 20; i += 1) {
      const query = next();
      const shortlist = new Set(rank(query, size));
      expect(shortlist.size).toBe(size);
      found += exact(table, query, k, table.rows()).filter(({ row }) => shortlist.has(row)).length;
    }
    expect(found / (20 * k)).toBeGreaterThanOrEqual(0.999);
  });

  test.each([20, 700, 5_000])("of %i rows only those are ranked", (count) => {
    const { table, rank, next } = make(6_000);
    const rows = Uint32Array.from({ length: count }, (_, i) => (i * 7) % 6_000);
    const allowed = new Set(rows);
    for (let i = 0; i < 10; i += 1) {
      const query = next();
      const shortlist = rank(query, 64, rows);
      expect(shortlist).toHaveLength(Math.min(64, count));
      expect(shortlist.every((row) => allowed.has(row))).toBe(true);
      const kept = new Set(shortlist);
      expect(exact(table, query, 10, rows).every(({ row }) => kept.has(row))).toBe(true);
    }
  });

  test("removed rows are never ranked, and rows used again are ranked by their new vector", () => {
    const { table, put, rank, next } = make(5_000);
    for (let seq = 0; seq < 5_000; seq += 2) table.remove(seq);
    const query = next();
    expect(rank(query, 100).every((row) => table.isLive(row))).toBe(true);
    const row = put(77_000, query);
    expect(rank(query, 1)).toEqual([row]);
  });

  test("codes grow with the table past one block, in any order of rows", () => {
    const { table, rank } = make(4_100);
    for (let row = 4_090; row < 4_100; row += 1) expect(rank(table.vectorAt(row), 1)).toEqual([row]);
    const codes = new ByteCodes(16);
    codes.set(9_000, new Float32Array(16).fill(0.25));
    expect(codes.rank(new Float32Array(16).fill(0.25), 1, Uint32Array.of(9_000), new Uint8Array())).toEqual([9_000]);
  });

  test("a dimension count that fills no whole register, and a vector of zeros, are no trouble", () => {
    const { table, put, rank, next } = make(300, 19);
    const zero = put(1_000, new Float32Array(19));
    const query = next();
    const [nearest] = exact(table, query, 1, table.rows());
    expect(rank(query, 5)).toContain(nearest.row);
    expect(rank(query, 301)).toContain(zero);
    expect(rank(new Float32Array(19), 3)).toHaveLength(3);
  });
});

import { seededRandom, vectorMaker } from "@lorekeep/core/testing";
import { describe, expect, test } from "vitest";
import { openKernel } from "./hamming-kernel.ts";
import { SignCodes } from "./sign-codes.ts";
import { VectorTable } from "./vector-table.ts";

function bitCount(byte: number): number {
  return byte === 0 ? 0 : (byte & 1) + bitCount(byte >> 1);
}

describe("the kernel", () => {
  test.each([16, 32, 48, 64, 192])("counts the bits that differ in codes of %i bytes as plain code does", (stride) => {
    const random = seededRandom(stride);
    const { memory, distances } = openKernel(100_000);
    const bytes = new Uint8Array(memory.buffer);
    const count = 100;
    for (let i = 0; i < stride * (count + 1); i += 1) bytes[i] = Math.floor(random() * 256);
    bytes.fill(0xff, stride, 2 * stride); // all bits
    const out = stride * (count + 1);
    distances(stride, count, 0, stride, out);
    const expected = Array.from({ length: count }, (_, row) =>
      Array.from({ length: stride }, (_unused, i) => bitCount(bytes[i] ^ bytes[stride * (row + 1) + i])).reduce(
        (a, b) => a + b,
      ),
    );
    expect([...new Uint16Array(memory.buffer, out, count)]).toEqual(expected);
  });

  test("writes nothing for no codes, and nothing beyond its codes", () => {
    const { memory, distances } = openKernel(2_000);
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(7);
    distances(16, 0, 0, 16, 1024);
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    distances(16, 2, 0, 16, 1024);
    expect([...bytes.subarray(1022, 1030)]).toEqual([7, 7, 0, 0, 0, 0, 7, 7]);
  });
});

describe("ranking", () => {
  const DIMENSIONS = 96;
  const make = (count: number, seed = 1) => {
    const next = vectorMaker({ dimensions: DIMENSIONS, seed, clusters: 50 });
    const table = new VectorTable(DIMENSIONS);
    for (let seq = 0; seq < count; seq += 1) table.insert(seq, next());
    const codes = new SignCodes(table);
    codes.encode(Infinity);
    return { table, codes, next };
  };
  const exact = (table: VectorTable, query: Float32Array, k: number, rows: Iterable<number>) =>
    [...rows]
      .map((row) => ({ row, score: table.score(row, query) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, k);

  test("the true ten nearest of 10 000 are nearly always among the 200 best by code", () => {
    const { table, codes, next } = make(10_000);
    let found = 0;
    for (let i = 0; i < 40; i += 1) {
      const query = next();
      const shortlist = new Set(codes.rank(query, 200, null));
      expect(shortlist.size).toBeGreaterThanOrEqual(200);
      expect(shortlist.size).toBeLessThanOrEqual(400);
      found += exact(table, query, 10, table.rows()).filter(({ row }) => shortlist.has(row)).length;
    }
    expect(found / 400).toBeGreaterThanOrEqual(0.98);
  });

  test.each([20, 2_000, 9_000])("of %i rows only those are ranked", (count) => {
    const { table, codes, next } = make(10_000);
    const rows = Uint32Array.from({ length: count }, (_, i) => (i * 7) % 10_000);
    const allowed = new Set(rows);
    let found = 0;
    for (let i = 0; i < 20; i += 1) {
      const query = next();
      const shortlist = new Set(codes.rank(query, 200, rows));
      expect([...shortlist].every((row) => allowed.has(row))).toBe(true);
      found += exact(table, query, 10, rows).filter(({ row }) => shortlist.has(row)).length;
    }
    expect(found / 200).toBeGreaterThanOrEqual(0.98);
  });

  test("removed rows are never ranked, and rows used again are ranked by their new vector", () => {
    const { table, codes, next } = make(5_000);
    for (let seq = 0; seq < 5_000; seq += 2) table.remove(seq);
    const query = next();
    expect([...codes.rank(query, 100, null)].every((row) => table.isLive(row))).toBe(true);
    const row = table.insert(77_000, query);
    codes.set(row);
    expect([...codes.rank(query, 1, null)]).toContain(row);
  });

  test("codes grow with the table past one block", () => {
    const { table, codes, next } = make(4_095);
    for (let seq = 4_095; seq < 4_100; seq += 1) codes.set(table.insert(seq, next()));
    for (let row = 4_090; row < 4_100; row += 1) {
      expect([...codes.rank(table.vectorAt(row), 1, null)]).toContain(row);
    }
    expect(codes.isComplete).toBe(true);
  });

  test("codes are current until there are four times as many rows", () => {
    const { table, codes, next } = make(100);
    expect(codes.isCurrent).toBe(true);
    for (let seq = 100; seq < 400; seq += 1) codes.set(table.insert(seq, next()));
    expect(codes.isCurrent).toBe(true);
    codes.set(table.insert(400, next()));
    expect(codes.isCurrent).toBe(false);
  });

  test("a row that changes while the codes are being made has its new code in the end", () => {
    const next = vectorMaker({ dimensions: DIMENSIONS, seed: 3 });
    const table = new VectorTable(DIMENSIONS);
    for (let seq = 0; seq < 500; seq += 1) table.insert(seq, next());
    const codes = new SignCodes(table);
    codes.encode(0); // one slice
    expect(codes.isComplete).toBe(false);
    const changed = [10, 400].map((seq) => {
      table.remove(seq);
      const vector = next();
      const row = table.insert(seq, vector);
      codes.set(row);
      return { row, vector };
    });
    codes.encode(Infinity);
    for (const { row, vector } of changed) expect([...codes.rank(vector, 1, null)]).toContain(row);
  });
});

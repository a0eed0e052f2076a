/**
 * What every VectorIndex must do, compared with brute force over the source. `make` opens an index over this source;
 * called again it must find what the first one left on disk (after that one was closed).
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { GenerationId } from "../ids.ts";
import type { Neighbour, VectorIndex } from "../ports/vector-index.ts";
import { memoryVectorSource } from "./memory-vector-source.ts";
import type { MemoryVectorSource } from "./memory-vector-source.ts";
import { vectorMaker } from "./seeded-vectors.ts";

export interface VectorIndexUnderTest {
  open(source: MemoryVectorSource): Promise<VectorIndex>;
  close(): Promise<void>;
}

const DIMENSIONS = 96;
/** Approximate search may miss some; I6 asks for this much on average. */
const RECALL = 0.97;
const generationId = "gen_contract" as GenerationId;

/** The k nearest by brute force, best first; ties by seq. */
export function bruteForce(
  source: MemoryVectorSource,
  query: Float32Array,
  k: number,
  allow?: Set<number>,
): Neighbour[] {
  return [...source.rows]
    .filter(([seq]) => allow?.has(seq) ?? true)
    .map(([seq, vector]) => ({ seq, score: vector.reduce((sum, x, i) => sum + x * query[i]!, 0) }))
    .sort((a, b) => b.score - a.score || a.seq - b.seq)
    .slice(0, k);
}

export function recall(found: readonly Neighbour[], truth: readonly Neighbour[]): number {
  const wanted = new Set(truth.map(({ seq }) => seq));
  return truth.length === 0 ? 1 : found.filter(({ seq }) => wanted.has(seq)).length / wanted.size;
}

/** `size` vectors are enough for the index to use whatever it uses for large sets. */
export function describeVectorIndex(name: string, size: number, make: () => Promise<VectorIndexUnderTest>): void {
  describe(`vector index contract: ${name}`, () => {
    let under: VectorIndexUnderTest;
    let source: MemoryVectorSource;
    let index: VectorIndex;
    let next: () => Float32Array;
    beforeEach(async () => {
      next = vectorMaker({ dimensions: DIMENSIONS, seed: 11 });
      source = memoryVectorSource(DIMENSIONS);
      under = await make();
      index = await under.open(source);
    });
    afterEach(async () => {
      await under.close();
    });
    const fill = (from: number, to: number, step = 1) => {
      for (let seq = from; seq < to; seq += step) source.put(seq, next());
    };
    const search = (vector: Float32Array, k = 10, allow?: Uint32Array) =>
      index.search({ generationId, vector, k, allow });
    const meanRecall = async (queryCount = 30, k = 10) => {
      let sum = 0;
      for (let i = 0; i < queryCount; i += 1) {
        const query = next();
        sum += recall((await search(query, k)).neighbours, bruteForce(source, query, k));
      }
      return sum / queryCount;
    };

    test("an empty generation answers with nothing", async () => {
      expect(await search(next())).toEqual({ neighbours: [], plan: "empty" });
      expect((await index.refresh(generationId)).vectorCount).toBe(0);
    });

    test("finds the nearest, best first, with their cosines", async () => {
      fill(1, 300);
      await index.refresh(generationId);
      const query = next();
      const { neighbours } = await search(query, 10);
      const truth = bruteForce(source, query, 10);
      expect(neighbours.map(({ seq }) => seq)).toEqual(truth.map(({ seq }) => seq));
      neighbours.forEach(({ score }, i) => expect(score).toBeCloseTo(truth[i]!.score, 5));
    });

    test("a search before any refresh opens the generation by itself", async () => {
      fill(1, 50);
      const query = source.rows.get(7)!;
      expect((await search(query, 1)).neighbours[0]?.seq).toBe(7);
    });

    test("what was added is found as soon as refresh returns, and not before it is asked", async () => {
      fill(1, 50);
      await index.refresh(generationId);
      const late = next();
      source.put(1000, late);
      expect((await search(late, 1)).neighbours[0]?.seq).not.toBe(1000);
      const status = await index.refresh(generationId);
      expect((await search(late, 1)).neighbours[0]?.seq).toBe(1000);
      expect(status).toMatchObject({ generationId, vectorCount: 50, appliedChange: 50 });
    });

    test("what was removed is never found after refresh", async () => {
      fill(1, 200);
      await index.refresh(generationId);
      const gone = source.rows.get(42)!;
      source.remove(42);
      await index.refresh(generationId);
      expect((await search(gone, 199)).neighbours.map(({ seq }) => seq)).not.toContain(42);
      expect((await search(gone, 500)).neighbours).toHaveLength(198);
    });

    test("I2 a row deleted and added again is found again, also with another vector", async () => {
      fill(1, size);
      await index.refresh(generationId);
      await index.compact(generationId);
      const old = source.rows.get(5)!;
      source.remove(5);
      await index.refresh(generationId);
      source.put(5, old);
      await index.refresh(generationId);
      expect((await search(old, 1)).neighbours[0]?.seq).toBe(5);
      const other = next();
      source.put(5, other);
      await index.refresh(generationId);
      expect((await search(other, 1)).neighbours[0]?.seq).toBe(5);
      expect((await search(old, 1)).neighbours[0]?.seq).not.toBe(5);
      await index.compact(generationId);
      expect((await search(other, 1)).neighbours[0]?.seq).toBe(5);
    });

    test("I3 k results come back even when 90 % of the rows were removed", async () => {
      fill(1, size);
      await index.refresh(generationId);
      await index.compact(generationId);
      for (let seq = 1; seq < size; seq += 1) if (seq % 10 !== 0) source.remove(seq);
      await index.refresh(generationId);
      for (const k of [10, 50, 100]) {
        const query = next();
        const { neighbours } = await search(query, k);
        expect(neighbours).toHaveLength(k);
        expect(new Set(neighbours.map(({ seq }) => seq)).size).toBe(k);
        expect(recall(neighbours, bruteForce(source, query, k))).toBeGreaterThanOrEqual(RECALL);
      }
    });

    test("I6 recall@10 is at least 0.97 of brute force, before and after churn", async () => {
      fill(1, size);
      await index.refresh(generationId);
      expect(await meanRecall()).toBeGreaterThanOrEqual(RECALL);
      await index.compact(generationId);
      expect(await meanRecall()).toBeGreaterThanOrEqual(RECALL);
      for (let seq = 1; seq < size; seq += 5) source.remove(seq);
      fill(size, size + size / 5);
      await index.refresh(generationId);
      expect(await meanRecall()).toBeGreaterThanOrEqual(RECALL);
    });

    test("E5 a filter is applied before the top k, whatever it admits", async () => {
      fill(1, size);
      await index.refresh(generationId);
      await index.compact(generationId);
      for (const step of [2, 10, 100, Math.floor(size / 10)]) {
        const allow = Uint32Array.from({ length: Math.floor((size - 1) / step) }, (_, i) => 1 + i * step);
        const query = next();
        const { neighbours } = await search(query, 10, allow);
        const truth = bruteForce(source, query, 10, new Set(allow));
        expect(neighbours).toHaveLength(truth.length);
        expect(neighbours.every(({ seq }) => (seq - 1) % step === 0)).toBe(true);
        expect(recall(neighbours, truth)).toBeGreaterThanOrEqual(RECALL);
      }
    });

    test("a filter may name rows that are not there, or none at all", async () => {
      fill(1, 100);
      await index.refresh(generationId);
      expect((await search(next(), 10, new Uint32Array())).neighbours).toEqual([]);
      expect((await search(next(), 10, Uint32Array.of(500, 600))).neighbours).toEqual([]);
      expect((await search(next(), 10, Uint32Array.of(3, 500))).neighbours.map(({ seq }) => seq)).toEqual([3]);
    });

    test("k may exceed what there is, and be 0", async () => {
      fill(1, 6);
      await index.refresh(generationId);
      expect((await search(next(), 100)).neighbours).toHaveLength(5);
      expect((await search(next(), 0)).neighbours).toEqual([]);
    });

    test("a query of another length, or with numbers that are none, is refused and harms nothing", async () => {
      fill(1, 50);
      await index.refresh(generationId);
      const short = new Float32Array(DIMENSIONS - 1).fill(0.1);
      await expect(search(short)).rejects.toMatchObject({ code: "shape_mismatch" });
      await expect(search(new Float32Array(DIMENSIONS).fill(NaN))).rejects.toMatchObject({ code: "shape_mismatch" });
      await expect(search(new Float32Array(DIMENSIONS).fill(Infinity))).rejects.toMatchObject({
        code: "shape_mismatch",
      });
      expect((await search(next())).neighbours).toHaveLength(10);
    });

    test("a stored vector of another length, or with numbers that are none, is refused and harms nothing", async () => {
      fill(1, 50);
      await index.refresh(generationId);
      source.put(60, new Float32Array(DIMENSIONS + 1).fill(0.1));
      await expect(index.refresh(generationId)).rejects.toMatchObject({ code: "shape_mismatch" });
      source.put(60, new Float32Array(DIMENSIONS).fill(NaN));
      await expect(index.refresh(generationId)).rejects.toMatchObject({ code: "shape_mismatch" });
      expect((await search(next())).neighbours).toHaveLength(10);
      source.remove(60);
      expect((await index.refresh(generationId)).vectorCount).toBe(49);
    });

    test("a stopped search is rejected", async () => {
      fill(1, 50);
      const signal = AbortSignal.abort();
      await expect(index.search({ generationId, vector: next(), k: 1, signal })).rejects.toMatchObject({
        code: "aborted",
      });
    });

    test("searches go on during a refresh and a compaction, and never see a removed row come back", async () => {
      fill(1, size);
      await index.refresh(generationId);
      const gone = source.rows.get(9)!;
      source.remove(9);
      await index.refresh(generationId);
      fill(size, size + 2_000);
      let busy = true;
      const work = Promise.all([index.refresh(generationId), index.compact(generationId)]).finally(
        () => (busy = false),
      );
      let searchCount = 0;
      while (busy) {
        const { neighbours } = await search(gone, 5);
        expect(neighbours).toHaveLength(5);
        expect(neighbours.map(({ seq }) => seq)).not.toContain(9);
        searchCount += 1;
      }
      await work;
      expect(searchCount).toBeGreaterThan(3);
      expect((await index.status(generationId))?.vectorCount).toBe(source.rows.size);
    });

    test("compaction leaves no tombstones and reports its progress", async () => {
      fill(1, size);
      await index.refresh(generationId);
      await index.compact(generationId);
      for (let seq = 1; seq < size / 10; seq += 1) source.remove(seq);
      const seen: number[] = [];
      const status = await index.compact(generationId, { onProgress: (done, total) => seen.push(done / total) });
      expect(status).toMatchObject({ tombstoneCount: 0, tailCount: status.hnsw ? 0 : status.vectorCount });
      if (status.hnsw) expect(seen.at(-1)).toBe(1);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
    });

    test("a closed index opens again with the same answers", async () => {
      fill(1, size);
      await index.refresh(generationId);
      await index.compact(generationId);
      source.remove(3);
      fill(size, size + 20);
      const query = next();
      await index.close();
      index = await under.open(source);
      const status = await index.refresh(generationId);
      expect(status).toMatchObject({
        vectorCount: source.rows.size,
        appliedChange: await source.lastChange(generationId),
      });
      expect(recall((await search(query, 10)).neighbours, bruteForce(source, query, 10))).toBeGreaterThanOrEqual(0.9);
      const late = source.rows.get(size + 10)!;
      expect((await search(late, 1)).neighbours[0]?.seq).toBe(size + 10);
    });

    test("verify finds a sound index sound", async () => {
      fill(1, 500);
      await index.refresh(generationId);
      expect(await index.verify(generationId)).toEqual({ missing: 0, orphans: 0, recallAt10: 1, healed: false });
    });

    test("verify finds rows that are missing, left over or different, and heals", async () => {
      fill(1, 500);
      await index.refresh(generationId);
      const [added, changed] = [next(), next()];
      source.rows.set(900, added);
      source.rows.set(7, changed);
      const left = source.rows.get(8)!;
      source.rows.delete(8);
      expect(await index.verify(generationId)).toMatchObject({ missing: 2, orphans: 1, healed: true });
      expect((await search(added, 1)).neighbours[0]?.seq).toBe(900);
      expect((await search(changed, 1)).neighbours[0]?.seq).toBe(7);
      expect((await search(left, 1)).neighbours[0]?.seq).not.toBe(8);
      expect(await index.verify(generationId)).toMatchObject({ missing: 0, orphans: 0, healed: false });
    });

    test("a dropped generation is forgotten", async () => {
      fill(1, 100);
      await index.refresh(generationId);
      await index.drop(generationId);
      expect(await index.status(generationId)).toBeNull();
    });

    test("a closed index refuses", async () => {
      await index.close();
      await expect(index.search({ generationId, vector: next(), k: 1 })).rejects.toMatchObject({
        code: "index_unavailable",
      });
    });
  });
}

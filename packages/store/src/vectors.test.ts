import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import { decodeSeqRanges, encodeSeqRanges, sliceSeqs } from "./seq-ranges.ts";
import { addDocument, axis, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

let store: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  store = openTestStore();
  collection = await makeCollection(store);
});
afterEach(() => store.close());

async function readAllChanges(limit: number, after = 0) {
  const changes = [];
  for (;;) {
    const part = await store.vectors.readChanges(collection.generationId, changes.at(-1)?.changeNumber ?? after, limit);
    if (part.length === 0) return changes;
    expect(part.length).toBeLessThanOrEqual(limit);
    changes.push(...part);
  }
}

describe("the vector source", () => {
  test.each([1, 2, 3, 100])("gives every change once and in order when read %i at a time", async (limit) => {
    const first = await addDocument(store, collection, { name: "a.txt", texts: ["a", "b", "c"] });
    await addDocument(store, collection, { name: "b.txt", texts: ["d", "e"] });
    await store.documents.delete(first.id);
    const changes = await readAllChanges(limit);
    expect(changes.map(({ changeNumber }) => changeNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(changes.map(({ seq, vector }) => [seq, vector !== null])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
      [5, true],
      [1, false],
      [2, false],
      [3, false],
    ]);
    expect(await store.vectors.lastChange(collection.generationId)).toBe(8);
    await purgeAll(store);
    expect(await readAllChanges(limit)).toEqual(changes);
  });

  test("an index that replays the changes holds what readVectors gives", async () => {
    const live = new Map<number, Float32Array>();
    let applied = 0;
    const replay = async () => {
      for (const { seq, vector, changeNumber } of await readAllChanges(2, applied)) {
        if (vector) live.set(seq, vector);
        else live.delete(seq);
        applied = changeNumber;
      }
    };
    for (let round = 0; round < 4; round++) {
      await addDocument(store, collection, { name: "a.txt", texts: [`a${round}`, `b${round}`] });
      const other = await addDocument(store, collection, { name: `c${round}`, texts: [`c${round}`] });
      if (round % 2 === 0) await store.documents.delete(other.id);
      if (round === 2) await purgeAll(store);
      await replay();
      const rows = await store.vectors.readVectors(collection.generationId, 0, 100);
      expect([...live]).toEqual(rows.map(({ seq, vector }) => [seq, vector]));
      expect(await store.vectors.countVectors(collection.generationId)).toBe(live.size);
    }
  });

  test("vectors are read in slices, ascending", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["a", "b", "c"] });
    const first = await store.vectors.readVectors(collection.generationId, 0, 2);
    const second = await store.vectors.readVectors(collection.generationId, first.at(-1)!.seq, 2);
    expect([...first, ...second]).toEqual([0, 1, 2].map((at) => ({ seq: at + 1, vector: axis(at) })));
  });

  test("numbers are never used again, whatever is trimmed or purged", async () => {
    const document = await addDocument(store, collection, { name: "a.txt", texts: ["a", "b"] });
    await store.documents.delete(document.id);
    await purgeAll(store);
    expect(await store.vectors.trimChanges(collection.generationId, 4)).toBe(2);
    expect(await store.vectors.lastChange(collection.generationId)).toBe(4);
    await addDocument(store, collection, { name: "b.txt", texts: ["c"] });
    expect(await store.vectors.readChanges(collection.generationId, 4, 9)).toEqual([
      { changeNumber: 5, seq: 3, vector: axis(0) },
    ]);
  });

  test("an index that is older than the trimmed journal is told so", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["a", "b"] });
    await store.vectors.trimChanges(collection.generationId, 2);
    await expect(store.vectors.readChanges(collection.generationId, 1, 9)).rejects.toMatchObject({
      code: "index_corrupt",
    });
  });
});

test("row numbers survive being written as ranges", () => {
  for (const seqs of [[], [7], [1, 2, 3], [1, 3, 4, 9], [4_294_967_294, 4_294_967_295]]) {
    const ranges = decodeSeqRanges(encodeSeqRanges(seqs));
    expect(sliceSeqs(ranges, 0, 99)).toEqual(seqs);
    for (let start = 0; start <= seqs.length; start++)
      expect(sliceSeqs(ranges, start, start + 2)).toEqual(seqs.slice(start, start + 2));
  }
});

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { filterSchema } from "@lorekeep/core";
import type { Collection, Metadata, SearchFilter } from "@lorekeep/core";
import { manualClock } from "@lorekeep/core/testing";
import { filterToSql } from "./filter-sql.ts";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, makeCollection, openTestStore } from "./testing/seed-store.ts";

const clock = manualClock("2026-01-01T00:00:00.000Z");
let store: OpenedStore;
let collection: Collection;
const AWKWARD = 'a."b"][$\'; --';
const documents: readonly (readonly [name: string, metadata: Metadata])[] = [
  ["one", { tags: ["x", "y"], year: 2020, team: "north", public: true, [AWKWARD]: "found" }],
  ["two", { tags: ["x"], year: 2021.5, team: "south", public: false }],
  ["three", { tags: "x", year: "2022", flag: 1 }],
  ["four", { list: ["p", "q"] }],
];
beforeEach(async () => {
  clock.set("2026-01-01T00:00:00.000Z");
  store = openTestStore({ clock });
  collection = await makeCollection(store);
  for (const [name, metadata] of documents) {
    await addDocument(store, collection, {
      name,
      texts: [name],
      externalId: `x-${name}`,
      metadata,
      mediaType: name === "one" ? "application/pdf" : "text/plain",
    });
    clock.advance(1000);
  }
});
afterEach(() => store.close());

async function matching(filter: SearchFilter): Promise<string[]> {
  const seqs = await store.passages.matchFilter([collection.generationId], filterSchema.parse(filter));
  return (await store.passages.load([...seqs])).map(({ text }) => text);
}

describe("E5 a filter", () => {
  test.each<[SearchFilter, string[]]>([
    [{}, ["one", "two", "three", "four"]],
    [{ tags: ["x"] }, ["one", "two", "three"]],
    [{ tags: ["x", "y"] }, ["one"]],
    [{ tags: ["z"] }, []],
    [{ externalIds: ["x-two", "x-nine"] }, ["two"]],
    [{ mediaTypes: ["application/pdf"] }, ["one"]],
    [{ createdAfter: "2026-01-01T00:00:01.500Z" }, ["three", "four"]],
    [{ createdBefore: "2026-01-01T01:00:00.500+01:00" }, ["one"]],
    [{ metadata: { team: "north" } }, ["one"]],
    [{ metadata: { year: 2020 } }, ["one"]],
    [{ metadata: { year: "2020" } }, []],
    [{ metadata: { year: { gte: 2020, lte: 2021 } } }, ["one"]],
    [{ metadata: { year: { gte: 2020 } } }, ["one", "two"]],
    [{ metadata: { year: { gte: "2021" } } }, ["three"]],
    [{ metadata: { team: { in: ["north", "south"] } } }, ["one", "two"]],
    [{ metadata: { list: "q" } }, ["four"]],
    [{ metadata: { public: true } }, ["one"]],
    [{ metadata: { flag: true } }, []],
    [{ metadata: { public: { exists: true } } }, ["one", "two"]],
    [{ metadata: { public: { exists: false } } }, ["three", "four"]],
    [{ metadata: { team: "north", year: 2021.5 } }, []],
    [{ metadata: { [AWKWARD]: "found" } }, ["one"]],
  ])("%j admits %j", async (filter, names) => {
    expect((await matching(filter)).sort()).toEqual([...names].sort());
  });

  test("by document", async () => {
    const two = (await store.documents.getByExternalId(collection.id, "x-two"))!;
    expect(await matching({ documentIds: [two.id] })).toEqual(["two"]);
    expect(await matching({ notDocumentIds: [two.id] })).toEqual(["one", "three", "four"]);
    expect(await matching({ documentIds: [two.id], notDocumentIds: [two.id] })).toEqual([]);
  });

  test("by folder: with everything below it, and nothing beside it", async () => {
    await addDocument(store, collection, { name: "a", texts: ["a"], metadata: { path: "guides/a.md" } });
    await addDocument(store, collection, { name: "b", texts: ["b"], externalId: "guides/pumps/deep/b.md" });
    await addDocument(store, collection, { name: "c", texts: ["c"], externalId: "guides2/c.md" });
    expect((await matching({ folders: ["guides"] })).sort()).toEqual(["a", "b"]);
    expect(await matching({ folders: ["guides/pumps", "guides2"] })).toEqual(["b", "c"]);
    expect(await matching({ folders: ["%", "guide_"] })).toEqual([]);
  });

  test("admits ascending rows of live versions of the asked generations only", async () => {
    await addDocument(store, collection, { name: "one", externalId: "x-one", texts: ["one again"] });
    const seqs = [...(await store.passages.matchFilter([collection.generationId], {}))];
    expect(seqs).toEqual([2, 3, 4, 5]);
    const other = await makeCollection(store, "Other");
    expect(await store.passages.matchFilter([other.generationId], {})).toEqual(new Uint32Array());
  });
});

test("S12 whatever a filter says is bound, never SQL", async () => {
  const scalar = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  const condition = fc.oneof(
    scalar,
    fc.record(
      {
        in: fc.array(scalar, { minLength: 1, maxLength: 3 }),
        gte: fc.oneof(fc.string(), fc.integer()),
        exists: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  );
  const key = fc.oneof(
    fc.constantFrom("a' OR 1=1 --", '"); DROP TABLE documents; --', "$.x", "?", ":no"),
    fc.string({ minLength: 1, maxLength: 20 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(key, condition, { maxKeys: 3 }),
      fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      async (metadata, tags) => {
        const filter = { metadata, tags } as SearchFilter;
        const { sql, values } = filterToSql(filter);
        // The text of the statement depends on the filter's shape alone.
        for (const value of [...Object.keys(metadata), ...tags])
          if (value.length > 12) expect(sql).not.toContain(value);
        expect(sql.split("?").length - 1).toBe(values.length);
        await store.passages.matchFilter([collection.generationId], filter);
      },
    ),
    { seed: 5, numRuns: 200 },
  );
  expect(await matching({})).toHaveLength(4);
});

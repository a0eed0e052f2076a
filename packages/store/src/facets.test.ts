import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection, Facets, SearchFilter } from "@lorekeep/core";
import { manualClock } from "@lorekeep/core/testing";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, makeCollection, openTestStore } from "./testing/seed-store.ts";
import type { SeedDocument } from "./testing/seed-store.ts";

const clock = manualClock("2026-01-30T12:00:00.000Z");
let store: OpenedStore;
let collection: Collection;

const SEEDS: readonly (SeedDocument & { readonly language?: "en" | "zh" })[] = [
  {
    name: "one",
    texts: ["1"],
    metadata: { tags: ["safety", "pumps"], year: 2020, draft: true, path: "guides/pumps/one.md" },
  },
  { name: "two", texts: ["2"], metadata: { tags: ["safety"], year: 2021, author: "Ann", path: "guides/two.md" } },
  {
    name: "three",
    texts: ["3"],
    metadata: { tags: "pumps", author: ["Ann", "Bo"] },
    externalId: "manuals/three.md",
    language: "zh",
  },
  {
    name: "four",
    texts: ["4"],
    mediaType: "application/pdf",
    externalId: "https://example.org/a/four",
    language: "zh",
  },
];

beforeEach(async () => {
  clock.set("2026-01-30T12:00:00.000Z");
  store = openTestStore({ clock });
  collection = await makeCollection(store);
  for (const { language = "en", ...seed } of SEEDS) {
    const { id } = await addDocument(store, collection, seed);
    const parsed = { title: null, language, pageCount: null, mediaType: seed.mediaType ?? "text/plain", warnings: [] };
    await store.documents.setParsed(id, parsed);
    clock.advance(24 * 3_600_000);
  }
});
afterEach(() => store.close());

const facets = (filter: SearchFilter = {}): Promise<Facets> => store.passages.facets([collection.generationId], filter);
const counts = (items: readonly { value: unknown; count: number }[]) => items.map(({ value, count }) => [value, count]);

describe("facets", () => {
  test("count documents by tag, folder, language, format, date and metadata", async () => {
    const found = await facets();
    expect(found).toMatchObject({ admitted: 4, documents: 4 });
    expect(counts(found.tags)).toEqual([
      ["pumps", 2],
      ["safety", 2],
    ]);
    expect(counts(found.folders)).toEqual([
      ["guides", 2],
      ["guides/pumps", 1],
      ["manuals", 1],
    ]);
    expect(counts(found.languages)).toEqual([
      ["en", 2],
      ["zh", 2],
    ]);
    expect(counts(found.mediaTypes)).toEqual([
      ["text/plain", 3],
      ["application/pdf", 1],
    ]);
    expect(found.created.map(({ label, count }) => [label, count])).toEqual([
      ["2026-01-30", 1],
      ["2026-01-31", 1],
      ["2026-02-01", 1],
      ["2026-02-02", 1],
    ]);
    expect(found.metadata.map(({ key, count, range }) => [key, count, range])).toEqual([
      ["author", 2, null],
      ["year", 2, { low: 2020, high: 2021 }],
      ["draft", 1, null],
    ]);
    expect(counts(found.metadata[0]!.values)).toEqual([
      ["Ann", 2],
      ["Bo", 1],
    ]);
    expect(counts(found.metadata[2]!.values)).toEqual([[true, 1]]);
  });

  test("E5 are counted under the other conditions, so that a second value can be chosen beside the first", async () => {
    const found = await facets({ languages: ["en"], metadata: { author: "Ann" } });
    expect(found.admitted).toBe(1);
    expect(counts(found.languages)).toEqual([
      ["en", 1],
      ["zh", 1],
    ]);
    expect(counts(found.mediaTypes)).toEqual([["text/plain", 1]]);
    expect(counts(found.metadata.find(({ key }) => key === "author")!.values)).toEqual([["Ann", 1]]);
    expect(counts((await facets({ tags: ["safety"] })).tags)).toEqual([
      ["safety", 2],
      ["pumps", 1],
    ]);
  });

  test("E5 say what their values admit: a folder with all below it, a day and no other", async () => {
    const { folders, created } = await facets();
    for (const { value, count } of folders) expect((await facets({ folders: [value] })).admitted).toBe(count);
    for (const { after, before, count } of created)
      expect((await facets({ createdAfter: after, createdBefore: before })).admitted).toBe(count);
    expect((await facets({ folders: ["guide"] })).admitted).toBe(0);
    expect((await facets({ folders: ["guides/pumps", "manuals"] })).admitted).toBe(2);
  });

  test("E5 count by the days of the zone that asks, whose bounds admit just these documents", async () => {
    clock.set("2026-02-10T17:30:00.000Z");
    await addDocument(store, collection, { name: "late", texts: ["late"] });
    const inZone = async (timeZone: string) =>
      (await store.passages.facets([collection.generationId], {}, timeZone)).created.at(-1)!;
    expect(await inZone("UTC")).toMatchObject({ label: "2026-02-10", count: 1 });
    const { label, count, after, before } = await inZone("Asia/Shanghai");
    expect([label, count]).toEqual(["2026-02-11", 1]);
    expect((await facets({ createdAfter: after, createdBefore: before })).admitted).toBe(1);
  });

  test("leave out what cannot answer: deleted documents, other collections", async () => {
    const other = await makeCollection(store, "Other");
    await addDocument(store, other, { name: "five", texts: ["5"], metadata: { tags: ["secret"] } });
    const gone = (await store.documents.list({ limit: 9, nameContains: "one" })).items[0]!;
    await store.documents.delete(gone.id);
    const found = await facets();
    expect(found.documents).toBe(3);
    expect(counts(found.tags)).toEqual([
      ["pumps", 1],
      ["safety", 1],
    ]);
    expect((await store.passages.facets([], {})).documents).toBe(0);
  });

  test("turn to months and years when there are many days", async () => {
    for (let month = 0; month < 30; month++) {
      await addDocument(store, collection, { name: `m${month}`, texts: [`m${month}`] });
      clock.advance(31 * 24 * 3_600_000);
    }
    const { created } = await facets();
    expect(created.map(({ label }) => label)).toEqual(["2026", "2027", "2028"]);
    expect(created.reduce((sum, { count }) => sum + count, 0)).toBe(34);
    for (const { after, before, count } of created)
      expect((await facets({ createdAfter: after, createdBefore: before })).admitted).toBe(count);
  });
});

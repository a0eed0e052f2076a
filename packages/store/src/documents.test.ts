import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, makeCollection, newDocument, openTestStore, sha256 } from "./testing/seed-store.ts";

let store: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  store = openTestStore();
  collection = await makeCollection(store);
});
afterEach(() => store.close());

const admit = (name: string, text: string, rest: { externalId?: string; metadata?: Record<string, string> } = {}) =>
  store.documents.admit(newDocument(collection, { name, texts: [text], ...rest }));

describe("admitting", () => {
  test("D1 the same bytes twice are one document, whatever they are called", async () => {
    const first = await admit("a.txt", "same");
    expect(first.outcome).toBe("created");
    for (const name of ["a.txt", "copy of a.txt"]) {
      const again = await admit(name, "same");
      expect(again).toMatchObject({ outcome: "duplicate", replacedBlob: null });
      expect(again.document).toEqual(first.document);
    }
    expect((await store.documents.list({ limit: 10 })).items).toHaveLength(1);
  });

  test("D1 two uploads of the same bytes at once are one document", async () => {
    const outcomes = await Promise.all([admit("a.txt", "same"), admit("b.txt", "same"), admit("a.txt", "same")]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["created", "duplicate", "duplicate"]);
    expect(new Set(outcomes.map(({ document }) => document.id)).size).toBe(1);
  });

  test("D2 the same name with new bytes is a new version of the same document", async () => {
    const first = await admit("a.txt", "old", { metadata: { team: "north" } });
    const second = await admit("a.txt", "new");
    expect(second).toMatchObject({ outcome: "replaced", replacedBlob: sha256("old") });
    expect(second.document).toMatchObject({
      id: first.document.id,
      blob: sha256("new"),
      versionNumber: 2,
      status: "queued",
      metadata: { team: "north" },
    });
  });

  test("D2 an external id names a document, the file name does not", async () => {
    const first = await admit("a.txt", "old", { externalId: "42" });
    const renamed = await admit("b.txt", "new", { externalId: "42" });
    expect(renamed).toMatchObject({ outcome: "replaced", document: { id: first.document.id, name: "b.txt" } });
    expect((await admit("b.txt", "new", { externalId: "43" })).outcome).toBe("created");
    expect((await admit("b.txt", "other")).outcome).toBe("created");
    expect((await store.documents.getByExternalId(collection.id, "42"))!.id).toBe(first.document.id);
  });

  test("D5 other collections do not matter", async () => {
    const other = await makeCollection(store, "Other");
    await admit("a.txt", "same");
    const { outcome } = await store.documents.admit(newDocument(other, { name: "a.txt", texts: ["same"] }));
    expect(outcome).toBe("created");
  });

  test("starts anew after a deletion", async () => {
    const first = await admit("a.txt", "same");
    await store.documents.delete(first.document.id);
    const second = await admit("a.txt", "same");
    expect(second.outcome).toBe("created");
    expect(second.document.id).not.toBe(first.document.id);
  });

  test("refuses a collection that is not there", async () => {
    await store.collections.delete(collection.id);
    await expect(admit("a.txt", "text")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("documents", () => {
  test("are listed newest first, page by page, by status, name and collection", async () => {
    const other = await makeCollection(store, "Other");
    for (const name of ["Alpha.txt", "备份.md", "gamma.txt"])
      await addDocument(store, collection, { name, texts: [name] });
    await store.documents.admit(newDocument(other, { name: "delta.txt", texts: ["d"] }));
    const first = await store.documents.list({ limit: 3 });
    const second = await store.documents.list({ limit: 3, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
      "delta.txt",
      "gamma.txt",
      "备份.md",
      "Alpha.txt",
    ]);
    const names = async (query: object) =>
      (await store.documents.list({ limit: 10, ...query })).items.map(({ name }) => name);
    expect(await names({ nameContains: "ALPHA" })).toEqual(["Alpha.txt"]);
    expect(await names({ nameContains: "备" })).toEqual(["备份.md"]);
    expect(await names({ nameContains: "%" })).toEqual([]);
    expect(await names({ status: "queued" })).toEqual(["delta.txt"]);
    expect(await names({ collectionId: other.id })).toEqual(["delta.txt"]);
    expect(await names({ collectionIds: [] })).toEqual([]);
    expect(await store.documents.countByStatus()).toEqual({ queued: 1, processing: 0, ready: 3, failed: 0 });
    expect((await store.documents.countByStatus(other.id)).queued).toBe(1);
  });

  test("keep an error until they leave the failed state", async () => {
    const { document } = await admit("a.txt", "text");
    const error = { code: "document_encrypted", detail: "Ask for the password." } as const;
    await store.documents.setStatus(document.id, "failed", { error, warnings: ["w"] });
    expect(await store.documents.get(document.id)).toMatchObject({ status: "failed", error, warnings: ["w"] });
    await store.documents.setStatus(document.id, "queued");
    expect(await store.documents.get(document.id)).toMatchObject({ status: "queued", error: null });
  });

  test("take what the parser found out", async () => {
    const { document } = await admit("a.txt", "text");
    const parsed = { title: "T", language: "zh", pageCount: 3, mediaType: "application/pdf", warnings: ["w"] } as const;
    await store.documents.setParsed(document.id, parsed);
    expect(await store.documents.get(document.id)).toMatchObject(parsed);
  });

  test("need their bytes until nothing stands on them", async () => {
    const old = await addDocument(store, collection, { name: "a.txt", texts: ["old"] });
    await admit("a.txt", "new");
    // The old version still answers, so its file can still be opened.
    expect(await store.documents.isBlobUsed(sha256("old"))).toBe(true);
    expect(await store.documents.isBlobUsed(sha256("new"))).toBe(true);
    await store.documents.delete(old.id);
    expect(await store.documents.isBlobUsed(sha256("old"))).toBe(false);
    expect(await store.documents.isBlobUsed(sha256("new"))).toBe(false);
  });
});

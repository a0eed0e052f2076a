import { describe, expect, test } from "vitest";
import type { CollectionId } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import { LOCAL_ACTOR } from "./access.ts";
import { DEFAULT_COLLECTION } from "./collection-settings.ts";
import { cleanName } from "./library.ts";
import type { Actor } from "./actor.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";

const PARAGRAPHS = ["one", "two", "three", "four", "five", "six"].map((word) =>
  `Paragraph ${word} tells about ${word}. `.repeat(20).trim(),
);
const text = (paragraphs: readonly string[]): string => paragraphs.join("\n\n");

describe("upload", () => {
  test("D1: the same bytes twice are one document, with a notice and no second embedding", async () => {
    await using house = await openTestHouse();
    const first = await house.upload("a.txt", text(PARAGRAPHS));
    await house.settled(first.document.id);
    const embedded = house.models.embedded.length;
    expect(embedded).toBeGreaterThan(0);
    const second = await house.upload("copy of a.txt", text(PARAGRAPHS));
    expect(second).toMatchObject({
      duplicate: true,
      replaced: false,
      document: { id: first.document.id, status: "ready" },
    });
    await house.idle();
    expect(house.models.embedded).toHaveLength(embedded);
    const { items } = await house.platform.store.documents.list({ limit: 10 });
    expect(items).toHaveLength(1);
  });

  test("D2: the same name with new bytes becomes a new version; unchanged chunks are not embedded again", async () => {
    await using house = await openTestHouse();
    const first = await house.upload("a.txt", text(PARAGRAPHS));
    await house.settled(first.document.id);
    const before = new Set(house.models.embedded);
    const changed = [...PARAGRAPHS.slice(0, 5), "A wholly new ending speaks of zebras. ".repeat(20).trim()];
    const second = await house.upload("a.txt", text(changed));
    expect(second).toMatchObject({
      duplicate: false,
      replaced: true,
      document: { id: first.document.id, versionNumber: 2 },
    });
    await house.settled(first.document.id);
    const again = house.models.embedded.slice(before.size);
    expect(again.some((chunk) => chunk.includes("zebras"))).toBe(true);
    expect(again.filter((chunk) => before.has(chunk))).toEqual([]);
    const search = (query: string) =>
      house.platform.assistant.search(LOCAL_ACTOR, { query, limit: 10, mode: "lexical", explain: false });
    expect((await search("zebras")).results).not.toHaveLength(0);
    expect((await search("six")).results).toEqual([]);
  });

  test("D2: the old version answers until the new one is published", async () => {
    await using house = await openTestHouse();
    const { document } = await house.upload("a.txt", "The old text names an aardvark.");
    await house.settled(document.id);
    let seenDuring = -1;
    house.models.beforeEmbed = async () => {
      house.models.beforeEmbed = null;
      const query = { query: "aardvark", limit: 5, mode: "lexical", explain: false } as const;
      seenDuring = (await house.platform.assistant.search(LOCAL_ACTOR, query)).results.length;
    };
    await house.upload("a.txt", "The new text names a zebra.");
    await house.settled(document.id);
    expect(seenDuring).toBe(1);
  });

  test("D5: files that share header and footer are two documents", async () => {
    await using house = await openTestHouse();
    const frame = (body: string): string =>
      `ACME Corporation, confidential\n\n${body}\n\nPage footer of ACME Corporation`;
    const first = await house.upload("a.txt", frame("Apples."));
    const second = await house.upload("b.txt", frame("Pears."));
    expect(second.duplicate).toBe(false);
    expect(second.document.id).not.toBe(first.document.id);
  });

  test("makes the default collection once, however many come first", async () => {
    await using house = await openTestHouse({ work: false });
    await Promise.all([1, 2, 3].map((number) => house.upload(`${number}.txt`, `text ${number}`)));
    const { items } = await house.platform.store.collections.list({ limit: 10 });
    expect(items.map(({ name, documentCount }) => ({ name, documentCount }))).toEqual([
      { name: DEFAULT_COLLECTION, documentCount: 3 },
    ]);
  });

  test("S1: a name is only a label", async () => {
    await using house = await openTestHouse({ work: false });
    const { document } = await house.upload("../../../etc/\u0000pass\u202ewd", "x");
    expect(document.name).toBe("passwd");
    expect([cleanName("a\\b\\c.pdf"), cleanName(".."), cleanName("///"), cleanName("报告.pdf")]).toEqual([
      "c.pdf",
      "untitled",
      "untitled",
      "报告.pdf",
    ]);
    expect(cleanName("x".repeat(999))).toHaveLength(255);
  });
});

describe("import", () => {
  test("takes text with its title, and finds it by the title's words", async () => {
    await using house = await openTestHouse();
    const { document } = await house.platform.library.importDocument(LOCAL_ACTOR, {
      title: "Cassowary care",
      text: "Feed it fruit twice a day.",
      externalId: "doc-7",
      metadata: { tags: ["birds"] },
    });
    const settled = await house.settled(document.id);
    expect(settled).toMatchObject({ status: "ready", externalId: "doc-7", source: "text", title: "Cassowary care" });
    const { results } = await house.platform.assistant.search(LOCAL_ACTOR, {
      query: "cassowary",
      limit: 5,
      mode: "lexical",
      filter: { tags: ["birds"] },
      explain: false,
    });
    expect(results[0]).toMatchObject({ externalId: "doc-7", documentId: document.id });
  });

  test("H4: takes chunks as they were cut, also when they are processed again", async () => {
    await using house = await openTestHouse();
    const chunks = [{ text: "First piece about tea.", page: 3 }, { text: "Second piece about coffee." }];
    const { document } = await house.platform.library.importDocument(LOCAL_ACTOR, { title: "Drinks", chunks });
    expect(await house.settled(document.id)).toMatchObject({ status: "ready", chunkCount: 2 });
    await house.platform.library.reprocess(LOCAL_ACTOR, document.id);
    expect(await house.settled(document.id)).toMatchObject({ status: "ready", chunkCount: 2, error: null });
    const { items } = await house.platform.store.passages.listChunks(document.id, { limit: 10 });
    expect(items.map((chunk) => [chunk.text, chunk.page])).toEqual([
      ["First piece about tea.", 3],
      ["Second piece about coffee.", null],
    ]);
  });

  test("asks for exactly one of text, chunks and url", async () => {
    await using house = await openTestHouse({ work: false });
    for (const request of [{}, { text: "a", url: "https://example.com/" }, { text: "a", chunks: [{ text: "b" }] }])
      await expect(house.platform.library.importDocument(LOCAL_ACTOR, request)).rejects.toMatchObject({
        code: "request_invalid",
      });
  });

  test("S4: fetches nothing when it is set to stay offline, and nothing from inside when it is not", async () => {
    await using offline = await openTestHouse({ work: false });
    const request = { url: "http://127.0.0.1:1/secret" };
    await expect(offline.platform.library.importDocument(LOCAL_ACTOR, request)).rejects.toMatchObject({
      code: "forbidden",
    });
    await using online = await openTestHouse({ work: false, config: { offline: false } });
    await expect(online.platform.library.importDocument(LOCAL_ACTOR, request)).rejects.toMatchObject({
      code: "request_invalid",
    });
  });
});

describe("who may do what", () => {
  const actorOf = (scopes: Actor["scopes"], collectionIds: readonly CollectionId[] | null): Actor => ({
    id: "key:test",
    scopes,
    collectionIds,
    key: null,
  });

  test("L3: a key for searching cannot import, and one for importing cannot search", async () => {
    await using house = await openTestHouse({ work: false });
    const { library, assistant } = house.platform;
    const searcher = actorOf(["search"], null);
    const importer = actorOf(["ingest"], null);
    await expect(library.importDocument(searcher, { text: "x" })).rejects.toMatchObject({ code: "forbidden" });
    const query = { query: "x", limit: 1, mode: "lexical", explain: false } as const;
    await expect(assistant.search(importer, query)).rejects.toMatchObject({ code: "forbidden" });
    await expect(library.createCollection(importer, { name: "x" })).rejects.toMatchObject({ code: "forbidden" });
  });

  test("L3: for a key of one collection the others do not exist", async () => {
    await using house = await openTestHouse();
    const { library, assistant, store } = house.platform;
    const mine = await library.createCollection(LOCAL_ACTOR, { name: "Mine" });
    const other = await library.createCollection(LOCAL_ACTOR, { name: "Other" });
    const { document } = await house.upload("secret.txt", "The hidden word is wombat.", other.id);
    await house.settled(document.id);
    const actor = actorOf(["search", "ingest", "chat"], [mine.id]);
    const query = { query: "wombat", limit: 5, mode: "lexical", explain: false } as const;
    expect((await assistant.search(LOCAL_ACTOR, query)).results).toHaveLength(1);
    expect((await assistant.search(actor, query)).results).toEqual([]);
    const notFound = { code: "not_found" };
    await expect(assistant.search(actor, { ...query, collections: ["Other"] })).rejects.toMatchObject(notFound);
    await expect(assistant.search(actor, { ...query, collections: [other.id] })).rejects.toMatchObject(notFound);
    await expect(library.getDocument(actor, document.id)).rejects.toMatchObject(notFound);
    await expect(library.deleteDocument(actor, document.id)).rejects.toMatchObject(notFound);
    await expect(library.reprocess(actor, document.id)).rejects.toMatchObject(notFound);
    await expect(library.importDocument(actor, { text: "x", collection: other.id })).rejects.toMatchObject(notFound);
    // Its only collection is the one that is meant when none is named.
    const imported = await library.importDocument(actor, { text: "mine" });
    expect(imported.document.collectionId).toBe(mine.id);
    expect(await store.documents.get(document.id)).not.toBeNull();
  });
});

describe("documents that cannot be read", () => {
  test("C4: a poisoned file fails alone, with a reason; the others go on", async () => {
    await using house = await openTestHouse();
    const bad = {
      "empty.txt": Buffer.alloc(0),
      "broken.pdf": Buffer.from("%PDF-1.7\nnothing of the sort"),
      "broken.docx": Buffer.from("PK\u0003\u0004 not a zip at all", "latin1"),
      "program.exe": Buffer.from([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0xff, 0xff, 0, 0]),
    };
    const good = await Promise.all(
      [1, 2, 3, 4].map((number) => house.upload(`good-${number}.txt`, `Good text number ${number}.`)),
    );
    const broken = await Promise.all(Object.entries(bad).map(([name, bytes]) => house.upload(name, bytes)));
    for (const { document } of good) expect(await house.settled(document.id)).toMatchObject({ status: "ready" });
    for (const { document } of broken) {
      const { status, error } = await house.settled(document.id);
      expect({ name: document.name, status, code: error?.code }).toEqual({
        name: document.name,
        status: "failed",
        code: expect.stringMatching(/^document_(empty|corrupt|format_unsupported|no_text)$/),
      });
      expect(error!.detail).toMatch(/^[A-Z“].{10,}\.$/s);
      expect(error!.detail).not.toContain("at ");
    }
  });

  test("C6: when embedding fails the document is failed, never ready", async () => {
    await using house = await openTestHouse();
    house.models.failWith = new AppError("model_invalid", "The model cannot be used.");
    const { document } = await house.upload("a.txt", "Some text.");
    expect(await house.settled(document.id)).toMatchObject({ status: "failed", error: { code: "model_invalid" } });
    await house.idle();
    const query = { query: "text", limit: 5, mode: "lexical", explain: false } as const;
    expect((await house.platform.assistant.search(LOCAL_ACTOR, query)).results).toEqual([]);
    house.models.failWith = null;
    await house.platform.library.reprocess(LOCAL_ACTOR, document.id);
    expect(await house.settled(document.id)).toMatchObject({ status: "ready", error: null });
  });
});

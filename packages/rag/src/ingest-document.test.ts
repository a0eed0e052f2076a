import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import type { DocumentId, Stage } from "@lorekeep/core";
import { ingestDocument } from "./ingest-document.ts";
import type { IngestDeps } from "./ingest-document.ts";
import { CHUNKS_MEDIA_TYPE } from "./read-chunks.ts";
import { hashEmbedder } from "@lorekeep/core/testing";
import { openTestHouse } from "./testing/house.ts";
import type { TestHouse } from "./testing/house.ts";

const HANDBOOK = `# Kestrel pump\n\nThe Kestrel pump moves 40 litres a minute.\n\n## Service\n\nIt is serviced every 400 operating hours. ${"The crew writes each service into the log book. ".repeat(6)}\n\n## 保养\n\n水泵每运行400小时保养一次。`;

let embedder = hashEmbedder();
let house: TestHouse;
beforeEach(async () => {
  embedder = hashEmbedder();
  house = await openTestHouse({ embedders: [embedder] });
});
afterEach(() => house.close());

/** What must not depend on how often or how brokenly the pipeline ran: everything but generated ids and row numbers. */
async function stateOf(id: DocumentId, house: TestHouse) {
  const document = (await house.store.documents.get(id))!;
  const chunks = await house.store.passages.listChunks(id, { limit: 100 });
  const collection = (await house.store.collections.get(document.collectionId))!;
  const hits = await house.store.passages.keywordSearch({
    generationIds: [collection.generationId],
    query: "service",
    limit: 100,
  });
  return {
    status: document.status,
    error: document.error,
    title: document.title,
    language: document.language,
    chunkCount: document.chunkCount,
    stages: document.stages.map(({ name }) => name),
    chunks: chunks.items.map(({ text, span, headings, page, contentHash }) => ({
      text,
      span,
      headings,
      page,
      contentHash,
    })),
    pages: await house.store.passages.readPages(id, { from: 0, limit: 100 }),
    vectorCount: await house.store.vectors.countVectors(collection.generationId),
    keywordHits: hits.length,
  };
}

describe("the write path", () => {
  test("ends ready, with pages, chunks and vectors that a search finds", async () => {
    const collection = await house.makeCollection();
    const document = await house.add({ collection, text: HANDBOOK });
    const state = await stateOf(document.id, house);
    expect(state).toMatchObject({
      status: "ready",
      error: null,
      stages: ["parse", "chunk", "embed", "store", "index"],
    });
    expect(state.vectorCount).toBe(state.chunks.length);
    expect(state.keywordHits).toBeGreaterThan(0);
    expect(house.index.refreshed).toEqual([collection.generationId]);
  });

  test("H5: no chunk is longer than the collection allows, in the embedder's own tokens, and none is cut", async () => {
    const collection = await house.makeCollection();
    const document = await house.add({ collection, text: HANDBOOK });
    const { items } = await house.store.passages.listChunks(document.id, { limit: 100 });
    const counts = await embedder.countTokens(items.map(({ text }) => text));
    expect(Math.max(...counts)).toBeLessThanOrEqual(collection.chunking.maxTokens);
    expect(embedder.embeddedTexts.map((text) => items.findIndex((item) => text.endsWith(item.text)))).toEqual(
      items.map((_, at) => at),
    );
    expect(Math.max(...(await embedder.countTokens(embedder.embeddedTexts)))).toBeLessThanOrEqual(embedder.maxTokens);
    const text = await house.store.passages.readText(document.id, 0, 100_000);
    for (const chunk of items) if (chunk.header === null) expect(text.slice(...chunk.span)).toBe(chunk.text);
  });

  test("a second run changes nothing and embeds nothing", async () => {
    const collection = await house.makeCollection();
    const document = await house.add({ collection, text: HANDBOOK });
    const before = await stateOf(document.id, house);
    const embedded = embedder.embeddedTexts.length;
    const again = await ingestDocument({ documentId: document.id }, house.ingestDeps);
    expect(again).toMatchObject({ outcome: "ready", embeddedCount: 0 });
    expect(embedder.embeddedTexts).toHaveLength(embedded);
    expect(await stateOf(document.id, house)).toEqual(before);
  });

  test("D2: a new version answers instead of the old one, and only its changed chunks are embedded", async () => {
    const collection = await house.makeCollection();
    const first = await house.add({ collection, text: HANDBOOK });
    const embedded = embedder.embeddedTexts.length;
    const second = await house.add({ collection, text: HANDBOOK.replace("40 litres", "55 litres") });
    expect(second.id).toBe(first.id);
    expect(embedder.embeddedTexts.slice(embedded)).toHaveLength(1);
    const text = await house.store.passages.readText(second.id, 0, 100_000);
    expect(text).toContain("55 litres");
    expect(text).not.toContain("40 litres");
  });

  test("equal chunks inside one document are embedded once", async () => {
    const collection = await house.makeCollection();
    const rule =
      "Wear goggles and gloves whenever the tank is open, and vent the room for ten minutes before you climb in.";
    await house.add({ collection, text: `# A\n\n${rule}\n\n# B\n\n${rule}` });
    expect(new Set(embedder.embeddedTexts).size).toBe(embedder.embeddedTexts.length);
  });

  test("H4: pre-chunked input is taken as it is, with its pages", async () => {
    const collection = await house.makeCollection();
    const chunks = [{ text: "First piece.", page: 3 }, { text: "第二段。" }];
    const document = await house.add({ collection, text: JSON.stringify({ chunks }), mediaType: CHUNKS_MEDIA_TYPE });
    const { items } = await house.store.passages.listChunks(document.id, { limit: 10 });
    expect(items.map(({ text, page }) => ({ text, page }))).toEqual([
      { text: "First piece.", page: 3 },
      { text: "第二段。", page: null },
    ]);
  });

  test("progress is told as it happens and written at most four times a second within a stage", async () => {
    const collection = await house.makeCollection();
    const document = await house.admit({
      collection,
      text: `# Log\n\n${Array.from({ length: 400 }, (_, n) => `Entry number ${n} says that the pump ran well and was cleaned after the shift by the crew of hall ${n}.`).join("\n\n")}`,
    });
    const heard: Stage[] = [];
    let writes = 0;
    const documents = watch(house.ingestDeps.documents, (name) => (writes += name === "setStages" ? 1 : 0));
    await ingestDocument(
      { documentId: document.id },
      { ...house.ingestDeps, documents },
      { progress: (stage) => heard.push(stage) },
    );
    expect(heard.filter((stage) => stage === "embed").length).toBeGreaterThan(4);
    // The clock stands still: one write when a stage opens, one when it ends.
    expect(writes).toBe(10);
  });
});

describe("failures", () => {
  const failing =
    (message: string): IngestDeps["embedderFor"] =>
    async () => ({
      ...embedder,
      embed: async () => {
        throw new AppError("model_failed", message);
      },
    });

  test("C6: when embedding fails the document is failed with a code and a reason, never ready", async () => {
    const collection = await house.makeCollection();
    const document = await house.admit({ collection, text: HANDBOOK });
    const run = ingestDocument(
      { documentId: document.id },
      { ...house.ingestDeps, embedderFor: failing("The model ran out of memory.") },
    );
    await expect(run).rejects.toMatchObject({ code: "model_failed" });
    expect(await house.store.documents.get(document.id)).toMatchObject({
      status: "failed",
      error: { code: "model_failed", detail: "The model ran out of memory." },
      chunkCount: 0,
    });
  });

  test("C6: a vector that is no vector fails the document too", async () => {
    const collection = await house.makeCollection();
    const document = await house.admit({ collection, text: HANDBOOK });
    const broken = {
      ...embedder,
      embed: async (texts: readonly string[]) => texts.map(() => new Float32Array(64).fill(Number.NaN)),
    };
    const run = ingestDocument({ documentId: document.id }, { ...house.ingestDeps, embedderFor: async () => broken });
    await expect(run).rejects.toMatchObject({ code: "model_failed" });
    expect((await house.store.documents.get(document.id))?.status).toBe("failed");
  });

  test("C6: a failed new version leaves the old one answering", async () => {
    const collection = await house.makeCollection();
    await house.add({ collection, text: HANDBOOK });
    const next = await house.admit({ collection, text: HANDBOOK.replace("40 litres", "55 litres") });
    await expect(
      ingestDocument({ documentId: next.id }, { ...house.ingestDeps, embedderFor: failing("no") }),
    ).rejects.toMatchObject({ code: "model_failed" });
    expect(await house.store.passages.readText(next.id, 0, 100_000)).toContain("40 litres");
  });

  test("a model that is not the one the collection was indexed with is refused", async () => {
    const collection = await house.makeCollection();
    const document = await house.admit({ collection, text: HANDBOOK });
    const other = hashEmbedder({ fingerprint: "hash-64@2" });
    const run = ingestDocument({ documentId: document.id }, { ...house.ingestDeps, embedderFor: async () => other });
    await expect(run).rejects.toMatchObject({ code: "conflict" });
  });

  test("an unexpected error becomes a sentence without its stack", async () => {
    const collection = await house.makeCollection();
    const document = await house.admit({ collection, text: HANDBOOK });
    const parser = { parse: async () => Promise.reject(new TypeError("undefined is not a function at secret.ts:1")) };
    await expect(ingestDocument({ documentId: document.id }, { ...house.ingestDeps, parser })).rejects.toMatchObject({
      code: "unexpected",
    });
    expect((await house.store.documents.get(document.id))?.error?.detail).not.toContain("secret");
  });

  test("stopping puts the document back to queued", async () => {
    const collection = await house.makeCollection();
    const document = await house.admit({ collection, text: HANDBOOK });
    const stop = new AbortController();
    const run = ingestDocument({ documentId: document.id }, house.ingestDeps, {
      signal: stop.signal,
      progress: () => stop.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: "aborted" });
    expect((await house.store.documents.get(document.id))?.status).toBe("queued");
  });

  test("a document that is deleted, or gets newer bytes, meanwhile ends the run quietly", async () => {
    const collection = await house.makeCollection();
    const gone = await house.admit({ collection, text: HANDBOOK, name: "a.md" });
    const replaced = await house.admit({ collection, text: HANDBOOK, name: "b.md" });
    const during = (act: () => Promise<unknown>): IngestDeps => ({
      ...house.ingestDeps,
      embedderFor: async () => ({
        ...embedder,
        embed: async (texts, options) => (await act(), embedder.embed(texts, options)),
      }),
    });
    const deleting = during(() => house.store.documents.delete(gone.id));
    expect(await ingestDocument({ documentId: gone.id }, deleting)).toEqual({ outcome: "gone" });
    expect(await ingestDocument({ documentId: gone.id }, house.ingestDeps)).toEqual({ outcome: "gone" });
    const replacing = during(() => house.admit({ collection, text: "newer", name: "b.md" }));
    expect(await ingestDocument({ documentId: replaced.id }, replacing)).toEqual({ outcome: "gone" });
    expect((await house.store.documents.get(replaced.id))?.status).not.toBe("ready");
  });
});

describe("killed between any two calls of a port", () => {
  test("a re-run ends in the state of an undisturbed run", async () => {
    const collection = await house.makeCollection();
    const undisturbed = await house.add({ collection, text: HANDBOOK });
    const expected = await stateOf(undisturbed.id, house);
    let killed = 0;
    for (let calls = 0; ; calls++) {
      const own = hashEmbedder();
      const fresh = await openTestHouse({ embedders: [own] });
      const document = await fresh.admit({ collection: await fresh.makeCollection(), text: HANDBOOK });
      const finished = await runUntilKilled(document.id, fresh, calls);
      if (!finished) killed++;
      await ingestDocument({ documentId: document.id }, fresh.ingestDeps);
      expect(await stateOf(document.id, fresh)).toEqual(expected);
      // Vectors that were stored before the kill are not made again.
      expect(own.embeddedTexts.length).toBeLessThanOrEqual(2 * expected.chunks.length);
      await fresh.close();
      if (finished) break;
    }
    expect(killed).toBeGreaterThan(15);
  });

  test("B2: what was embedded and staged before the kill is not embedded again", async () => {
    const collection = await house.makeCollection();
    const document = await house.admit({ collection, text: HANDBOOK });
    const versions = watch(house.ingestDeps.versions, (name) => {
      if (name === "publish") throw new Killed();
    });
    const dead = watch(house.ingestDeps.documents, (name) => {
      if (name === "setStatus" && embedder.embeddedTexts.length > 0) throw new Killed();
    });
    await expect(
      ingestDocument({ documentId: document.id }, { ...house.ingestDeps, versions, documents: dead }),
    ).rejects.toBeInstanceOf(Killed);
    const embedded = embedder.embeddedTexts.length;
    await ingestDocument({ documentId: document.id }, house.ingestDeps);
    expect(embedder.embeddedTexts).toHaveLength(embedded);
  });
});

class Killed extends Error {}

/** Every call of every port counts; the one after `calls` of them, and all later ones, never happen. True when all fitted. */
async function runUntilKilled(documentId: DocumentId, house: TestHouse, calls: number): Promise<boolean> {
  let made = 0;
  let isDead = false;
  const count = (): void => {
    if (isDead || made++ >= calls) {
      isDead = true;
      throw new Killed();
    }
  };
  const { documents, versions, collections, blobs, parser, index, embedderFor } = house.ingestDeps;
  const deps: IngestDeps = {
    ...house.ingestDeps,
    documents: watch(documents, count),
    versions: watch(versions, count),
    collections: watch(collections, count),
    blobs: watch(blobs, count),
    parser: watch(parser, count),
    index: watch(index, count),
    embedderFor: async (name) => watch(await embedderFor(name), count),
  };
  try {
    await ingestDocument({ documentId }, deps);
    return true;
  } catch (error) {
    if (!isDead) throw error;
    return false;
  }
}

/** The port with `before` called first in each of its methods. */
function watch<Port extends object>(port: Port, before: (name: string) => void): Port {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        before(String(name));
        return (value as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

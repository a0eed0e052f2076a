import { expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "./access.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";

const SENTENCES = Array.from({ length: 60 }, (_, at) => `Rule ${at} says that gate ${at} opens at ${at + 3} o'clock.`);

test("H1: each collection cuts its documents in its own size, and a change cuts them anew in the background", async () => {
  await using house = await openTestHouse();
  const { library, store, assistant } = house.platform;
  const small = { maxTokens: 60, overlapTokens: 0 };
  const coarse = await library.createCollection(LOCAL_ACTOR, { name: "Coarse" });
  const fine = await library.createCollection(LOCAL_ACTOR, { name: "Fine", chunking: small });
  for (const { id } of [coarse, fine]) {
    const { document } = await house.upload("rules.txt", SENTENCES.join(" "), id);
    await house.settled(document.id);
  }
  await house.idle();
  const countOf = async (id: typeof coarse.id): Promise<number> => (await store.collections.get(id))!.chunkCount;
  const before = { coarse: await countOf(coarse.id), fine: await countOf(fine.id) };
  expect(before.fine).toBeGreaterThan(before.coarse);

  const find = async (): Promise<number> => {
    const request = { query: "gate 41", limit: 3, mode: "lexical" as const, explain: false, collections: [coarse.id] };
    return (await assistant.search(LOCAL_ACTOR, request)).results.length;
  };
  await library.updateCollection(LOCAL_ACTOR, coarse.id, { chunking: small });
  const found: number[] = [];
  await waitUntil(
    async () => {
      found.push(await find());
      const { chunking, nextGenerationId } = (await store.collections.get(coarse.id))!;
      return chunking.maxTokens === small.maxTokens && nextGenerationId === null;
    },
    { what: "the new cut to serve", timeoutMs: 60_000 },
  );
  // It answered all the while, without a second upload, and the other collection stayed as it was.
  expect(found.every((count) => count > 0)).toBe(true);
  expect(await countOf(coarse.id)).toBe(before.fine);
  expect(await countOf(fine.id)).toBe(before.fine);
});

test("H1: what a chunking would make of a document is shown before it is chosen, and is what it then makes", async () => {
  await using house = await openTestHouse();
  const { library, store } = house.platform;
  const { document } = await house.upload("rules.txt", SENTENCES.join(" "));
  await house.settled(document.id);
  const preview = (chunking: { maxTokens: number; overlapTokens: number }) =>
    library.previewChunks(LOCAL_ACTOR, document.id, { chunking });
  const small = await preview({ maxTokens: 60, overlapTokens: 0 });
  const lapped = await preview({ maxTokens: 60, overlapTokens: 20 });
  expect(small.items[0]).toMatchObject({ ordinal: 0, page: null, overlap: 0 });
  expect(small.items.every(({ tokenCount, overlap }) => tokenCount <= 60 && overlap === 0)).toBe(true);
  expect(lapped.total).toBeGreaterThan(small.total);
  expect(lapped.items[1]!.overlap).toBeGreaterThan(0);
  const { id, chunkCount } = (await store.collections.get(document.collectionId))!;
  expect(chunkCount).not.toBe(small.total);
  await expect(preview({ maxTokens: 60, overlapTokens: 50 })).rejects.toMatchObject({ code: "request_invalid" });

  await library.updateCollection(LOCAL_ACTOR, id, { chunking: { maxTokens: 60, overlapTokens: 0 } });
  await waitUntil(async () => (await store.collections.get(id))!.chunkCount === small.total, {
    what: "the chunks that were shown",
    timeoutMs: 60_000,
  });
  const texts = (await store.passages.listChunks(document.id, { limit: 20 })).items.map(({ text }) => text);
  expect(texts).toEqual(small.items.map(({ text }) => text).slice(0, texts.length));
});

/**
 * Many uploads at once on a real server with its real queue, parsers and embedder: everything is accepted and nothing is lost,
 * and the lists answer all the while. 200 small files, so that the suite stays quick; the same holds for 1,000.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { everyItem } from "@lorekeep/client";
import { waitUntil } from "@lorekeep/core/testing";
import { API_KEY, startHouse, type House } from "./house.ts";

const FILES = 200;
/** More than any machine's share of workers; far less than what waits. */
const MAX_AT_WORK = 16;

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
});

async function upload(collection: string, at: number): Promise<string> {
  const form = new FormData();
  form.append("collection", collection);
  form.append("file", new Blob([`Shed ${at} holds ${at * 3} bolts and is painted green.`]), `shed-${at}.txt`);
  const headers = { authorization: `Bearer ${API_KEY}` };
  const response = await fetch(`${house.url}/api/v1/documents`, { method: "POST", headers, body: form });
  expect(response.status).toBe(202);
  const { items } = (await response.json()) as { items: { id: string }[] };
  return items[0]!.id;
}

/** Looks at the lists again and again until told to stop, as an open page does. */
async function watchLists(collection: string, stop: AbortSignal): Promise<{ looks: number; mostAtWork: number }> {
  let looks = 0;
  let mostAtWork = 0;
  while (!stop.aborted) {
    const [documents, working] = await Promise.all([
      house.client.documents.list({ collection, limit: 50 }),
      house.client.documents.list({ collection, status: "processing", limit: 100 }),
    ]);
    expect(documents.items.length).toBeLessThanOrEqual(50);
    mostAtWork = Math.max(mostAtWork, working.items.length);
    looks += 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { looks, mostAtWork };
}

async function everyDocument(collection: string) {
  const found = [];
  for await (const each of everyItem((cursor) => house.client.documents.list({ collection, limit: 100, cursor })))
    found.push(each);
  return found;
}

test(`C5 ${FILES} uploads at once are all accepted, none is lost or made twice, and the lists answer all the while`, async () => {
  const { id: collection } = await house.client.collections.create({ name: "Sheds" });
  const stop = new AbortController();
  const watching = watchLists(collection, stop.signal);
  const ids = await Promise.all(Array.from({ length: FILES }, (_, at) => upload(collection, at)));
  expect(new Set(ids).size).toBe(FILES);

  const settled = await waitUntil(
    async () => {
      const found = await everyDocument(collection);
      expect(found).toHaveLength(FILES);
      return found.every(({ status }) => status === "ready" || status === "failed") ? found : null;
    },
    { what: "all documents to be read", timeoutMs: 280_000, everyMs: 1_000 },
  );
  stop.abort();
  const { looks, mostAtWork } = await watching;
  expect(settled.filter(({ status }) => status !== "ready")).toEqual([]);
  expect(new Set(settled.map(({ id }) => id))).toEqual(new Set(ids));
  expect(looks).toBeGreaterThan(5);
  expect(mostAtWork).toBeLessThanOrEqual(MAX_AT_WORK);

  // In the order in which they came, whichever way the list runs.
  const times = settled.map(({ createdAt }) => createdAt);
  const sorted = [...times].sort();
  expect([sorted, [...sorted].reverse()]).toContainEqual(times);
  const { results } = await house.client.search({ query: `Shed ${FILES - 1} bolts`, collections: [collection] });
  expect(results[0]?.text).toContain(`${(FILES - 1) * 3} bolts`);
});

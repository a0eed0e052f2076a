import { expect, test } from "vitest";
import { ClientError, createClient, everyItem } from "./index.ts";

type Call = { url: string; init: RequestInit };

function fakeFetch(answer: (call: Call) => Response): { calls: Call[]; fetch: typeof globalThis.fetch } {
  const calls: Call[] = [];
  return {
    calls,
    fetch: async (input, init) => {
      const call = { url: input as string, init: init ?? {} };
      calls.push(call);
      return answer(call);
    },
  };
}
const problem = {
  type: "about:blank",
  title: "Too many requests",
  status: 429,
  code: "rate_limited",
  detail: "Try again in 3 s.",
  requestId: "r1",
};

test("sends the key, escapes ids and leaves absent query values out", async () => {
  const { calls, fetch } = fakeFetch(() => Response.json({ items: [], nextCursor: null }));
  const client = createClient({ baseUrl: "http://x:1/", apiKey: "lk_secret", fetch });
  await client.documents.list({ collection: "手册 & co", status: undefined as never });
  await client.documents.chunks("../../etc/passwd");
  expect(calls.map((call) => call.url)).toEqual([
    "http://x:1/api/v1/documents?collection=%E6%89%8B%E5%86%8C+%26+co",
    "http://x:1/api/v1/documents/..%2F..%2Fetc%2Fpasswd/chunks",
  ]);
  expect(new Headers(calls[0]?.init.headers).get("authorization")).toBe("Bearer lk_secret");
});

test("turns problem details into a ClientError with its fields", async () => {
  const { fetch } = fakeFetch(() => Response.json(problem, { status: 429, headers: { "retry-after": "3" } }));
  const client = createClient({ baseUrl: "", fetch });
  const error = await client.search({ query: "q" }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ClientError);
  expect(error).toMatchObject({ status: 429, code: "rate_limited", requestId: "r1", retryAfterSeconds: 3 });
});

test("says that the server is unreachable, and keeps an abort an abort", async () => {
  const client = createClient({ baseUrl: "http://127.0.0.1:9", fetch: () => Promise.reject(new TypeError("refused")) });
  await expect(client.overview()).rejects.toMatchObject({ code: "unreachable", status: 0 });
  const signal = AbortSignal.abort();
  await expect(client.overview({ signal })).rejects.toThrow("refused");
});

test("survives an answer that is not problem details", async () => {
  const { fetch } = fakeFetch(() => new Response("<html>bad gateway", { status: 502, statusText: "Bad Gateway" }));
  const client = createClient({ baseUrl: "", fetch });
  await expect(client.overview()).rejects.toMatchObject({ status: 502, code: "unexpected", requestId: null });
});

test("uploads each file with its fields before its bytes, and goes on after a refusal", async () => {
  let count = 0;
  const { calls, fetch } = fakeFetch(() => {
    count += 1;
    if (count === 1) return Response.json({ ...problem, status: 413, code: "request_too_large" }, { status: 413 });
    return Response.json({ items: [{ id: "doc_1", name: "手册.txt", status: "queued" }] }, { status: 202 });
  });
  const client = createClient({ baseUrl: "", fetch });
  const refused: string[] = [];
  const progress: number[] = [];
  const result = await client.documents.upload(
    [
      { name: "big.bin", blob: new Blob(["12345"]) },
      { name: "手册.txt", blob: new Blob(["123"]) },
    ],
    {
      collection: "c",
      metadata: { a: 1 },
      onError: (file) => refused.push(file.name),
      onProgress: (done) => progress.push(done.bytes),
    },
  );
  expect(result.items).toHaveLength(1);
  expect(refused).toEqual(["big.bin"]);
  expect(progress).toEqual([5, 8]);
  const form = calls[1]?.init.body as FormData;
  expect([...form.keys()]).toEqual(["collection", "metadata", "file"]);
  expect((form.get("file") as File).name).toBe("手册.txt");
});

test("waits as long as a busy server asks before it sends a file again", async () => {
  let count = 0;
  const { fetch } = fakeFetch(() => {
    count += 1;
    return count === 1
      ? Response.json(problem, { status: 429, headers: { "retry-after": "0" } })
      : Response.json({ items: [{ id: "doc_1", name: "a", status: "queued" }] }, { status: 202 });
  });
  const client = createClient({ baseUrl: "", fetch });
  const { items } = await client.documents.upload([{ name: "a", blob: new Blob(["1"]) }]);
  expect([items.length, count]).toEqual([1, 2]);
});

test("walks every page", async () => {
  const pages = new Map([
    [undefined, { items: [1, 2], nextCursor: "b" }],
    ["b", { items: [3], nextCursor: null }],
  ]);
  const seen: number[] = [];
  for await (const item of everyItem(async (cursor) => pages.get(cursor as undefined)!)) seen.push(item);
  expect(seen).toEqual([1, 2, 3]);
});

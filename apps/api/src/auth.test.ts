import { afterAll, beforeAll, expect, test } from "vitest";
import { chatResponseSchema, createdApiKeySchema, apiKeyListSchema, newId, problemSchema } from "@lorekeep/core";
import { authenticate, SESSION_COOKIE } from "./auth.ts";
import { hashPassword, verifyPassword } from "./credentials.ts";
import { makeCollection } from "./testing/fake-library.ts";
import { makeDocument } from "./testing/fake-library.ts";
import { ENVIRONMENT_KEY, startTestServer, type TestServer } from "./testing/start-test-server.ts";

let house: TestServer;
let cookie: string;
beforeAll(async () => {
  house = await startTestServer({ limits: { requestsPerMinute: 100_000, jsonBytes: 100_000, sessionDays: 30 } });
  cookie = await house.signIn();
});
afterAll(() => house[Symbol.asyncDispose]());

const status = async (response: Promise<Response>) => (await response).status;
const list = (headers: Record<string, string>) => status(house.call("GET", "/api/v1/jobs", { key: null, headers }));
const write = (headers: Record<string, string>) =>
  status(house.call("POST", "/api/v1/reindex", { key: null, headers }));

test("S6 only two doors open: a bearer key and the session cookie", async () => {
  expect(await list({ authorization: `Bearer ${ENVIRONMENT_KEY}` })).toBe(200);
  expect(await list({ cookie })).toBe(200);
  for (const headers of [
    { "x-api-key": ENVIRONMENT_KEY },
    { "api-key": ENVIRONMENT_KEY },
    { authorization: `Basic ${Buffer.from(`:${ENVIRONMENT_KEY}`).toString("base64")}` },
    { authorization: ENVIRONMENT_KEY },
    { authorization: "Bearer" },
    { authorization: "Bearer null" },
    { authorization: "Bearer undefined" },
    { authorization: `Bearer ${ENVIRONMENT_KEY}x` },
    { authorization: `Bearer lk_${"a".repeat(5000)}` },
    { cookie: `${SESSION_COOKIE}=` },
    { cookie: `${SESSION_COOKIE}=null` },
    { cookie: `other=${cookie.split("=")[1]}` },
  ] as Record<string, string>[])
    expect(await list(headers), JSON.stringify(headers)).toBe(401);
  const inQuery = house.call("GET", `/api/v1/jobs?api_key=${ENVIRONMENT_KEY}&key=${ENVIRONMENT_KEY}`, { key: null });
  expect(await status(inQuery)).toBe(401);
});

test("S6 a wrong bearer is not forgiven by a good cookie", async () => {
  expect(await list({ cookie, authorization: "Bearer lk_wrong" })).toBe(401);
});

test("a write with the cookie must come from our own origin", async () => {
  expect(await write({ cookie, origin: house.url })).toBe(202);
  expect(await write({ cookie, "sec-fetch-site": "same-origin" })).toBe(202);
  expect(await write({ cookie })).toBe(403);
  expect(await write({ cookie, origin: "http://evil.example" })).toBe(403);
  expect(await write({ cookie, origin: "null" })).toBe(403);
  expect(await write({ cookie, origin: `${house.url}0` })).toBe(403);
  expect(await write({ cookie, "sec-fetch-site": "same-site" })).toBe(403);
});

test("a key needs no origin", async () => {
  expect(await status(house.call("POST", "/api/v1/reindex", { headers: { origin: "http://other.example" } }))).toBe(
    202,
  );
});

test("L3 a key of one collection sees nothing of the others, whatever the way", async () => {
  const { rows } = house.platform;
  const mine = makeCollection(rows, "mine");
  const theirs = makeCollection(rows, "theirs");
  const secret = makeDocument(theirs.id, { name: "secret.txt", status: "ready" });
  const open = makeDocument(mine.id, { name: "open.txt", status: "ready" });
  rows.documents.set(secret.id, secret).set(open.id, open);
  const chunkId = newId("chunk");
  const chunk = {
    ordinal: 0,
    text: "hidden",
    span: [0, 6] as const,
    page: null,
    pageEnd: null,
    headings: [],
    header: null,
  };
  const place = { documentId: secret.id, collectionId: theirs.id, versionId: newId("version") };
  rows.chunks.push({ ...chunk, ...place, id: chunkId, seq: 1, tokenCount: 1, contentHash: "" });
  const key = await house.makeKey(["search", "ingest"], { collectionIds: [mine.id] });
  const get = (path: string) => house.call("GET", `/api/v1${path}`, { key });

  for (const path of [
    `/documents/${secret.id}`,
    `/documents/${secret.id}/chunks`,
    `/documents/${secret.id}/text`,
    `/documents/${secret.id}/file`,
    `/documents/${secret.id}/events`,
    `/chunks/${chunkId}`,
    `/collections/${theirs.id}`,
    "/collections/theirs",
    `/documents?collection=${theirs.id}`,
  ])
    expect(await status(get(path)), path).toBe(404);
  expect(await status(house.call("DELETE", `/api/v1/documents/${secret.id}`, { key }))).toBe(404);
  const upload = { collection: theirs.id, text: "x" };
  expect(await status(house.call("POST", "/api/v1/documents", { key, json: upload }))).toBe(404);
  expect(await (await get("/documents")).json()).toMatchObject({ items: [{ id: open.id }] });
  expect(await (await get("/collections")).json()).toMatchObject({ items: [{ name: "mine" }] });
});

test("L3 a key is made with rights, collections and an end, shows its secret once, and dies when revoked", async () => {
  const collection = makeCollection(house.platform.rows, "keyed");
  const request = { name: "<b>ci</b>", scopes: ["search"], collections: ["keyed"], expiresAt: "2999-01-01T00:00:00Z" };
  const created = createdApiKeySchema.parse(await (await house.call("POST", "/api/v1/keys", { json: request })).json());
  expect(created).toMatchObject({ collectionIds: [collection.id], scopes: ["search"], lastUsedAt: null });
  const search = () => status(house.call("POST", "/api/v1/search", { key: created.secret, json: { query: "q" } }));
  expect(await search()).toBe(200);
  const shown = await (await house.call("GET", "/api/v1/keys")).text();
  expect(shown).not.toContain(created.secret);
  const row = apiKeyListSchema.parse(JSON.parse(shown)).items.find((key) => key.id === created.id);
  expect(row?.lastUsedAt).not.toBeNull();
  expect(await status(house.call("DELETE", `/api/v1/keys/${created.id}`))).toBe(204);
  expect(await search()).toBe(401);
  expect(await status(house.call("DELETE", `/api/v1/keys/${created.id}`))).toBe(404);
});

test("L3 a key past its end opens nothing, and none is made with an end in the past", async () => {
  const key = await house.makeKey(["search"], { expiresAt: "2020-01-01T00:00:00.000Z" });
  expect(await status(house.call("POST", "/api/v1/search", { key, json: { query: "q" } }))).toBe(401);
  const past = { name: "x", scopes: ["search"], expiresAt: "2020-01-01T00:00:00Z" };
  expect(await status(house.call("POST", "/api/v1/keys", { json: past }))).toBe(400);
});

test("L3 a key that may do everything cannot be said to be limited to a collection", async () => {
  const json = { name: "x", scopes: ["admin"], collections: ["mine"] };
  expect(await status(house.call("POST", "/api/v1/keys", { json }))).toBe(400);
});

test("a conversation of another key does not exist", async () => {
  const [one, two] = [await house.makeKey(["chat"]), await house.makeKey(["chat"])];
  const asked = await house.call("POST", "/api/v1/chat", { key: one, json: { question: "q", stream: false } });
  const path = `/api/v1/conversations/${chatResponseSchema.parse(await asked.json()).conversationId}`;
  expect(await status(house.call("GET", path, { key: one }))).toBe(200);
  expect(await status(house.call("GET", path, { key: two }))).toBe(404);
  expect(await status(house.call("PATCH", path, { key: two, json: { title: "t" } }))).toBe(404);
  expect(await status(house.call("DELETE", path, { key: two }))).toBe(404);
  expect(await status(house.call("DELETE", path, { key: one }))).toBe(204);
});

test("nothing of a body is read before the caller is known", async () => {
  let pulled = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulled += 1;
      if (pulled > 5) controller.close();
      else controller.enqueue(new Uint8Array(10));
    },
  });
  const options = { key: null, body, duplex: "half" } as Parameters<TestServer["call"]>[2];
  const response = await fetch(`${house.url}/api/v1/documents`, { method: "POST", ...(options as RequestInit) });
  expect(problemSchema.parse(await response.json()).code).toBe("unauthenticated");
  expect(house.platform.bytes.size).toBe(0);
});

test("passwords are salted, slow and compared whole; no stored hash fits an unknown user", async () => {
  const hash = await hashPassword("correct horse");
  expect(hash).toMatch(/^scrypt\$32768\$8\$/);
  expect(await hashPassword("correct horse")).not.toBe(hash);
  expect(await verifyPassword("correct horse", hash)).toBe(true);
  expect(await verifyPassword("correct hors", hash)).toBe(false);
  expect(await verifyPassword("", null)).toBe(false);
  expect(await verifyPassword("x", "plain$x")).toBe(false);
});

test("authenticate asks no database for what cannot be a key", async () => {
  let asked = 0;
  const accounts = { ...house.platform.store.accounts, findKey: async () => ((asked += 1), null) };
  const config = { apiKey: null, limits: house.platform.config.limits };
  const request = { headers: { authorization: "Bearer not-ours" } } as Parameters<typeof authenticate>[0];
  expect(await authenticate(request, { accounts, config, now: () => new Date() })).toBeNull();
  expect(asked).toBe(0);
});

import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chatResponseSchema, conversationDetailSchema, problemSchema, stopResponseSchema } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { createClient } from "@lorekeep/client";
import type { ChatEvent } from "@lorekeep/core";
import { ENVIRONMENT_KEY, startTestServer, type TestServer } from "../testing/start-test-server.ts";

let house: TestServer;
beforeAll(async () => {
  house = await startTestServer();
});
afterAll(() => house[Symbol.asyncDispose]());

const ask = (json: unknown, signal?: AbortSignal) =>
  house.call("POST", "/api/v1/chat", { json, ...(signal === undefined ? {} : { signal }) });

async function collect(question: string): Promise<ChatEvent[]> {
  const client = createClient({ baseUrl: house.url, apiKey: ENVIRONMENT_KEY });
  const events: ChatEvent[] = [];
  for await (const event of client.chat({ question })) events.push(event);
  return events;
}

test("streams the events of an answer as they are, each with its name", async () => {
  const response = await ask({ question: "what" });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
  expect(response.headers.get("content-encoding")).toBeNull();
  const names = [...(await response.text()).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  expect(names).toEqual(["conversation", "passages", "text-delta", "text-delta", "citations", "end"]);
});

test("the client reads what the server writes", async () => {
  const events = await collect("你好");
  expect(events.find((event) => event.type === "citations")).toMatchObject({ text: "你好" });
  expect(events.at(-1)).toMatchObject({ type: "end", usage: { promptTokens: 3, completionTokens: 2 } });
});

test("a refusal is an event, then the end", async () => {
  expect((await collect("refuse")).slice(-2).map((event) => event.type)).toEqual(["refusal", "end"]);
});

test("without stream the answer is one value, refused or not", async () => {
  const answer = chatResponseSchema.parse(await (await ask({ question: "what", stream: false })).json());
  expect(answer).toMatchObject({ answer: "what", refused: false, model: "fake", usage: { completionTokens: 2 } });
  const refusal = chatResponseSchema.parse(await (await ask({ question: "refuse", stream: false })).json());
  expect(refusal).toMatchObject({ refused: true, reason: "nothing_found", suggestions: ["pumps"], citations: [] });
});

test("what cannot begin is a status; what fails later is the stream's last event", async () => {
  const busy = await ask({ question: "cannot begin" });
  expect([busy.status, problemSchema.parse(await busy.json()).code]).toEqual([503, "model_busy"]);
  const events = await collect("fail");
  expect(events.at(-1)).toEqual({ type: "error", code: "model_failed", detail: "The model gave up." });
  const plain = await ask({ question: "fail", stream: false });
  expect([plain.status, problemSchema.parse(await plain.json()).code]).toEqual([502, "model_failed"]);
});

test("S11 a body that is no question is refused", async () => {
  for (const json of [
    {},
    { question: "" },
    { question: 3 },
    { question: "x".repeat(9000) },
    { question: "q", evil: 1 },
    [],
  ])
    expect((await ask(json)).status, JSON.stringify(json).slice(0, 40)).toBe(400);
});

test("the adapter that the caller names answers; one that there is not is 404", async () => {
  const answer = await ask({ question: "q", adapter: "adp_1", stream: false });
  expect(chatResponseSchema.parse(await answer.json()).adapter).toBe("adp_1");
  expect((await ask({ question: "q", adapter: "unheard of" })).status).toBe(404);
});

test.each([true, false])("when the reader leaves, the generation stops (stream: %s)", async (stream) => {
  const leave = new AbortController();
  const answer = ask({ question: "endless", stream }, leave.signal).then((response) => response.text());
  answer.catch(() => undefined);
  const { generation } = house.platform;
  await waitUntil(() => generation.running === 1 && generation.deltas > 5, { what: "an answer that is being written" });
  leave.abort();
  await waitUntil(() => generation.running === 0, { what: "the generation to stop", timeoutMs: 2000 });
});

test("a reader that does not read slows the generation down instead of filling the memory", async () => {
  const { generation } = house.platform;
  const sent = httpRequest(`${house.url}/api/v1/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${ENVIRONMENT_KEY}`, "content-type": "application/json" },
  });
  sent.on("error", () => undefined);
  sent.end(JSON.stringify({ question: "endless" }));
  const response = await new Promise<IncomingMessage>((resolve) => sent.on("response", resolve));
  response.on("error", () => undefined);
  response.pause();
  let last = -1;
  await waitUntil(
    () => {
      const isStill = generation.deltas === last;
      last = generation.deltas;
      return isStill;
    },
    { what: "the generation to wait for its reader", everyMs: 200, timeoutMs: 20_000 },
  );
  expect(generation.running).toBe(1);
  sent.destroy();
  await waitUntil(() => generation.running === 0, { what: "the generation to stop" });
});

test("S5: more of an answer, and what its sentences depend on, are for its owner alone", async () => {
  const { conversations } = house.platform.store;
  const { id: conversationId } = await conversations.create({
    title: "t",
    collectionIds: [],
    owner: "key:environment",
  });
  const message = await conversations.addMessage({ conversationId, role: "assistant", text: "a", status: "complete" });
  const other = await house.makeKey(["chat"]);
  const searching = await house.makeKey(["search"]);
  for (const action of ["more", "attribute"] as const) {
    const path = `/api/v1/messages/${message.id}:${action}`;
    expect((await house.call("POST", path)).status).toBe(200);
    expect((await house.call("POST", path, { key: other })).status).toBe(404);
    expect((await house.call("POST", path, { key: searching })).status).toBe(403);
  }
  const more = await house.call("POST", `/api/v1/messages/${message.id}:more`, { json: { filter: { tags: [] } } });
  expect(more.status).toBe(400);
});

test("stop ends an answer from elsewhere, and only the owner's", async () => {
  const { conversations } = house.platform.store;
  const mine = await conversations.create({ title: "t", collectionIds: [], owner: "key:environment" });
  const message = await conversations.addMessage({
    conversationId: mine.id,
    role: "assistant",
    text: "a",
    status: "complete",
  });
  const stop = await house.call("POST", `/api/v1/messages/${message.id}:stop`);
  expect(stopResponseSchema.parse(await stop.json())).toEqual({ stopped: false });
  const other = await house.makeKey(["chat"]);
  expect((await house.call("POST", `/api/v1/messages/${message.id}:stop`, { key: other })).status).toBe(404);
  const feedback = (rating: unknown, key?: string) =>
    house.call("POST", `/api/v1/messages/${message.id}/feedback`, {
      json: { rating },
      ...(key === undefined ? {} : { key }),
    });
  expect((await feedback(1)).status).toBe(204);
  expect((await feedback(2)).status).toBe(400);
  expect((await feedback(1, other)).status).toBe(404);
});

const PAYLOADS = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "javascript:alert(1)",
  "![x](http://evil.example/?q=1)",
  "</script><svg/onload=alert(1)>",
  "\u2028\u2029",
];

test.each(PAYLOADS)("S8 %j comes back only inside JSON that no browser takes for a page", async (payload) => {
  const answers = [
    await ask({ question: payload, stream: false }),
    await house.call("POST", "/api/v1/collections", { json: { name: payload } }),
    await house.call("GET", `/api/v1/collections/${encodeURIComponent(payload)}`),
    await house.call("GET", `/api/v1/jobs?status=${encodeURIComponent(payload)}`),
    await house.call("POST", "/api/v1/search", { json: { query: payload, [payload]: 1 } }),
    await house.call("GET", `/api/v1/${encodeURIComponent(payload)}`),
  ];
  for (const answer of answers) {
    expect(answer.headers.get("content-type")).toMatch(/^application\/(problem\+)?json/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("content-security-policy")).not.toContain("unsafe");
    JSON.parse(await answer.text());
  }
});

test("a conversation shows its messages with the scores of their passages", async () => {
  const { conversations } = house.platform.store;
  const { id } = await conversations.create({ title: "t", collectionIds: [], owner: "key:environment" });
  const passage = {
    chunkId: "chk_1",
    seq: 1,
    documentId: "doc_1",
    collectionId: "col_1",
    documentName: "d",
    externalId: null,
    mediaType: "text/plain",
    language: null,
    text: "t",
    span: [0, 1],
    header: null,
    page: null,
    headings: [],
    tokenCount: 1,
    scores: { dense: 0.5, lexical: null, fused: 0.25 },
  } as never;
  await conversations.addMessage({
    conversationId: id,
    role: "assistant",
    text: "a",
    status: "complete",
    passages: [passage],
  });
  const response = await house.call("GET", `/api/v1/conversations/${id}`);
  const detail = conversationDetailSchema.parse(await response.json());
  expect(detail.messages[0]!.passages[0]).toMatchObject({ documentName: "d", score: 0.25 });
  const renamed = await house.call("PATCH", `/api/v1/conversations/${id}`, { json: { title: " new " } });
  expect(await renamed.json()).toMatchObject({ title: "new" });
});

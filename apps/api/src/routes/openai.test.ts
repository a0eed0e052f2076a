import { afterAll, beforeAll, expect, test } from "vitest";
import { chatCompletionChunkSchema, chatCompletionSchema, embeddingsResponseSchema } from "@lorekeep/core";
import type { AdapterId } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "@lorekeep/platform";
import { startTestServer, type TestServer } from "../testing/start-test-server.ts";

let house: TestServer;
beforeAll(async () => {
  house = await startTestServer();
});
afterAll(() => house[Symbol.asyncDispose]());

const complete = (json: Record<string, unknown>, signal?: AbortSignal) =>
  house.call("POST", "/v1/chat/completions", { json, ...(signal === undefined ? {} : { signal }) });
const user = (content: unknown) => [{ role: "user", content }];

async function stream(json: Record<string, unknown>) {
  const text = await (await complete({ ...json, stream: true })).text();
  const lines = text.split("\n\n").filter((block) => block.startsWith("data: "));
  expect(lines.at(-1)).toBe("data: [DONE]");
  return lines.slice(0, -1).map((line) => chatCompletionChunkSchema.parse(JSON.parse(line.slice(6))));
}

test("`lorekeep` answers from the library, with its citations beside the answer", async () => {
  const answer = chatCompletionSchema.parse(
    await (await complete({ model: "lorekeep", messages: user("what") })).json(),
  );
  expect(answer.choices).toEqual([
    { index: 0, message: { role: "assistant", content: "what" }, finish_reason: "stop" },
  ]);
  expect(answer.usage).toEqual({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
  expect(answer.lorekeep).toMatchObject({ refused: false, citations: [] });
});

test("a stream carries the checked text in deltas, its citations in the last, then [DONE]", async () => {
  const chunks = await stream({
    model: "lorekeep",
    messages: user("what else then"),
    stream_options: { include_usage: true },
  });
  expect(chunks[0]!.choices[0]!.delta).toEqual({ role: "assistant", content: "" });
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("what else then");
  expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content !== undefined).length).toBeGreaterThan(2);
  const end = chunks.find((chunk) => chunk.choices[0]?.finish_reason === "stop");
  expect(end?.lorekeep).toMatchObject({ text: "what else then", refused: false });
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 5 } });
  expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
});

test("a refusal reaches readers of the plain text too", async () => {
  const chunks = await stream({ model: "lorekeep", messages: user("refuse") });
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("Nothing here says so.");
  const whole = chatCompletionSchema.parse(
    await (await complete({ model: "lorekeep", messages: user("refuse") })).json(),
  );
  expect(whole.choices[0]!.message.content).toBe("Nothing here says so.");
  expect(whole.lorekeep).toMatchObject({ refused: true, reason: "nothing_found" });
});

test("the earlier turns are given to the answer, and no conversation is left behind", async () => {
  const { rows } = house.platform;
  rows.messages.length = 0;
  const messages = [
    { role: "system", content: "be brief" },
    { role: "user", content: [{ type: "text", text: "first" }] },
    { role: "assistant", content: "answer" },
    { role: "user", content: "second" },
  ];
  await (await complete({ model: "lorekeep", messages })).json();
  expect(rows.messages.map((message) => [message.role, message.text])).toEqual([
    ["user", "first"],
    ["assistant", "answer"],
  ]);
  expect(rows.conversations.size).toBe(0);
});

test("`lorekeep/base` is the bare generator", async () => {
  const answer = chatCompletionSchema.parse(
    await (await complete({ model: "lorekeep/base", messages: user("hello"), temperature: 0, max_tokens: 5 })).json(),
  );
  expect(answer.choices[0]!.message.content).toBe("echo: hello");
  expect(answer.lorekeep).toBeUndefined();
  expect((await stream({ model: "lorekeep/base", messages: user("hi") })).length).toBe(3);
});

test("`lorekeep` answers with the adapter that is switched on, `lorekeep/base` with none at all", async () => {
  const ask = async (model: string, question = "which") =>
    chatCompletionSchema.parse(await (await complete({ model, messages: user(question) })).json());
  expect((await ask("lorekeep")).lorekeep!.adapter).toBeNull();
  const { adaptation, generation } = house.platform;
  const bytes = (async function* () {
    yield Buffer.from("GGUF…");
  })();
  const { id } = await adaptation.importAdapter(LOCAL_ACTOR, { name: "mine", bytes });
  await adaptation.activateAdapter(LOCAL_ACTOR, id as AdapterId, {});
  expect((await ask("lorekeep")).lorekeep!.adapter).toBe(id);
  expect((await ask("lorekeep", "refuse")).lorekeep).toMatchObject({ refused: true, adapter: null });
  const bare = await ask("lorekeep/base");
  expect([bare.choices[0]!.message.content, bare.lorekeep]).toEqual(["echo: which", undefined]);
  expect(generation.adapters.at(-1)).toBeNull(); // undefined would be the one in the box
  await adaptation.deleteAdapter(LOCAL_ACTOR, id as AdapterId);
});

test("errors have both forms", async () => {
  const response = await complete({ model: "gpt-4", messages: user("x") });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "not_found", error: { code: "not_found", type: "not_found" } });
  const asked = await complete({ model: "lorekeep", messages: [{ role: "assistant", content: "x" }] });
  expect(asked.status).toBe(400);
  const broken = await complete({ model: "lorekeep", messages: user("fail"), stream: true });
  expect(await broken.text()).toMatch(/"error":\{"message":"The model gave up\.".*\n\ndata: \[DONE\]\n\n$/s);
});

test("when the reader leaves, the generation stops", async () => {
  const leave = new AbortController();
  const { generation } = house.platform;
  const answer = complete({ model: "lorekeep", messages: user("endless"), stream: true }, leave.signal);
  await (await answer).body!.getReader().read();
  expect(generation.running).toBe(1);
  leave.abort();
  await waitUntil(() => generation.running === 0, { what: "the generation to stop", timeoutMs: 2000 });
});

test("embeddings as numbers and as base64, for `lorekeep` and for models that the list names", async () => {
  const embed = async (json: Record<string, unknown>) =>
    embeddingsResponseSchema.parse(await (await house.call("POST", "/v1/embeddings", { json })).json());
  const numbers = await embed({ model: "lorekeep", input: ["a", "bc"] });
  expect(numbers.data.map((item) => item.embedding)).toEqual([
    [expect.closeTo(0.6), expect.closeTo(0.8)],
    [expect.closeTo(0.6), expect.closeTo(0.8)],
  ]);
  expect(numbers.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  const { data } = await embed({ model: "fake", input: "a", encoding_format: "base64" });
  const bytes = Buffer.from(data[0]!.embedding as string, "base64");
  expect([bytes.length, bytes.readFloatLE(4)]).toEqual([8, expect.closeTo(0.8)]);
  const unknown = await house.call("POST", "/v1/embeddings", { json: { model: "other", input: "a" } });
  expect(unknown.status).toBe(404);
});

test("the list of models holds what `model` may be", async () => {
  const response = await house.call("GET", "/v1/models");
  expect(await response.json()).toMatchObject({ data: [{ id: "lorekeep" }, { id: "lorekeep/base" }, { id: "fake" }] });
});

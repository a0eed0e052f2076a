/** Through the typed client, so that both ends of each route are looked at. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, type Client } from "@lorekeep/client";
import { newId } from "@lorekeep/core";
import { ENVIRONMENT_KEY, startTestServer, type TestServer } from "../testing/start-test-server.ts";

let folder: string;
let house: TestServer;
let client: Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-question-sets-"));
  house = await startTestServer({ dataFolder: folder });
  client = createClient({ baseUrl: house.url, apiKey: ENVIRONMENT_KEY });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("a question set is made, listed by collection, looked through, renamed, drafted for and deleted", async () => {
  const questions = [
    { question: "q1", answer: "a1" },
    { question: "q2", answer: null },
  ];
  const made = await client.questionSets.create({ name: "one", collection: "col_1", questions });
  await client.questionSets.create({ name: "other", collection: "col_2" });
  expect((await client.questionSets.list({ collection: "col_1" })).items.map(({ id }) => id)).toEqual([made.id]);
  const { items } = await client.questionSets.questions(made.id);
  expect(items.map(({ answerable }) => answerable)).toEqual([true, false]);
  await client.questionSets.deleteQuestion(made.id, items[0]!.id);
  await expect(client.questionSets.deleteQuestion(made.id, items[0]!.id)).rejects.toMatchObject({ code: "not_found" });
  expect(await client.questionSets.rename(made.id, { name: "two" })).toMatchObject({ name: "two" });
  expect(await client.questionSets.draft(made.id, { from: ["documents"] })).toMatchObject({ kind: "draft-examples" });
  await client.questionSets.delete(made.id);
  await expect(client.questionSets.get(made.id)).rejects.toMatchObject({ code: "not_found" });
});

test("a question set comes in as a file; the form says which collection", async () => {
  const blob = new Blob(['{"question":"多久一次？","answer":"每月"}\n']);
  const set = await client.questionSets.upload({ fileName: "问题.jsonl", blob, collection: "col_1" });
  expect(set).toMatchObject({ name: "问题", questionCount: 1 });
  const form = new FormData();
  form.append("file", blob, "x.jsonl");
  const answer = await house.call("POST", "/api/v1/question-sets", { body: form });
  expect([answer.status, await answer.json()]).toMatchObject([400, { code: "request_invalid" }]);
});

test("L4 a trial is started with its candidate and switched on; a run that tried nothing is not", async () => {
  const { id: dataset } = await client.datasets.create({ name: "asked" });
  const candidate = { retrieval: { refusalThreshold: 0.7 }, chunking: { maxTokens: 300 } };
  const trial = await client.evaluations.start({ dataset, candidate });
  expect(trial.candidate).toEqual(candidate);
  expect((await client.evaluations.switchOn(trial.id)).switchedOnAt).toBeTruthy();
  const plain = await client.evaluations.start({ dataset });
  await expect(client.evaluations.switchOn(plain.id)).rejects.toMatchObject({ code: "conflict" });
  await expect(client.evaluations.switchOn(newId("evaluation"))).rejects.toMatchObject({ code: "not_found" });
  const bad = await house.call("POST", "/api/v1/evaluations", { json: { dataset, candidate: { colour: "red" } } });
  expect(bad.status).toBe(400);
});

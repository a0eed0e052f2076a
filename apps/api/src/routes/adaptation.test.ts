/** Through the typed client, so that both ends of each route are looked at. */
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClientError, createClient, type Client } from "@lorekeep/client";
import { configSchema, newId, problemSchema } from "@lorekeep/core";
import { ENVIRONMENT_KEY, startTestServer, type TestServer } from "../testing/start-test-server.ts";

let folder: string;
let house: TestServer;
let client: Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-adaptation-"));
  const { ingest } = configSchema.parse({});
  house = await startTestServer({ dataFolder: folder, ingest: { ...ingest, maxFileBytes: 10_000 } });
  client = createClient({ baseUrl: house.url, apiKey: ENVIRONMENT_KEY });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const LINES =
  '{"question":"How often?","answer":"每月一次"}\n\n{"question":"谁修的？","answer":null,"answerable":false}\n';

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ClientError);
  return (error as ClientError).code;
}
const leftovers = () => readdirSync(join(folder, "tmp"));

test("a dataset comes in as JSON, is read, reviewed, edited, drafted for, exported and deleted", async () => {
  const examples = [
    { question: "q1", answer: "a1" },
    { question: "q2", answer: null, answerable: false },
  ];
  const made = await client.datasets.create({ name: "json", examples });
  expect(made).toMatchObject({ name: "json", exampleCount: 2 });
  expect((await client.datasets.list()).items.map((each) => each.id)).toContain(made.id);
  const { items } = await client.datasets.examples(made.id, { status: "pending", limit: 10 });
  expect(items.map((each) => each.answer)).toEqual(["a1", null]);
  expect(await client.datasets.review(made.id, { ids: [items[0]!.id], status: "approved" })).toEqual({ changed: 1 });
  expect((await client.datasets.examples(made.id, { status: "approved" })).items).toHaveLength(1);
  expect(await client.examples.update(items[1]!.id, { answer: "now known" })).toMatchObject({ answer: "now known" });
  await client.examples.delete(items[1]!.id);
  expect(await codeOf(client.examples.delete(items[1]!.id))).toBe("not_found");
  expect(await client.datasets.draft(made.id, { from: ["documents"] })).toMatchObject({ kind: "draft-examples" });
  const file = await client.datasets.export(made.id, "unsloth");
  expect(file.headers.get("content-disposition")).toContain(encodeURIComponent("数据-unsloth.jsonl"));
  expect(file.headers.get("content-security-policy")).toMatch(/^sandbox/);
  expect(await file.text()).toBe("json");
  await client.datasets.delete(made.id);
  expect(await codeOf(client.datasets.get(made.id))).toBe("not_found");
});

test("a dataset comes in as a file of JSON lines, with its fields before or after the file", async () => {
  const blob = new Blob([LINES]);
  const named = await client.datasets.upload({ fileName: "问答.jsonl", blob, name: "修理" });
  expect(named).toMatchObject({ name: "修理", exampleCount: 2 });
  expect(await client.datasets.upload({ fileName: "问答.jsonl", blob })).toMatchObject({ name: "问答" });
  const form = new FormData();
  form.append("file", blob, "x.jsonl");
  form.append("name", "late name");
  const late = await house.call("POST", "/api/v1/datasets", { body: form });
  expect([late.status, await late.json()]).toMatchObject([201, { name: "late name", exampleCount: 2 }]);
  expect(leftovers()).toEqual([]);
});

test("a form without a file, with two, or with one too large is refused, and nothing of it stays", async () => {
  const send = async (...files: Blob[]) => {
    const form = new FormData();
    form.append("name", "n");
    for (const file of files) form.append("file", file, "x.jsonl");
    const response = await house.call("POST", "/api/v1/datasets", { body: form });
    return problemSchema.parse(await response.json()).code;
  };
  expect(await send()).toBe("request_invalid");
  expect(await send(new Blob([LINES]), new Blob([LINES]))).toBe("request_invalid");
  expect(await send(new Blob(["x".repeat(10_001)]))).toBe("request_too_large");
  expect(await send(new Blob([new Uint8Array([0xff, 0x0a])]))).toBe("request_invalid");
  expect(leftovers()).toEqual([]);
});

async function startOne(name: string): Promise<string> {
  await client.datasets.create({ name: `data of ${name}`, examples: [{ question: "q", answer: "a" }] });
  return (await client.fineTunes.start({ dataset: `data of ${name}`, name, rank: 4 })).id;
}

test("a fine-tune is estimated, started by the dataset's name, paused, resumed and cancelled", async () => {
  const id = await startOne("steered");
  expect(await client.fineTunes.estimate({ dataset: "data of steered", preset: "quick" })).toMatchObject({
    fits: true,
  });
  expect(await client.fineTunes.get(id)).toMatchObject({ status: "queued", recipe: { rank: 4, alpha: 32 } });
  expect((await client.fineTunes.pause(id)).status).toBe("paused");
  expect((await client.fineTunes.resume(id)).status).toBe("queued");
  expect((await client.fineTunes.cancel(id)).status).toBe("cancelled");
  expect((await client.fineTunes.list()).items.map((each) => each.name)).toContain("steered");
  expect(await codeOf(client.fineTunes.start({ dataset: "unheard of" }))).toBe("not_found");
  expect(await codeOf(client.fineTunes.start({ dataset: "data of steered", rank: 0 }))).toBe("request_invalid");
});

test("the events of a fine-tune are its states, each once, and end with it", async () => {
  const id = await startOne("watched");
  const seen: string[] = [];
  for await (const { fineTune } of client.fineTunes.events(id)) seen.push(`${fineTune.status} ${fineTune.loss.length}`);
  expect(seen).toEqual(["queued 0", "running 1", "running 2", "succeeded 2"]);
  const again: string[] = [];
  for await (const { fineTune } of client.fineTunes.events(id)) again.push(fineTune.status);
  expect(again).toEqual(["succeeded"]);
  const missing = client.fineTunes.events(newId("fineTune")).next();
  expect(await codeOf(missing)).toBe("not_found");
});

test("what fails while a fine-tune is watched is the last event", async () => {
  const id = await startOne("broken");
  const text = await (await house.call("GET", `/api/v1/fine-tunes/${id}/events`)).text();
  expect(text.trimEnd().split("\n\n").at(-1)).toBe(
    'event: error\ndata: {"type":"error","code":"model_failed","detail":"The trainer gave up."}',
  );
});

test("training by itself is off until it is switched on, and feedback is trained on in one call", async () => {
  const { fineTunes, datasets } = client;
  expect(await fineTunes.automatic()).toMatchObject({ enabled: false, waiting: [] });
  const setting = { enabled: true, minCorrections: 5, autoActivate: false, preset: "quick" } as const;
  expect(await fineTunes.putAutomatic(setting)).toMatchObject(setting);
  expect(await codeOf(fineTunes.putAutomatic({ ...setting, minCorrections: 0 }))).toBe("request_invalid");
  const dataset = await datasets.create({ name: "Feedback" });
  const started = await fineTunes.fromFeedback({ collection: "any", dataset: dataset.id });
  expect(started).toMatchObject({ datasetId: dataset.id, status: "queued" });
});

test("K5 an adapter is brought in, switched on and off under both spellings without a body, put back and taken along", async () => {
  const blob = new Blob(["GGUF…"]);
  const { id } = await client.adapters.import({ fileName: "mine.gguf", blob, name: "mine" });
  expect(house.platform.learnt.imported.get(id)).toBe("GGUF…");
  for (const separator of [":", "/"]) {
    const on = await house.call("POST", `/api/v1/adapters/${id}${separator}activate`);
    expect([on.status, await on.json()]).toMatchObject([200, { activeIn: [{ collectionId: "*", scale: 1 }] }]);
    const off = await house.call("POST", `/api/v1/adapters/${id}${separator}deactivate`);
    expect([off.status, await off.json()]).toMatchObject([200, { activeIn: [] }]);
  }
  const scaled = await client.adapters.activate(id, { collections: ["c1", "c2"], scale: 0.5 });
  expect(scaled.activeIn.map((each) => [each.collectionId, each.scale])).toEqual([
    ["c1", 0.5],
    ["c2", 0.5],
  ]);
  expect((await client.adapters.deactivate(id, { collections: ["c1"] })).activeIn).toHaveLength(1);
  expect(await client.adapters.rollback({ collection: "c1" })).toMatchObject({ adapterId: id, scale: 0.5 });
  expect((await client.adapters.rollback()).collectionId).toBe("*");
  expect((await client.adapters.history()).items[0]).toMatchObject({ actor: "key:environment" });
  expect(await (await client.adapters.file(id, "peft")).text()).toBe("peft");
  expect((await client.adapters.file(id)).headers.get("content-disposition")).toContain("mine.gguf");
  expect((await house.call("GET", `/api/v1/adapters/${id}/file?format=exe`)).status).toBe(400);
  expect((await client.adapters.list()).items).toHaveLength(1);
  const compared = await client.adapters.compare({ question: "q", adapter: id });
  expect(compared.answers.map((each) => each.way)).toEqual(["base", "retrieval", "adapter", "retrieval+adapter"]);
  expect(await codeOf(client.adapters.activate(id, { scale: 3 }))).toBe("request_invalid");
  await client.adapters.delete(id);
  expect(await codeOf(client.adapters.get(id))).toBe("not_found");
  expect((await house.call("POST", "/api/v1/adapters", { json: {} })).status).toBe(400);
});

test("an evaluation is started, read, compared with another, cancelled and deleted", async () => {
  await client.datasets.create({ name: "questions", examples: [{ question: "q", answer: "a" }] });
  const before = await client.evaluations.start({ dataset: "questions", adapter: null });
  const after = await client.evaluations.start({ dataset: "questions", name: "after" });
  expect(await client.evaluations.get(before.id)).toMatchObject({ setting: { adapter: null, limit: 200 }, items: [] });
  expect((await client.evaluations.list()).items).toHaveLength(2);
  expect(await client.evaluations.compare(before.id, after.id)).toMatchObject({ after: { name: "after" } });
  expect(await codeOf(client.evaluations.compare(before.id, "nonsense"))).toBe("not_found");
  expect((await client.evaluations.cancel(after.id)).status).toBe("cancelled");
  await client.evaluations.delete(after.id);
  expect(await codeOf(client.evaluations.get(after.id))).toBe("not_found");
});

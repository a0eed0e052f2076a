import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  collectAnswer,
  GENERATOR_PROMPT,
  hashEmbedder,
  recordingLogger,
  scriptedGenerator,
} from "@lorekeep/core/testing";
import {
  makeTinyEmbedder,
  makeTinyGenerator,
  TINY_EMBEDDER,
  TINY_GENERATOR,
} from "../../../fixtures/models/make-tiny.ts";
import { tinyLlamaAdapter } from "../../../fixtures/models/tiny-llama-adapter.ts";
import { randomReader } from "../../../fixtures/models/tiny-reader.ts";
import type { CatalogueEntry, ReaderEntry } from "./catalogue.ts";
import { defaultModelsFolder, openModels, type ModelRegistry, type ModelsOptions } from "./open-models.ts";
import { startHubStandIn } from "./testing/hub-stand-in.ts";
import { startOpenaiStandIn } from "./testing/openai-stand-in.ts";

let root: string;
let gguf: string;
const opened: ModelRegistry[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lorekeep-models-"));
  gguf = await makeTinyGenerator(join(root, "full"));
  await makeTinyEmbedder(join(root, "full"));
});
afterEach(async () => {
  for (const models of opened.splice(0)) await models.close();
});
afterAll(() => rm(root, { recursive: true, force: true }));

function open(changes: Partial<ModelsOptions> = {}): ModelRegistry {
  const models = openModels({
    folder: join(root, "full"),
    source: "auto",
    sourceFolder: null,
    offline: true,
    embedder: TINY_EMBEDDER.name,
    generator: TINY_GENERATOR.name,
    openaiApiKey: null,
    threads: 1,
    parallelAnswers: 1,
    logger: recordingLogger(),
    catalogue: [TINY_EMBEDDER, TINY_GENERATOR],
    ...changes,
  });
  opened.push(models);
  return models;
}
const stateOf = async (models: ModelRegistry, name: string) =>
  (await models.list()).find((status) => status.name === name)?.state;

test("loads each model once, when first asked for", async () => {
  const models = open();
  const [one, two] = await Promise.all([models.embedder("tiny-embedder"), models.embedder("tiny-embedder")]);
  expect(one).toBe(two);
  expect(await models.generator()).toBe(await models.generator());
  expect(await one.embed(["pump"], { kind: "query" })).toHaveLength(1);
});

test("says which model is missing and what to do, and goes on", async () => {
  const models = open({ folder: join(root, "empty") });
  const missing = { code: "model_missing", message: /tiny-embedder.*lorekeep models pull tiny-embedder/ };
  await expect(models.embedder("tiny-embedder")).rejects.toMatchObject(missing);
  await expect(models.generator()).rejects.toMatchObject({ code: "model_missing" });
  await expect(models.embedder("nonsense")).rejects.toMatchObject({ code: "model_missing" });
  expect(await stateOf(models, "tiny-embedder")).toBe("missing");
});

test("finds a model that was carried there after the first try", async () => {
  const folder = join(root, "later");
  const models = open({ folder });
  await expect(models.embedder("tiny-embedder")).rejects.toMatchObject({ code: "model_missing" });
  await cp(join(root, "full", "tiny-embedder"), join(folder, "tiny-embedder"), { recursive: true });
  expect((await models.embedder("tiny-embedder")).name).toBe("tiny-embedder");
});

test("lists what is there, what is used and what it weighs", async () => {
  const models = open();
  await models.generator();
  const [embedder, generator] = await models.list();
  expect(embedder).toMatchObject({ name: "tiny-embedder", role: "embedder", state: "ready", inUse: true });
  expect(generator).toMatchObject({ name: "tiny-generator", role: "generator", state: "ready", inUse: true });
  expect(generator!.sizeBytes).toBeGreaterThan(50_000);
});

test("shows a download while it runs, shares it between callers, then serves the model", async () => {
  const hub = await startHubStandIn();
  const folder = join(root, "pulled");
  const files = ["model.onnx", "model.onnx.data", "tokenizer.json"];
  const { readFile } = await import("node:fs/promises");
  for (const name of files)
    hub.put(`org/tiny/resolve/main/${name}`, await readFile(join(root, "full", "tiny-embedder", name)));
  const file = (name: string) =>
    ({ name, path: name, repository: "org/tiny", revision: "main", sizeBytes: null, sha256: null }) as const;
  const entry: CatalogueEntry = { ...TINY_EMBEDDER, sources: [{ kind: "hub", files: files.map(file) }] };
  const models = open({
    folder,
    offline: false,
    catalogue: [entry, TINY_GENERATOR],
    hub: { endpoint: hub.endpoint, home: null, token: null, idleTimeoutMs: 2_000, retryDelayMs: 1 },
  });
  hub.hold = { times: 1, afterBytes: 1000 };
  const pulls = [models.pull("tiny-embedder"), models.pull("tiny-embedder")];
  await expect.poll(async () => (await models.list())[0]?.progress?.doneBytes).toBe(1000);
  expect(await stateOf(models, "tiny-embedder")).toBe("downloading");
  const waiting = models.embedder("tiny-embedder");
  hub.drop();
  await Promise.all(pulls);
  expect(await (await waiting).embed(["pump"], { kind: "query" })).toHaveLength(1);
  expect(await stateOf(models, "tiny-embedder")).toBe("ready");
  expect(
    hub.requests.filter((line) => line.startsWith("GET /storage") && line.includes("model.onnx.data")),
  ).toHaveLength(1);
  await hub.close();
});

test("keeps why a download failed", async () => {
  const models = open({ folder: join(root, "empty"), offline: true });
  await expect(models.pull("tiny-embedder")).rejects.toMatchObject({ code: "model_missing" });
  const status = (await models.list()).find(({ name }) => name === "tiny-embedder");
  expect(status).toMatchObject({ state: "missing", detail: expect.stringContaining("offline") });
  await expect(models.pull("nonsense")).rejects.toMatchObject({ code: "not_found" });
});

test("runs a GGUF file of the user's own", async () => {
  const models = open({ generator: gguf });
  const generator = await models.generator();
  expect(generator.name).toBe("model.gguf");
  expect((await collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 3 }))).end).not.toBeNull();
  await models.pull(gguf);
  expect(await stateOf(models, gguf)).toBe("ready");
  await expect(open({ generator: join(root, "none.gguf") }).generator()).rejects.toMatchObject({
    code: "model_missing",
  });
  await mkdir(join(root, "bad"), { recursive: true });
  const bad = join(root, "bad", "bad.gguf");
  await writeFile(bad, "not a model");
  await expect(open({ generator: bad }).generator()).rejects.toMatchObject({ code: "model_invalid" });
});

test("speaks to a remote server when it is named so", async () => {
  const server = await startOpenaiStandIn({
    embedder: hashEmbedder(),
    generator: scriptedGenerator("Every 400 hours."),
  });
  const name = `openai:${server.baseUrl}#tiny`;
  const models = open({ embedder: name, generator: name, openaiApiKey: "key" });
  expect((await models.embedder(name)).dimensions).toBe(64);
  const { text } = await collectAnswer(
    (await models.generator()).generate({ messages: GENERATOR_PROMPT, maxTokens: 9 }),
  );
  expect(text).toBe("Every 400 hours.");
  expect(server.authorizations).toContain("Bearer key");
  await server.close();
});

test("writes with the shipped adapter when it is there, and leaves it to the catalogue whether it writes by default", async () => {
  const answeringAdapter = join(root, "answering.gguf");
  const entry = { ...TINY_GENERATOR, answersFromPassages: false, answeringAdapter };
  const say = async (models: ModelRegistry): Promise<string> => {
    const generator = await models.generator();
    return (await collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 12 }))).text;
  };
  const without = open({ catalogue: [entry] });
  expect((await without.generator()).answersFromPassages).toBe(false);
  await writeFile(answeringAdapter, tinyLlamaAdapter(1));
  const withIt = open({ catalogue: [entry] });
  const generator = await withIt.generator();
  expect(generator).toMatchObject({ answersFromPassages: false, answeringAdapter: "answering" });
  const trusting = open({ catalogue: [{ ...entry, answersFromPassages: true }] });
  expect((await trusting.generator()).answersFromPassages).toBe(true);
  expect((await without.generator()).answeringAdapter).toBeUndefined();
  expect(generator.fingerprint).not.toBe((await without.generator()).fingerprint);
  expect(await say(withIt)).not.toBe(await say(without));
  await writeFile(answeringAdapter, "no adapter");
  const logger = recordingLogger();
  const broken = open({ catalogue: [entry], logger });
  expect((await broken.generator()).answeringAdapter).toBeUndefined();
  expect(await say(broken)).toBe(await say(without));
  expect(logger.lines.some((line) => line.event === "generator.adapter-failed")).toBe(true);
});

test("opens the reader when its file and its encoder are there, and says what is missing else", async () => {
  const file = join(root, "tiny-reader.safetensors");
  const entry: ReaderEntry = {
    name: "tiny-reader",
    role: "reader",
    licence: "CC0-1.0",
    languages: "none",
    tested: false,
    base: TINY_EMBEDDER.name,
    file,
    sources: [],
  };
  const catalogue = [TINY_EMBEDDER, TINY_GENERATOR, entry];
  const models = open({ catalogue });
  expect(await models.reader()).toMatchObject({
    reader: undefined,
    reason: expect.stringContaining("no trained file"),
  });
  await writeFile(file, randomReader(3));
  const { reader } = await models.reader(); // the same registry finds what has come
  expect((await reader!.read("pump?", ["the pump is old."]))[0]!.span).not.toBeNull();
  expect((await models.reader()).reader).toBe(reader);
  expect((await models.list()).map(({ name }) => name)).not.toContain("tiny-reader");
  const empty = open({ catalogue, folder: join(root, "empty") });
  expect(await empty.reader()).toMatchObject({
    reader: undefined,
    reason: expect.stringContaining("tiny-embedder is missing"),
  });
  expect(await open().reader()).toMatchObject({ reader: undefined, reason: expect.stringContaining("no reader") });
  await writeFile(file, "no reader");
  expect(await open({ catalogue }).reader()).toMatchObject({ reader: undefined, mayCome: false });
});

test("opens nothing more once it is closed", async () => {
  const models = open();
  await models.close();
  await expect(models.embedder("tiny-embedder")).rejects.toMatchObject({ code: "aborted" });
  await expect(models.generator()).rejects.toMatchObject({ code: "aborted" });
  await expect(models.reader()).rejects.toMatchObject({ code: "aborted" });
});

test("knows where models lie by default", () => {
  expect(defaultModelsFolder({ LOREKEEP_MODELS: "/m" })).toBe("/m");
  expect(defaultModelsFolder({ XDG_CACHE_HOME: "/c" })).toBe(join("/c", "lorekeep", "models"));
  expect(defaultModelsFolder({})).toMatch(/\.cache.lorekeep.models$/);
});

/** The API over the real platform: real store, queue, index, parsers; only the models are doubles (words hashed into vectors). */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClientError, createClient, type Client } from "@lorekeep/client";
import { AppError, configSchema, type ChatEvent, type Embedder, type Logger } from "@lorekeep/core";
import { openPlatform, type Platform } from "@lorekeep/platform";
import { waitUntil } from "@lorekeep/core/testing";
import { makeOwnerLink } from "./owner-link.ts";
import { startServer, type RunningServer } from "./server.ts";
import { ENVIRONMENT_KEY } from "./testing/start-test-server.ts";

const DIMENSIONS = 64;

function hashVector(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS).fill(0.01);
  for (const word of text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}]+/gu) ?? []) {
    let hash = 7;
    for (const character of word) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 100_003;
    vector[hash % DIMENSIONS]! += 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

const embedder: Embedder = {
  name: "multilingual-e5-small",
  fingerprint: "words",
  dimensions: DIMENSIONS,
  maxTokens: 400,
  embed: async (texts) => texts.map(hashVector),
  countTokens: async (texts) => texts.map((text) => Math.ceil(text.length / 4)),
  close: async () => undefined,
};
const models = {
  embedder: async () => embedder,
  generator: async () => {
    throw new AppError("model_missing", "No generator in this test.");
  },
  reader: async () => ({ reader: undefined, reason: "No reader in this test." }),
  list: async () => [],
  pull: async () => undefined,
  close: async () => undefined,
};

const logLines: string[] = [];
const logger: Logger = {
  debug: (event, fields) => logLines.push(JSON.stringify({ event, ...fields })),
  info: (event, fields) => logLines.push(JSON.stringify({ event, ...fields })),
  warn: (event, fields) => logLines.push(JSON.stringify({ event, ...fields })),
  error: (event, fields) => logLines.push(JSON.stringify({ event, ...fields })),
  child: () => logger,
};

let folder: string;
let platform: Platform;
let server: RunningServer;
let client: Client;
let closeWorker: () => Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-api-"));
  const config = configSchema.parse({
    dataFolder: join(folder, "data"),
    offline: true,
    apiKey: ENVIRONMENT_KEY,
    retrieval: { refusalThreshold: 0 },
  });
  platform = await openPlatform({ config, logger, drivers: { models } });
  const worker = await platform.startWorker();
  closeWorker = () => worker.close();
  server = await startServer({ platform, host: "127.0.0.1", port: 0, webFolder: folder, graceMs: 200 });
  client = createClient({ baseUrl: server.url, apiKey: ENVIRONMENT_KEY });
});
afterAll(async () => {
  await server.close();
  await closeWorker();
  await platform.close();
  await rm(folder, { recursive: true });
});

const CANARY = "zanzibarquartz";
const TEXT = `# Pump manual\n\nThe ${CANARY} pump is serviced every 400 operating hours.\n\nUse oil of grade SAE 30.\n`;

async function uploadText(name: string, text: string, collection?: string): Promise<string> {
  const { items } = await client.documents.upload([{ name, blob: new Blob([text]) }], { collection });
  let status = "";
  for await (const { document } of client.documents.events(items[0]!.id)) status = document.status;
  expect(status).toBe("ready");
  return items[0]!.id;
}

async function chat(question: string): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of client.chat({ question })) events.push(event);
  return events;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ClientError);
  return (error as ClientError).code;
}

function* filesBelow(path: string): Generator<string> {
  for (const name of readdirSync(path)) {
    const inner = join(path, name);
    if (statSync(inner).isDirectory()) yield* filesBelow(inner);
    else yield inner;
  }
}

test("a document goes in, a cited answer comes out, and D1 the same bytes are one document", async () => {
  const id = await uploadText("泵 pump.md", TEXT);
  const again = await client.documents.upload([{ name: "泵 pump.md", blob: new Blob([TEXT]) }]);
  expect(again.items[0]).toMatchObject({ id, duplicateOf: id });
  const { results } = await client.search({ query: `${CANARY} pump` });
  expect(results[0]).toMatchObject({ documentId: id, documentName: "泵 pump.md" });
  const events = await chat(`How often is the ${CANARY} pump serviced?`);
  const citations = events.find((event) => event.type === "citations");
  expect(citations?.items[0]).toMatchObject({ documentId: id });
  const { pages } = await client.documents.text(id);
  const quote = citations!.items[0]!.quote;
  expect(pages.map((page) => page.text).join("")).toContain(quote);
  expect(await client.chunks.get(citations!.items[0]!.chunkId)).toMatchObject({ documentId: id });
  expect(await (await client.documents.file(id)).text()).toBe(TEXT);
});

test("F4 a conversation read again shows the same citations", async () => {
  const events = await chat(`Which oil for the ${CANARY} pump?`);
  const first = events.find((event) => event.type === "conversation")!;
  const conversation = await client.conversations.get(first.id);
  const answer = conversation.messages.at(-1)!;
  const citations = events.find((event) => event.type === "citations");
  expect(answer.citations).toEqual(citations?.items ?? []);
  expect(answer.status).toBe("complete");
});

test("C4 a bad file fails alone, with a code and a sentence for people", async () => {
  const files = [
    { name: "empty.txt", blob: new Blob([]) },
    { name: "broken.pdf", blob: new Blob(["%PDF-1.7\nnot really"]) },
    { name: "good.txt", blob: new Blob(["A good file about valves."]) },
  ];
  const { items } = await client.documents.upload(files);
  const ended = await Promise.all(
    items.map((item) =>
      waitUntil(
        async () => {
          const document = await client.documents.get(item.id);
          return document.status === "ready" || document.status === "failed" ? document : null;
        },
        { what: `${item.name} to end`, timeoutMs: 25_000 },
      ),
    ),
  );
  expect(ended.map((document) => document.status)).toEqual(["failed", "failed", "ready"]);
  expect(ended[0]!.error?.code).toBe("document_empty");
  expect(ended[1]!.error?.code).toMatch(/^document_/);
  expect(ended[1]!.error?.detail).toMatch(/^[A-Z].*\.$/s);
  expect(ended[1]!.error?.detail).not.toMatch(/\.ts:|\bat /);
});

test("S12 operators of the search language in a question are words", async () => {
  await uploadText("quotes.txt", "Nothing but plain words about gaskets.");
  for (const query of [
    '"',
    '" OR 1=1 --',
    "NEAR(a b)",
    "gaskets*",
    "-gaskets",
    "col:x ^ AND OR NOT",
    "'; DROP TABLE documents;",
  ])
    for (const mode of ["hybrid", "lexical"] as const)
      expect((await client.search({ query, mode })).results.length, query).toBeGreaterThanOrEqual(0);
  const odd = { "a') OR 1=1 --": "x", tags: "y" };
  expect((await client.search({ query: "gaskets", filter: { metadata: odd } })).results).toEqual([]);
  expect((await client.documents.list()).items.length).toBeGreaterThan(0);
});

test("L3 keys: search-only, ingest-only, one collection, an end, the last use", async () => {
  await client.collections.create({ name: "private" });
  const hiddenId = await uploadText("hidden.txt", "The hidden word is xylophone.", "private");
  const open = await client.collections.create({ name: "open" });
  await uploadText("shown.txt", "The shown word is marimba.", "open");
  const withKey = async (request: Parameters<typeof client.keys.create>[0]) => {
    const { secret } = await client.keys.create(request);
    return createClient({ baseUrl: server.url, apiKey: secret });
  };
  const searcher = await withKey({ name: "search", scopes: ["search"], collections: ["open"] });
  const found = await searcher.search({ query: "word" });
  expect(new Set(found.results.map((result) => result.collectionId))).toEqual(new Set([open.id]));
  expect(await codeOf(searcher.search({ query: "word", collections: ["private"] }))).toBe("not_found");
  expect(await codeOf(searcher.documents.get(hiddenId))).toBe("not_found");
  expect(await codeOf(searcher.documents.file(hiddenId))).toBe("not_found");
  expect(await codeOf(searcher.documents.import({ collection: "open", text: "x" }))).toBe("forbidden");
  expect(await codeOf(searcher.documents.delete(found.results[0]!.documentId))).toBe("forbidden");
  const filtered = await searcher.search({ query: "xylophone", filter: { documentIds: [hiddenId] } });
  expect(filtered.results).toEqual([]);

  const ingester = await withKey({ name: "ingest", scopes: ["ingest"], collections: ["open"] });
  const { items } = await ingester.documents.import({ collection: "open", text: "A third word." });
  expect((await ingester.documents.get(items[0]!.id)).id).toBe(items[0]!.id);
  expect(await codeOf(ingester.search({ query: "word" }))).toBe("forbidden");
  expect(await codeOf(ingester.documents.text(items[0]!.id))).toBe("forbidden");
  expect(await codeOf(ingester.documents.import({ collection: "private", text: "x" }))).toBe("not_found");

  const chatter = await withKey({ name: "chat", scopes: ["chat"], collections: ["open"] });
  const answer = await chatter.ask({ question: "What is the hidden word xylophone?" });
  expect(JSON.stringify(answer)).not.toContain("The hidden word is");
  const listed = (await client.keys.list()).items.find((key) => key.name === "search")!;
  expect(listed.lastUsedAt).not.toBeNull();
  await client.keys.revoke(listed.id);
  expect(await codeOf(searcher.search({ query: "word" }))).toBe("unauthenticated");
});

test("a pre-chunked and a batch import come in as given, in order", async () => {
  const { items } = await client.documents.importBatch([
    { externalId: "b-1", text: "First of the batch." },
    {
      externalId: "b-2",
      chunks: [
        { text: "Chunk one.", page: 3 },
        { text: "Chunk two.", page: 4 },
      ],
    },
    { externalId: "b-3" },
  ]);
  expect(items.map((item) => ("error" in item ? item.error.code : item.status))).toEqual([
    "queued",
    "queued",
    "request_invalid",
  ]);
  const second = items[1]!.id!;
  await waitUntil(async () => (await client.documents.get(second)).status === "ready", { what: "the chunks" });
  const chunks = await client.documents.chunks(second);
  expect(chunks.items.map((chunk) => [chunk.text, chunk.page])).toEqual([
    ["Chunk one.", 3],
    ["Chunk two.", 4],
  ]);
});

test("S1 hostile names change nothing outside the data folder, and nothing in it bears them", async () => {
  const outside = () => readdirSync(folder).sort();
  const before = outside();
  for (const name of [
    "../../evil.txt",
    "/etc/evil.txt",
    "..\\..\\evil.txt",
    "CON.txt",
    "%2e%2e%2fevil.txt",
    "evil․․/x.txt",
  ]) {
    const form = new FormData();
    form.append("externalId", name);
    form.append("file", new Blob([`text of ${name}`]), name);
    const response = await client.send("POST", "/api/v1/documents", { body: form });
    expect(response.status).toBe(202);
  }
  await client.collections.create({ name: "../../evil collection" });
  expect(outside()).toEqual(before);
  for (const path of filesBelow(join(folder, "data"))) expect(path).not.toMatch(/evil|CON|\.\./);
});

test("A1 what is deleted is gone at once from search, chat, the open conversation and the file, and later from disk", async () => {
  const { items } = await client.documents.list({ name: "pump" });
  const id = items[0]!.id;
  const conversationId = (await chat(`How often is the ${CANARY} pump serviced?`))[0]!;
  expect(conversationId.type).toBe("conversation");
  await client.documents.delete(id);
  for (const mode of ["hybrid", "dense", "lexical"] as const)
    expect((await client.search({ query: CANARY, mode })).results.some((result) => result.documentId === id)).toBe(
      false,
    );
  for (const work of [client.documents.get(id), client.documents.file(id), client.documents.text(id)])
    expect(await codeOf(work)).toBe("not_found");
  const answer = await client.ask({ question: `How often is the ${CANARY} pump serviced?` });
  expect(answer.citations.filter((citation) => citation.documentId === id)).toEqual([]);
  if (conversationId.type === "conversation") {
    const { messages } = await client.conversations.get(conversationId.id);
    const answered = messages.filter((message) => message.role === "assistant");
    expect(JSON.stringify(answered)).not.toContain("400 operating hours");
  }
  const { id: jobId } = await client.reindex();
  await waitUntil(async () => (await client.jobs.get(jobId)).endedAt !== null, {
    what: "the re-index",
    timeoutMs: 25_000,
  });
  for (const path of filesBelow(join(folder, "data")))
    expect(readFileSync(path).includes("is serviced every 400 operating hours"), path).toBe(false);
});

test("S13 the one-time link makes the owner against the real database, once, and nothing secret is logged", async () => {
  const link = await makeOwnerLink(platform, server.url);
  const secret = new URL(link!).hash.slice(1);
  const password = "a very long password";
  const browser = createClient({ baseUrl: server.url });
  expect((await browser.session.get()).setupRequired).toBe(true);
  const made = await browser.session.setup({ secret, name: "Ada", password });
  expect(made.user?.name).toBe("Ada");
  expect(await codeOf(browser.session.setup({ secret, name: "Eve", password }))).toBe("conflict");
  expect((await browser.session.login({ name: "Ada", password })).user?.name).toBe("Ada");
  const logged = logLines.join("\n");
  for (const hidden of [secret, password, ENVIRONMENT_KEY, CANARY]) expect(logged).not.toContain(hidden);
});

/**
 * The outside contract (commands, HTTP shapes, process behaviour) on a real house with real models: what people script
 * against. One server for the file; tests that kill it start their own.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import { API_KEY, startHouse, type House } from "./house.ts";

interface Completion {
  readonly choices: readonly { message: { content: string } }[];
  readonly lorekeep: { readonly citations: readonly unknown[] };
}

let house: House;
let collectionId: string;

const FERRY = `# Harbour ferry manual

## Engines
The port engine of the Heron must be serviced every 400 operating hours. The starboard engine is a Volund V12 and uses
grade 15W-40 oil. Fault code ERR-4711 means that the bilge pump float switch is stuck.

## Crew
A crossing needs a skipper, one engineer and two deckhands. Night crossings need one more deckhand.
`;
const LANTERN = "灯塔手册\n\n白鹭岛灯塔建于1923年，高度为四十二米。守塔人每天早上六点擦拭透镜。备用发电机使用柴油。\n";

/** Waits for the end of its processing; the test fails with the document's own words when that is a failure. */
async function ready(id: string): Promise<void> {
  const document = await waitUntil(
    async () => {
      const found = await house.client.documents.get(id);
      return found.status === "ready" || found.status === "failed" ? found : null;
    },
    { what: `document ${id} to be processed`, timeoutMs: 120_000, everyMs: 100 },
  );
  expect(document.error).toBeNull();
  expect(document.status).toBe("ready");
}

async function importText(title: string, text: string, extra: Record<string, string> = {}): Promise<string> {
  const { items } = await house.client.documents.import({ collection: collectionId, title, text, ...extra });
  const id = items[0]?.id ?? "";
  await ready(id);
  return id;
}

function call(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${house.url}${path}`, { ...init, headers: { authorization: `Bearer ${API_KEY}`, ...init.headers } });
}

beforeAll(async () => {
  house = await startHouse();
  collectionId = (await house.client.collections.create({ name: "Harbour" })).id;
  await importText("Harbour ferry manual", FERRY, { externalId: "ferry-1", mediaType: "text/markdown" });
  await importText("灯塔手册", LANTERN);
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
});

describe("the process", () => {
  test("prints the ready line alone and last, and answers health checks", async () => {
    expect(house.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${house.url}/readyz`)).status).toBe(200);
    expect(await (await call("/metrics")).text()).toContain("# TYPE");
  });

  test("refuses a key that is too short, with a sentence", async () => {
    await expect(startHouse({ environment: { LOREKEEP_API_KEY: "short" }, readyTimeoutMs: 60_000 })).rejects.toThrow(
      /24 characters/,
    );
  });

  test("keeps an upload answered with 202 through kill -9, and ends within 20 s of SIGTERM (C3)", async () => {
    await using own = await startHouse();
    const { items } = await own.client.documents.import({ title: "Kept", text: FERRY });
    await own.stop("SIGKILL");
    const again = await own.restart();
    try {
      const id = items[0]?.id ?? "";
      await waitUntil(async () => (await again.client.documents.get(id)).status === "ready", {
        what: "the document to be ready after kill -9",
        timeoutMs: 120_000,
      });
    } finally {
      expect(await again.stop("SIGTERM")).toBeLessThan(20_000);
    }
  });
});

describe("search", () => {
  test("ranks an exact identifier first and returns the external id (E1)", async () => {
    const { results } = await house.client.search({ query: "ERR-4711", collections: [collectionId] });
    expect(results[0]?.text).toContain("ERR-4711");
    expect(results[0]?.externalId).toBe("ferry-1");
  });

  test.each(["hybrid", "dense", "lexical"] as const)("finds Chinese text in mode %s (E2)", async (mode) => {
    const { results } = await house.client.search({ query: "灯塔的高度", collections: ["Harbour"], mode });
    expect(results[0]?.text).toContain("四十二米");
  });

  test("treats operators of the full-text language as words (S12)", async () => {
    for (const query of ['"', "a* NEAR b", "-ERR", "title:x OR (", "'; DROP TABLE chunks; --"]) {
      expect((await call("/api/v1/search", json({ query }))).status).toBe(200);
    }
  });
});

describe("chat", () => {
  test("answers with checked citations whose quotes stand verbatim in the source (F1, F2)", async () => {
    const question = "How often must the port engine of the Heron be serviced?";
    const answer = await house.client.ask({ question, collections: [collectionId] });
    expect(answer.refused).toBe(false);
    expect(answer.answer).toContain("400");
    expect(answer.citations.length).toBeGreaterThan(0);
    for (const citation of answer.citations) expect(FERRY.replaceAll("\n", " ")).toContain(citation.quote);
  });

  test("answers a Chinese question with Chinese quotes", async () => {
    const answer = await house.client.ask({ question: "白鹭岛灯塔有多高？", collections: [collectionId] });
    expect(answer.refused).toBe(false);
    expect(answer.answer).toContain("四十二米");
    expect(answer.extractive).toBe(true);
  });

  test("refuses what the documents do not say, in both languages (G2)", async () => {
    for (const question of ["Who won the chess world championship in 1972?", "量子计算机的价格是多少？"]) {
      const answer = await house.client.ask({ question, collections: [collectionId] });
      expect(answer.refused, question).toBe(true);
      expect(answer.reason).toBeTruthy();
      expect(answer.citations).toEqual([]);
    }
  });

  test("streams the events in the order of the contract, and a refused stream ends too", async () => {
    const types: string[] = [];
    const question = "Which oil does the starboard engine use?";
    for await (const event of house.client.chat({ question, collections: [collectionId] })) types.push(event.type);
    expect(types[0]).toBe("conversation");
    expect(types.indexOf("passages")).toBeGreaterThan(0);
    expect(types.indexOf("citations")).toBeGreaterThan(types.indexOf("passages"));
    expect(types.at(-1)).toBe("end");
    const refused: string[] = [];
    const off = "What is the capital of Mongolia?";
    for await (const event of house.client.chat({ question: off, collections: [collectionId] }))
      refused.push(event.type);
    expect(refused.slice(-2)).toEqual(["refusal", "end"]);
  });

  test("resolves a follow-up against the turns before it (G1)", async () => {
    const first = await house.client.ask({
      question: "Who must be aboard for a crossing?",
      collections: [collectionId],
    });
    const next = await house.client.ask({
      conversationId: first.conversationId,
      question: "And at night?",
      collections: [collectionId],
    });
    expect(next.condensedQuestion).toMatch(/crossing/i);
    expect(next.passages.some(({ text }) => text.includes("Night crossings"))).toBe(true);
  });

  test("shows the same citations after a reload (F4)", async () => {
    const question = "What does ERR-4711 mean?";
    const answer = await house.client.ask({ question, collections: [collectionId] });
    const stored = await house.client.conversations.get(answer.conversationId);
    expect(stored.messages.at(-1)?.citations).toEqual(answer.citations);
    expect(stored.messages.at(-1)?.text).toBe(answer.answer);
  });
});

describe("the OpenAI form", () => {
  test("answers with citations, streams to [DONE], and embeds", async () => {
    const messages = [{ role: "user", content: "How often must the port engine of the Heron be serviced?" }];
    const plain = await call("/v1/chat/completions", json({ model: "lorekeep", messages }));
    expect(plain.status).toBe(200);
    const body = (await plain.json()) as Completion;
    expect(body.choices[0]?.message.content).toContain("400");
    expect(body.lorekeep.citations.length).toBeGreaterThan(0);
    const stream = await call(
      "/v1/chat/completions",
      json({ model: "lorekeep/base", messages, stream: true, max_tokens: 16 }),
    );
    expect((await stream.text()).trimEnd().endsWith("data: [DONE]")).toBe(true);
    const embedded = await call("/v1/embeddings", json({ model: "lorekeep", input: ["a", "灯塔"] }));
    expect(((await embedded.json()) as { data: unknown[] }).data).toHaveLength(2);
    expect((await call("/v1/models")).status).toBe(200);
  });
});

describe("documents", () => {
  test("tells a duplicate, and lists a failed file with a code and a human sentence (C4, D1)", async () => {
    const same = await house.client.documents.import({
      collection: collectionId,
      title: "灯塔手册",
      text: LANTERN,
    });
    expect(same.items[0]?.duplicateOf).toBeTruthy();
    const form = new FormData();
    form.append("collection", collectionId);
    form.append("file", new Blob(["%PDF-1.7\n1 0 obj << broken"]), "坏文件.pdf");
    form.append("file", new Blob(["The spare anchor weighs 75 kg."]), "anchor.txt");
    const response = await call("/api/v1/documents", { method: "POST", body: form });
    expect(response.status).toBe(202);
    const { items } = (await response.json()) as { items: { id: string; name: string }[] };
    expect(items.map((item) => item.name)).toEqual(["坏文件.pdf", "anchor.txt"]);
    await ready(items[1]?.id ?? "");
    const bad = await waitUntil(
      async () => {
        const document = await house.client.documents.get(items[0]?.id ?? "");
        return document.status === "failed" ? document : null;
      },
      { what: "the damaged file to fail", timeoutMs: 60_000 },
    );
    expect(bad.error?.code).toMatch(/^document_/);
    expect(bad.error?.detail).toMatch(/[A-Za-z]{3,}.*\./);
  });

  test("forgets a deleted document everywhere within a second, and on disk after a re-index (A1)", async () => {
    const canary = "zyzzogeton-7741";
    const id = await importText("Canary", `The secret of the canary is ${canary}. Nobody else knows it.`);
    const question = `What is the secret of the canary?`;
    const before = await house.client.ask({ question, collections: [collectionId] });
    expect(before.answer).toContain(canary);
    await house.client.documents.delete(id);
    const gone = Date.now();
    for (const mode of ["hybrid", "dense", "lexical"] as const) {
      const { results } = await house.client.search({ query: `${canary} canary secret`, mode, limit: 100 });
      expect(JSON.stringify(results)).not.toContain(canary);
    }
    expect(Date.now() - gone).toBeLessThan(1000);
    for (const path of ["", "/chunks", "/file", "/text", "/events"]) {
      expect([404, 410]).toContain((await call(`/api/v1/documents/${id}${path}`)).status);
    }
    const after = await house.client.ask({ question, conversationId: before.conversationId });
    expect(JSON.stringify(after)).not.toContain(canary);
    expect(JSON.stringify(await house.client.conversations.get(before.conversationId))).not.toContain(canary);
    const job = await house.client.reindex();
    await waitUntil(async () => (await house.client.jobs.get(job.id)).status === "succeeded", {
      what: "the re-index to end",
      timeoutMs: 120_000,
    });
    await expectNoFileHolds(house.dataFolder, canary);
  });

  test("serves originals as attachments that cannot run (S3)", async () => {
    const { items } = await house.client.documents.import({
      collection: collectionId,
      title: "page.html",
      text: "<html><script>alert(1)</script><body>The buoy is red.</body></html>",
      mediaType: "text/html",
    });
    const response = await call(`/api/v1/documents/${items[0]?.id ?? ""}/file`);
    expect(response.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
  });
});

describe("jobs and the rest", () => {
  test("lists the next nightly run, changes its schedule, and keeps it over a restart", async () => {
    const { items } = await house.client.jobs.list({ kind: "reindex" });
    expect(items.some((job) => job.status === "scheduled" || job.status === "delayed")).toBe(true);
    await house.client.schedule.put({ cron: "30 3 * * *", timezone: "Asia/Shanghai", enabled: true });
    const schedule = await house.client.schedule.get();
    expect(schedule).toMatchObject({ cron: "30 3 * * *", timezone: "Asia/Shanghai", enabled: true });
    const odd = await call("/api/v1/schedules/reindex", {
      ...json({ cron: "nonsense", timezone: "Mars/Olympus", enabled: true }),
      method: "PUT",
    });
    expect(odd.status).toBe(400);
    expect(((await odd.json()) as { code: string }).code).toBe("schedule_invalid");
  });

  test("limits a key to its scopes and collection (L3)", async () => {
    const other = await house.client.collections.create({ name: "Other" });
    const { secret } = await house.client.keys.create({ name: "reader", scopes: ["search"], collections: [other.id] });
    const as = (path: string, init: RequestInit = {}) =>
      fetch(`${house.url}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${secret}` } });
    const found = (await (await as("/api/v1/search", json({ query: "engine" }))).json()) as { results: unknown[] };
    expect(found.results).toEqual([]);
    expect((await as("/api/v1/search", json({ query: "engine", collections: [collectionId] }))).status).toBe(404);
    expect((await as("/api/v1/chat", json({ question: "engine?" }))).status).toBe(403);
    expect((await as("/api/v1/keys")).status).toBe(403);
    expect((await fetch(`${house.url}/api/v1/documents`)).status).toBe(401);
  });

  test("lists every route in OpenAPI 3.1, those with a verb too", async () => {
    const openapi = (await (await call("/api/v1/openapi.json")).json()) as { openapi: string; paths: object };
    expect(openapi.openapi).toMatch(/^3\.1/);
    const paths = Object.keys(openapi.paths).join("\n");
    for (const path of ["/documents:batch", ":reprocess", ":cancel", "/schedules/reindex", "/chat", "/search"]) {
      expect(paths).toContain(path);
    }
  });
});

function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function expectNoFileHolds(folder: string, text: string): Promise<void> {
  const { readdir } = await import("node:fs/promises");
  const needle = Buffer.from(text);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    expect(readFileSync(path).includes(needle), path).toBe(false);
  }
}

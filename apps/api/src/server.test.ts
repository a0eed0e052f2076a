import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import { makeDocument } from "./testing/fake-library.ts";
import { makeCollection } from "./testing/fake-library.ts";
import { startServer } from "./server.ts";
import { startTestServer, type TestServer } from "./testing/start-test-server.ts";

let webFolder: string;
let house: TestServer;
beforeAll(async () => {
  webFolder = mkdtempSync(join(tmpdir(), "lorekeep-web-"));
  mkdirSync(join(webFolder, "assets"));
  writeFileSync(join(webFolder, "index.html"), "<!doctype html><title>Lorekeep</title>");
  writeFileSync(join(webFolder, "assets", "app-1a2b3c.js"), "1");
  writeFileSync(join(webFolder, ".secret"), "hidden");
  house = await startTestServer({ webFolder });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(webFolder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => house.call("GET", path, { key: null, headers });

test.each(["/", "/api/v1/session", "/api/docs", "/nothing", "/api/v1/jobs", "/assets/app-1a2b3c.js"])(
  "S9 %s carries the strict headers: nothing inline, nothing foreign",
  async (path) => {
    const { headers } = await get(path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    for (const part of ["script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' blob: data:"])
      expect(policy.split("; ")).toContain(part);
    for (const part of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      expect(policy.split("; ")).toContain(part);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  },
);

test("the page is asked for anew each time, hashed files are kept, every inner path is the page", async () => {
  for (const path of ["/", "/setup", "/admin/documents", "/chat/cnv_1"]) {
    const page = await get(path);
    expect([page.status, page.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    expect(await page.text()).toContain("<title>Lorekeep</title>");
  }
  const asset = await get("/assets/app-1a2b3c.js");
  expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect((await get("/assets/gone-000000.js")).status).toBe(404);
});

test("probes and files are logged quietly", async () => {
  const levels: string[] = [];
  const { logger } = house.platform;
  const { debug, info } = logger;
  logger.debug = (event) => levels.push(`debug ${event}`);
  logger.info = (event) => levels.push(`info ${event}`);
  try {
    for (const path of ["/healthz", "/assets/app-1a2b3c.js", "/api/v1/session"]) await (await get(path)).text();
    await waitUntil(() => levels.length === 3, { what: "three lines" });
  } finally {
    Object.assign(logger, { debug, info });
  }
  expect(levels).toEqual(["debug http.answered", "debug http.answered", "info http.answered"]);
});

test("S1 the web folder is the only one that is served", async () => {
  for (const path of ["/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/.secret", "/assets/..%5c..%5cx"])
    expect(await (await get(path)).text(), path).not.toMatch(/root:|hidden/);
});

test("without a build the page says what to do, and the API answers", async () => {
  await using bare = await startTestServer();
  const page = await bare.call("GET", "/", { key: null });
  expect(page.status).toBe(503);
  expect(await page.text()).toContain("npm run build");
  expect((await bare.call("GET", "/healthz", { key: null })).status).toBe(200);
});

test("a request is logged with its id, its pattern and its status, never its path", async () => {
  const { logLines } = house.platform;
  logLines.length = 0;
  const response = await house.call("GET", "/api/v1/collections/private-name?limit=3");
  await waitUntil(() => logLines.length > 0, { what: "the log line" });
  expect(JSON.parse(logLines[0]!)).toMatchObject({
    event: "http.answered",
    requestId: response.headers.get("x-request-id"),
    route: "/api/v1/collections/{id}",
    status: 404,
    actor: "key:environment",
  });
  expect(logLines.join()).not.toContain("private-name");
});

test("a fault of ours is told without its cause, which the log has under the same id", async () => {
  const { platform } = house;
  const search = platform.assistant.search;
  platform.assistant.search = () => Promise.reject(new Error("SELECT secret FROM table"));
  try {
    platform.logLines.length = 0;
    const response = await house.call("POST", "/api/v1/search", { json: { query: "q" } });
    const problem = await response.text();
    expect(response.status).toBe(500);
    expect(problem).not.toMatch(/SELECT|\.ts:/);
    const logged = platform.logLines.find((line) => line.includes("SELECT secret"))!;
    expect(logged).toContain((JSON.parse(problem) as { requestId: string }).requestId);
  } finally {
    platform.assistant.search = search;
  }
});

test("a port that is taken is a sentence that says what to do", async () => {
  const options = { platform: house.platform, host: "127.0.0.1", port: house.server.port, webFolder };
  await expect(startServer(options)).rejects.toMatchObject({
    code: "config_invalid",
    message: expect.stringMatching(/^Port \d+ on 127\.0\.0\.1 is taken by another program\. Set LOREKEEP_PORT/),
  });
});

test("closing ends watching streams at once and running answers after its patience", async () => {
  const own = await startTestServer({ graceMs: 300 });
  const { rows, generation } = own.platform;
  const document = makeDocument(makeCollection(rows, "c").id, { status: "processing" });
  rows.documents.set(document.id, document);
  const watching = await own.call("GET", `/api/v1/documents/${document.id}/events`);
  const answering = await own.call("POST", "/api/v1/chat", { json: { question: "endless" } });
  const answered = answering.text();
  await waitUntil(() => generation.deltas > 3, { what: "the answer to begin" });
  const startedMs = performance.now();
  const closed = own.server.close();
  await watching.text();
  expect(performance.now() - startedMs).toBeLessThan(290);
  await closed;
  expect(await answered).toMatch(/event: end\ndata: .*"stopped":true/);
  expect(generation.running).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(3000);
});

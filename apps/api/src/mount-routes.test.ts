import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { problemSchema } from "@lorekeep/core";
import { z } from "zod";
import { isMountedHandler } from "./mount-routes.ts";
import { openApiDocument } from "./openapi.ts";
import { isDefinedRoute, type Route } from "./route.ts";
import { routes } from "./routes/index.ts";
import { createApp } from "./server.ts";
import { fakePlatform } from "./testing/fake-platform.ts";
import { rateLimit } from "./rate-limit.ts";
import { startTestServer, type TestServer } from "./testing/start-test-server.ts";

let house: TestServer;
beforeAll(async () => {
  const limits = { requestsPerMinute: 1_000_000, jsonBytes: 100_000, sessionDays: 30 };
  house = await startTestServer({ limits });
});
afterAll(() => house[Symbol.asyncDispose]());

const label = (route: Route) => `${route.method.toUpperCase()} ${route.path}`;
const fill = (path: string, value: string) => path.replace(/\{\w+\}/g, value);
const ID = "doc_0000000000000000000000000";

test("S5 every layer of the router is a known middleware or a route with a declared access", () => {
  const now = () => new Date();
  const never = new AbortController().signal;
  const limit = rateLimit({ perMinute: 1, what: "x", now });
  const app = createApp("/nonexistent", {
    platform: fakePlatform(),
    requests: limit,
    logins: limit,
    closing: never,
    closed: never,
    now,
  });
  const layers = app.router.stack;
  const handlers = layers.map((layer) => layer.route?.stack.map((inner) => inner.handle) ?? [layer.handle]);
  const undeclared = layers.filter(
    (_, index) => !handlers[index]!.every((handler) => isMountedHandler(handler as never)),
  );
  expect(undeclared.map((layer) => layer.name)).toEqual([
    "logRequest",
    "securityHeaders",
    "compression",
    "router", // the web app's files
    "answerProblem",
  ]);
  expect(layers.filter((layer) => layer.route !== undefined)).toHaveLength(routes.length);
});

test("a route that was not made by defineRoute is not mounted", () => {
  expect(routes.every(isDefinedRoute)).toBe(true);
  expect(isDefinedRoute({ ...routes[0]! })).toBe(false);
});

test("the routes that need no login are exactly these", () => {
  const open = routes.filter((route) => route.access === "public" || route.access === "operator").map(label);
  expect(open.sort()).toEqual([
    "GET /api/docs",
    "GET /api/docs.css",
    "GET /api/v1/openapi.json",
    "GET /api/v1/session",
    "GET /healthz",
    "GET /metrics",
    "GET /readyz",
    "POST /api/v1/session",
    "POST /api/v1/setup",
  ]);
});

const closedRoutes = routes.filter((route) => route.access !== "public" && route.access !== "operator");

test.each(closedRoutes.map((route) => [label(route), route] as const))("%s refuses without login", async (_, route) => {
  const body = route.method === "get" ? {} : { body: "{}" };
  const response = await house.call(route.method.toUpperCase(), fill(route.path, ID), { key: null, ...body });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
  expect(problemSchema.parse(await response.json()).code).toBe("unauthenticated");
});

const scopedRoutes = routes.filter((route) => Array.isArray(route.access));

test.each(scopedRoutes.map((route) => [label(route), route] as const))(
  "L3 %s refuses a key without its right",
  async (_, route) => {
    const lacking = (["search", "chat", "ingest"] as const).filter((scope) => !route.access.includes(scope));
    if (lacking.length === 0) return;
    const key = await house.makeKey(lacking);
    const body = route.method === "get" ? {} : { body: "{}" };
    const response = await house.call(route.method.toUpperCase(), fill(route.path, ID), { key, ...body });
    expect(response.status).toBe(403);
    expect(problemSchema.parse(await response.json()).code).toBe("forbidden");
  },
);

test("a path that is no route is 404, a wrong method is 405 with the right ones", async () => {
  const unknown = await house.call("GET", "/api/v1/nothing");
  expect([unknown.status, problemSchema.parse(await unknown.json()).code]).toEqual([404, "not_found"]);
  const wrong = await house.call("PUT", "/api/v1/documents");
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST, GET"]);
  expect((await house.call("POST", `/api/v1/documents/${ID}:vanish`, { body: "{}" })).status).toBe(405);
});

test("a verb after an id reaches its own route", async () => {
  const cancel = await house.call("POST", "/api/v1/jobs/job_0000000000000000000000000:cancel");
  expect(problemSchema.parse(await cancel.json()).detail).toBe("There is no such job.");
  const pull = await house.call("POST", "/api/v1/models/fake:pull");
  expect(pull.status).toBe(202);
});

test("the OpenAPI document lists every route, verbs included, and names what it needs", async () => {
  const response = await house.call("GET", "/api/v1/openapi.json", { key: null });
  const document = z
    .object({ openapi: z.literal("3.1.0"), paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(await response.json());
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(listed.sort()).toEqual(routes.map(label).sort());
  for (const path of ["/api/v1/documents:batch", "/api/v1/documents/{id}:reprocess", "/v1/chat/completions"])
    expect(Object.keys(document.paths)).toContain(path);
});

test("operation ids are unique and bodies have schemas", () => {
  const operations = Object.values(openApiDocument(routes, "1").paths).flatMap((methods) => Object.values(methods));
  expect(new Set(operations.map((each) => each.operationId)).size).toBe(operations.length);
  for (const operation of operations)
    for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
      expect(Object.keys(schema as object).length).toBeGreaterThan(0);
});

test("the documentation page is one document without scripts or foreign addresses", async () => {
  const response = await house.call("GET", "/api/docs", { key: null });
  const html = await response.text();
  expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  expect(html).toContain("/api/v1/documents/{id}:reprocess");
  expect(html).not.toMatch(/<script|style=|https?:\/\//);
  expect((await house.call("GET", "/api/docs.css", { key: null })).headers.get("content-type")).toMatch(/^text\/css/);
});

const oddBodies = fc.oneof(
  fc.constant(undefined),
  fc.constant(""),
  fc.constant("null"),
  fc.constant("[]"),
  fc.constant('{"a":'),
  fc.constant('{"__proto__":{"admin":true},"constructor":{"prototype":{}}}'),
  fc.constant("[".repeat(50_000)),
  fc.constant("x".repeat(150_000)),
  fc.json({ maxDepth: 4 }),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
);
const oddTypes = fc.constantFrom(
  undefined,
  "application/json",
  "application/json; charset=utf-9000",
  "multipart/form-data",
  "multipart/form-data; boundary=",
  "multipart/form-data; boundary=----x",
  "text/html",
  "application/x-www-form-urlencoded",
  "image/svg+xml",
  ";;;",
);
const oddEncodings = fc.constantFrom(undefined, undefined, undefined, "gzip", "br", "bogus");
const oddIds = fc.oneof(
  fc.constantFrom(
    ID,
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "%E0%A4%A",
    "a".repeat(2000),
    "%2e%2e%5c",
    "con",
    "__proto__",
    "1 OR 1=1",
  ),
  fc.string({ maxLength: 40 }).map(encodeURIComponent),
);

test("S11 no route falls over odd bodies, types, encodings or ids", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes.filter((route) => !route.path.endsWith("/events"))),
      oddBodies,
      oddTypes,
      oddEncodings,
      oddIds,
      async (route, body, type, encoding, id) => {
        const headers = {
          ...(type === undefined ? {} : { "content-type": type }),
          ...(encoding === undefined ? {} : { "content-encoding": encoding }),
        };
        const withBody = route.method === "get" || body === undefined ? {} : { body: body as string };
        const response = await house.call(route.method.toUpperCase(), fill(route.path, id), { headers, ...withBody });
        const text = await response.text();
        expect(response.status, `${label(route)} ${text}`).toBeLessThan(500);
        expect(text).not.toMatch(/node_modules|at .*\.ts:\d+/);
        if (response.status >= 400) {
          expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
          problemSchema.parse(JSON.parse(text));
        }
      },
    ),
    { seed: 11, numRuns: 1200 },
  );
  expect((await house.call("GET", "/healthz", { key: null })).status).toBe(200);
}, 120_000);

test("S11 raw nonsense on the socket leaves the server standing", async () => {
  const { connect } = await import("node:net");
  for (const bytes of [
    "\0\0\0\n\n",
    "GET / HTTP/9.9\r\n\r\n",
    "POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(house.server.port, "127.0.0.1", () => {
        socket.write(bytes);
        setImmediate(() => socket.destroy());
      });
      socket.on("close", () => resolve());
      socket.on("error", () => undefined);
    });
  }
  expect((await house.call("GET", "/healthz", { key: null })).status).toBe(200);
});

test("S12 search text and filters reach the use case as they are, never as syntax", async () => {
  const query = `"; DROP TABLE x; -- NEAR(a b) * - " ' 你好`;
  const response = await house.call("POST", "/api/v1/search", {
    json: { query, filter: { metadata: { "a'); --": { in: ["'"] } } } },
  });
  expect(await response.json()).toMatchObject({ plan: { query } });
});

import { expect, test } from "vitest";
import { createdApiKeySchema, problemSchema, sessionSchema } from "@lorekeep/core";
import { SESSION_COOKIE } from "../auth.ts";
import { makeOwnerLink } from "../owner-link.ts";
import { startTestServer, type TestServer } from "../testing/start-test-server.ts";

const PASSWORD = "a long password";
const post = (house: TestServer, path: string, json: unknown, headers: Record<string, string> = {}) =>
  house.call("POST", `/api/v1/${path}`, { key: null, json, headers });
const code = async (response: Response) => problemSchema.parse(await response.json()).code;
const cookieOf = (response: Response) => response.headers.getSetCookie()[0] ?? "";

async function secretOf(house: TestServer): Promise<string> {
  const link = await makeOwnerLink(house.platform, house.url);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#[\w-]{43}$/);
  return new URL(link!).hash.slice(1);
}

test("S13 there is no account at first and no password that works; the one-time link makes the owner, once", async () => {
  await using house = await startTestServer();
  const first = sessionSchema.parse(await (await house.call("GET", "/api/v1/session", { key: null })).json());
  expect(first).toMatchObject({ user: null, setupRequired: true });
  for (const [name, password] of [
    ["admin", "admin"],
    ["owner", "lorekeep"],
    ["root", "root"],
  ])
    expect(await code(await post(house, "session", { name, password }))).toBe("setup_required");
  const owner = { name: "Ada", password: PASSWORD };
  expect(await code(await post(house, "setup", { ...owner, secret: "a".repeat(43) }))).toBe("setup_link_invalid");

  const secret = await secretOf(house);
  const made = await post(house, "setup", { ...owner, secret });
  expect(made.status).toBe(201);
  expect(sessionSchema.parse(await made.json())).toMatchObject({ user: { name: "Ada" }, setupRequired: false });
  expect(cookieOf(made)).toMatch(
    /^lorekeep_session=[\w-]{43}; Max-Age=\d+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
  );

  expect(await code(await post(house, "setup", { ...owner, secret }))).toBe("conflict");
  expect(await makeOwnerLink(house.platform, house.url)).toBeNull();
});

test("S13 a newer link replaces the older one, and a link runs out after a day", async () => {
  const made = Date.parse("2026-01-20T00:00:00Z");
  let now = new Date(made);
  await using house = await startTestServer({ now: () => now });
  const older = await secretOf(house);
  await secretOf(house);
  const owner = { name: "Ada", password: PASSWORD };
  expect(await code(await post(house, "setup", { ...owner, secret: older }))).toBe("setup_link_invalid");
  const link = await makeOwnerLink(house.platform, house.url, now);
  const secret = new URL(link!).hash.slice(1);
  now = new Date(made + 86_400_000);
  expect(await code(await post(house, "setup", { ...owner, secret }))).toBe("setup_link_invalid");
  const next = new URL((await makeOwnerLink(house.platform, house.url, now))!).hash.slice(1);
  now = new Date(now.getTime() + 86_399_000);
  expect((await post(house, "setup", { ...owner, secret: next })).status).toBe(201);
});

test("signing in and out: the session ends on the server, not only in the browser", async () => {
  await using house = await startTestServer();
  await post(house, "setup", { name: "Ada", password: PASSWORD, secret: await secretOf(house) });
  expect(await code(await post(house, "session", { name: "Ada", password: "wrong" }))).toBe("unauthenticated");
  expect(await code(await post(house, "session", { name: "Eve", password: PASSWORD }))).toBe("unauthenticated");
  const signedIn = await post(house, "session", { name: "Ada", password: PASSWORD });
  const cookie = cookieOf(signedIn).split(";")[0]!;
  const whoAmI = async () =>
    sessionSchema.parse(await (await house.call("GET", "/api/v1/session", { key: null, headers: { cookie } })).json());
  expect((await whoAmI()).user?.name).toBe("Ada");
  const out = await house.call("DELETE", "/api/v1/session", { key: null, headers: { cookie, origin: house.url } });
  expect(out.status).toBe(204);
  expect(cookieOf(out)).toMatch(new RegExp(`^${SESSION_COOKIE}=; Path=/; Expires=Thu, 01 Jan 1970`));
  expect((await whoAmI()).user).toBeNull();
  expect((await house.call("DELETE", "/api/v1/session")).status).toBe(403);
});

test("signing in from a page of another site is refused", async () => {
  await using house = await startTestServer();
  const login = { name: "Ada", password: PASSWORD };
  expect(await code(await post(house, "session", login, { origin: "http://evil.example" }))).toBe("forbidden");
});

test("passwords that are too short, and names that are missing, are refused with the field's name", async () => {
  await using house = await startTestServer();
  const response = await post(house, "setup", { name: "Ada", password: "short", secret: "a".repeat(43) });
  expect(problemSchema.parse(await response.json())).toMatchObject({
    status: 400,
    detail: expect.stringContaining("body.password: at least 10 characters"),
  });
});

test("guessing a password is slowed down, with the seconds to wait", async () => {
  await using house = await startTestServer();
  const tries = await Promise.all(
    Array.from({ length: 25 }, () => post(house, "session", { name: "Ada", password: "x" })),
  );
  const refused = tries.filter((response) => response.status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(4);
  expect(Number(refused[0]!.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("S13 no password, key, session or link is ever logged or written to the audit log", async () => {
  await using house = await startTestServer();
  const secret = await secretOf(house);
  const made = await post(house, "setup", { name: "Ada", password: PASSWORD, secret });
  const token = cookieOf(made).split(";")[0]!.split("=")[1]!;
  const created = await house.call("POST", "/api/v1/keys", { json: { name: "k", scopes: ["admin"] } });
  const key = createdApiKeySchema.parse(await created.json());
  await house.call("GET", "/api/v1/jobs", { key: key.secret });
  await house.call("GET", `/api/v1/documents?collection=${key.secret}`);
  await post(house, "session", { name: "Ada", password: "wrong password here" });
  const written = house.platform.logLines.join("\n") + JSON.stringify(house.platform.rows.audit);
  expect(house.platform.logLines.length).toBeGreaterThan(4);
  expect(house.platform.rows.audit.map((entry) => entry.action)).toEqual([
    "session.refused",
    "key.created",
    "owner.created",
  ]);
  for (const hidden of [secret, PASSWORD, token, key.secret, "wrong password here", "environment-key"])
    expect(written).not.toContain(hidden);
});

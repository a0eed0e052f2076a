import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "@lorekeep/core/testing";
import type { OpenedStore } from "./open-store.ts";
import { makeCollection, openTestStore } from "./testing/seed-store.ts";

const clock = manualClock("2026-01-01T00:00:00.000Z");
let store: OpenedStore;
beforeEach(() => {
  clock.set("2026-01-01T00:00:00.000Z");
  store = openTestStore({ clock });
});
afterEach(() => store.close());
const now = () => clock.now().toISOString();

describe("accounts", () => {
  test("S13 there is one owner", async () => {
    expect(await store.accounts.countUsers()).toBe(0);
    const owner = await store.accounts.createOwner({ name: "Ada", passwordHash: "hash" });
    await expect(store.accounts.createOwner({ name: "Eve", passwordHash: "h" })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await store.accounts.findUser("Ada")).toEqual({ ...owner, passwordHash: "hash" });
    expect(await store.accounts.getUser(owner.id)).toEqual(owner);
    expect(await store.accounts.findUser("ada' --")).toBeNull();
  });

  test("S6 a session is found until it ends", async () => {
    const owner = await store.accounts.createOwner({ name: "Ada", passwordHash: "hash" });
    const id = await store.accounts.createSession({
      userId: owner.id,
      tokenHash: "t",
      expiresAt: "2026-01-02T00:00:00Z",
    });
    expect(await store.accounts.findSession("t", now())).toEqual({ id, user: owner });
    expect(await store.accounts.findSession("", now())).toBeNull();
    expect(await store.accounts.findSession("t", "2026-01-02T00:00:00.000Z")).toBeNull();
    await store.accounts.deleteSession("t");
    expect(await store.accounts.findSession("t", now())).toBeNull();
  });

  test("L3 a key keeps its scopes, collection, end and last use", async () => {
    const { id } = await makeCollection(store);
    const key = await store.accounts.createKey({
      name: "ci",
      prefix: "lk_12",
      secretHash: "s",
      scopes: ["search"],
      collectionIds: [id],
      expiresAt: "2026-02-01T00:00:00Z",
    });
    expect(key).toMatchObject({ scopes: ["search"], collectionIds: [id], lastUsedAt: null });
    expect(JSON.stringify(await store.accounts.listKeys())).not.toContain("secretHash");
    await store.accounts.findKey("s", now());
    expect((await store.accounts.listKeys())[0]!.lastUsedAt).toBe(now());
    expect(await store.accounts.findKey("s", "2026-02-01T00:00:00.000Z")).toBeNull();
    expect(await store.accounts.revokeKey(key.id)).toBe(true);
    expect(await store.accounts.revokeKey(key.id)).toBe(false);
    expect(await store.accounts.findKey("s", now())).toBeNull();
  });

  test("S6 a one-time secret works once, for its purpose, in time", async () => {
    await store.accounts.putOneTimeSecret("setup", "h", "2026-01-01T01:00:00Z");
    expect(await store.accounts.takeOneTimeSecret("reset", "h", now())).toBe(false);
    expect(await store.accounts.takeOneTimeSecret("setup", "h", "2026-01-01T01:00:00.000Z")).toBe(false);
    expect(await store.accounts.takeOneTimeSecret("setup", "h", now())).toBe(true);
    expect(await store.accounts.takeOneTimeSecret("setup", "h", now())).toBe(false);
  });
});

test("settings hold any JSON value, and null when never put", async () => {
  expect(await store.settings.get("x")).toBeNull();
  for (const value of [{ a: [1] }, "text", 0, false, null]) {
    await store.settings.put("x", value);
    expect(await store.settings.get("x")).toEqual(value);
  }
});

test("the audit log is listed newest first", async () => {
  for (const action of ["a", "b", "c"]) await store.audit.record({ actor: "cli", action, detail: { n: 1 } });
  const page = await store.audit.list({ limit: 2 });
  expect(page.items.map(({ action }) => action)).toEqual(["c", "b"]);
  const rest = await store.audit.list({ limit: 2, cursor: page.nextCursor! });
  expect(rest.items).toEqual([{ id: 1, at: now(), actor: "cli", action: "a", target: null, detail: { n: 1 } }]);
});

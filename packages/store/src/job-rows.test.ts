import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newId } from "@lorekeep/core";
import type { Job, JobRows } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import { openTestStore } from "./testing/seed-store.ts";

const START = new Date("2026-01-01T00:00:00.000Z");
const later = (ms: number) => new Date(START.getTime() + ms);
let store: OpenedStore;
let rows: JobRows;
beforeEach(() => {
  store = openTestStore();
  rows = store.jobRows;
});
afterEach(() => store.close());

type Insert = Parameters<JobRows["insert"]>[0];
const insert = (change: Partial<Insert> = {}): Job =>
  rows.insert({
    id: newId("job"),
    kind: "k",
    payload: { documentId: "doc_1" },
    maxAttempts: 2,
    parentId: null,
    key: null,
    runAt: START.toISOString(),
    createdAt: START.toISOString(),
    priority: 0,
    ...change,
  });
const claim = (now = START, kinds = [{ kind: "k", concurrency: 10 }], owner = "me") =>
  rows.claim({ kinds, owner, now, leaseMs: 1000 });

describe("job rows", () => {
  test("give each job to one claimer, in order of priority and time", () => {
    const normal = insert();
    const urgent = insert({ priority: 5 });
    const second = insert();
    expect([claim(), claim(), claim()].map((job) => job?.id)).toEqual([urgent.id, normal.id, second.id]);
    expect(claim()).toBeNull();
    expect(rows.get(normal.id)).toMatchObject({ status: "running", attempt: 1, startedAt: START.toISOString() });
  });

  test("make no second job while one with the key has not ended", () => {
    const first = insert({ key: "a" });
    expect(insert({ key: "a" }).id).toBe(first.id);
    claim();
    expect(insert({ key: "a" }).id).toBe(first.id);
    rows.succeed(first.id, "me", { done: 1 }, later(5));
    expect(insert({ key: "a" }).id).not.toBe(first.id);
    expect(rows.get(first.id)).toMatchObject({
      status: "succeeded",
      result: { done: 1 },
      endedAt: later(5).toISOString(),
    });
  });

  test("respect each kind's places and pass over kinds without any", () => {
    insert({ kind: "a", priority: 9 });
    insert({ kind: "a", priority: 9 });
    const other = insert({ kind: "b" });
    const kinds = [
      { kind: "a", concurrency: 1 },
      { kind: "b", concurrency: 1 },
    ];
    expect(claim(START, kinds)?.kind).toBe("a");
    expect(claim(START, kinds)?.id).toBe(other.id);
    expect(claim(START, kinds)).toBeNull();
    expect(claim(START, [])).toBeNull();
  });

  test("hold scheduled jobs back until they are due", () => {
    const job = insert({ runAt: later(500).toISOString() });
    expect(job.status).toBe("scheduled");
    expect(claim(later(499))).toBeNull();
    expect(claim(later(500))?.id).toBe(job.id);
  });

  test("listen to the lease's owner only", () => {
    const { id } = insert();
    claim();
    expect(rows.heartbeat(id, "you", later(1), 1000)).toBe(false);
    expect(rows.heartbeat(id, "me", later(900), 1000)).toBe(true);
    rows.progress(id, "you", 1, 2, null);
    rows.progress(id, "me", 3, 4, "note");
    expect(rows.get(id)!.progress).toEqual({ done: 3, total: 4, note: "note" });
    expect(rows.succeed(id, "you", null, later(1))).toBe(false);
    expect(rows.fail(id, "you", { code: "unexpected", detail: "" }, { status: "failed" }, later(1))).toBe(false);
    expect(rows.reapExpired(later(1899))).toBe(0);
    expect(rows.reapExpired(later(1900))).toBe(1);
    expect(rows.heartbeat(id, "me", later(1900), 1000)).toBe(false);
    expect(rows.get(id)!.status).toBe("queued");
  });

  test("C2 a job whose process dies too often is dead, with a reason", () => {
    const { id } = insert({ maxAttempts: 2 });
    for (const at of [0, 2000]) {
      claim(later(at));
      rows.reapExpired(later(at + 1000));
    }
    expect(rows.get(id)).toMatchObject({ status: "dead", attempt: 2, error: { code: "job_timeout" } });
    expect(rows.get(id)!.endedAt).toBe(later(3000).toISOString());
  });

  test("fail for good or come back later", () => {
    const { id } = insert();
    claim();
    const error = { code: "model_failed", detail: "The model failed." } as const;
    expect(rows.fail(id, "me", error, { retryAt: later(700) }, later(1))).toBe(true);
    expect(rows.get(id)).toMatchObject({ status: "scheduled", error, runAt: later(700).toISOString() });
    claim(later(700));
    expect(rows.fail(id, "me", error, { status: "dead" }, later(701))).toBe(true);
    expect(rows.get(id)).toMatchObject({ status: "dead", attempt: 2, endedAt: later(701).toISOString() });
  });

  test("release gives a job back with its attempt not counted", () => {
    const { id } = insert();
    claim();
    rows.release(id, "me", later(5));
    expect(rows.get(id)).toMatchObject({ status: "queued", attempt: 0 });
    expect(claim(later(6))?.id).toBe(id);
  });

  test("cancel and retry only what may be", () => {
    const { id } = insert({ key: "a" });
    claim();
    expect(rows.cancel(id, later(1))).toMatchObject({ status: "cancelled" });
    expect(rows.heartbeat(id, "me", later(2), 1000)).toBe(false);
    expect(rows.cancel(id, later(2))).toBeNull();
    const other = insert({ key: "a" });
    expect(rows.retry(id, later(3))).toBeNull();
    rows.cancel(other.id, later(3));
    expect(rows.retry(id, later(4))).toMatchObject({ status: "queued", attempt: 0, endedAt: null });
    expect(rows.retry(newId("job"), later(5))).toBeNull();
  });

  test("are listed newest first, counted, and pruned when ended long ago", () => {
    const ids = [insert(), insert({ kind: "b" }), insert()].map(({ id }) => id);
    const page = rows.list({ limit: 2 });
    expect(page.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(rows.list({ limit: 2, cursor: page.nextCursor! }).items.map(({ id }) => id)).toEqual([ids[0]]);
    expect(rows.list({ limit: 9, kind: "b" }).items).toHaveLength(1);
    rows.cancel(ids[0]!, later(1));
    expect(rows.list({ limit: 9, statuses: ["cancelled"] }).items.map(({ id }) => id)).toEqual([ids[0]]);
    expect(rows.counts()).toMatchObject({ queued: 2, cancelled: 1, dead: 0 });
    expect(rows.prune(later(1))).toBe(0);
    expect(rows.prune(later(2))).toBe(1);
    expect(rows.get(ids[0]!)).toBeNull();
  });
});

describe("schedule rows", () => {
  test("J2 a due time is taken once, and never one before it", () => {
    store.scheduleRows.put({ name: "reindex", cron: "0 2 * * *", timezone: "UTC", enabled: true });
    expect(store.scheduleRows.takeDue("reindex", "2026-01-02T02:00:00Z")).toBe(true);
    expect(store.scheduleRows.takeDue("reindex", "2026-01-02T02:00:00.000Z")).toBe(false);
    expect(store.scheduleRows.takeDue("reindex", "2026-01-01T02:00:00Z")).toBe(false);
    expect(store.scheduleRows.takeDue("reindex", "2026-01-03T03:00:00+01:00")).toBe(true);
    expect(store.scheduleRows.takeDue("other", "2026-01-03T02:00:00Z")).toBe(false);
  });

  test("J1 putting it again keeps what was taken", () => {
    const schedule = { name: "reindex", cron: "0 2 * * *", timezone: "UTC", enabled: true };
    store.scheduleRows.put(schedule);
    store.scheduleRows.takeDue("reindex", "2026-01-02T02:00:00Z");
    store.scheduleRows.put({ ...schedule, enabled: false });
    expect(store.scheduleRows.get("reindex")).toEqual({
      ...schedule,
      enabled: false,
      lastDueAt: "2026-01-02T02:00:00.000Z",
    });
    expect(store.scheduleRows.get("other")).toBeNull();
  });
});

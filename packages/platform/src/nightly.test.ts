import { mkdirSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import type { ReindexReport } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "./access.ts";
import { openTestHouse, temporaryFolder } from "./testing/open-test-platform.ts";
import type { TestHouse } from "./testing/open-test-platform.ts";

let watched: string;
beforeEach(() => {
  watched = temporaryFolder();
  mkdirSync(join(watched, "inner"));
});
afterEach(() => rmSync(watched, { recursive: true, force: true }));

const watching = () => ({ ingest: { watchFolders: [{ path: watched, collection: "Notes" }] } });

async function reindex(house: TestHouse): Promise<ReindexReport> {
  const { id } = await house.platform.operations.reindex(LOCAL_ACTOR);
  const job = await waitUntil(
    async () => {
      const found = await house.platform.queue.get(id);
      return found?.endedAt ? found : null;
    },
    { what: "the re-index to end", timeoutMs: 20_000 },
  );
  expect(job).toMatchObject({ status: "succeeded" });
  return job.result as ReindexReport; // the handler's own type, through JSON
}

const namesIn = async (house: TestHouse): Promise<string[]> =>
  (await house.platform.store.documents.list({ limit: 50 })).items.map((document) => document.name).sort();

describe("the nightly run", () => {
  test("follows a watched folder: what was added, changed and removed", async () => {
    writeFileSync(join(watched, "a.txt"), "Alpha tells of aardvarks.");
    writeFileSync(join(watched, "inner", "b.txt"), "Beta tells of bears.");
    writeFileSync(join(watched, ".hidden.txt"), "Nobody should read this.");
    await using house = await openTestHouse({ config: watching() });
    expect(await reindex(house)).toMatchObject({
      foldersRead: 1,
      documentsAdded: 2,
      documentsChanged: 0,
      documentsRemoved: 0,
      problems: [],
    });
    expect(await namesIn(house)).toEqual(["a.txt", "b.txt"]);

    const embedded = house.models.embedded.length;
    expect(await reindex(house)).toMatchObject({ documentsAdded: 0, documentsChanged: 0, documentsRemoved: 0 });
    expect(house.models.embedded).toHaveLength(embedded);

    writeFileSync(join(watched, "a.txt"), "Alpha now tells of antelopes.");
    utimesSync(join(watched, "a.txt"), 1, 1);
    unlinkSync(join(watched, "inner", "b.txt"));
    writeFileSync(join(watched, "c.txt"), "Gamma tells of gazelles.");
    expect(await reindex(house)).toMatchObject({
      documentsAdded: 1,
      documentsChanged: 1,
      documentsRemoved: 1,
      problems: [],
    });
    expect(await namesIn(house)).toEqual(["a.txt", "c.txt"]);
    const find = async (query: string) =>
      (await house.platform.assistant.search(LOCAL_ACTOR, { query, limit: 5, mode: "lexical", explain: false })).results
        .length;
    expect([await find("antelopes"), await find("gazelles"), await find("aardvarks"), await find("bears")]).toEqual([
      1, 1, 0, 0,
    ]);
  });

  test("J6: what comes in while the folder is being read is not taken for removed", async () => {
    writeFileSync(join(watched, "a.txt"), "Alpha.");
    await using house = await openTestHouse({ config: watching() });
    await reindex(house);
    writeFileSync(join(watched, "a.txt"), "Alpha, changed.");
    // While the scan reads a.txt, an upload puts another document into the same collection.
    const { documents } = house.platform.store;
    const admit = documents.admit.bind(documents);
    let late: string | null = null;
    documents.admit = async (document) => {
      documents.admit = admit;
      late = (await house.upload("late.txt", "Late.", "Notes")).document.id;
      return admit(document);
    };
    expect(await reindex(house)).toMatchObject({ documentsChanged: 1, documentsRemoved: 0 });
    expect(late).not.toBeNull();
    expect(await namesIn(house)).toEqual(["a.txt", "late.txt"]);
  });

  test("removes nothing when the folder is away, and says so", async () => {
    writeFileSync(join(watched, "a.txt"), "Alpha.");
    await using house = await openTestHouse({ config: watching() });
    await reindex(house);
    rmSync(watched, { recursive: true });
    const report = await reindex(house);
    expect(report.documentsRemoved).toBe(0);
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toContain("cannot be read");
    expect(await namesIn(house)).toEqual(["a.txt"]);
  });

  test("D3: tries a failed document again a few nights, then leaves it", async () => {
    await using house = await openTestHouse();
    house.models.failWith = new AppError("context_too_long", "Does not fit.");
    const hopeless = await house.upload("hopeless.txt", "Never mind.");
    await house.settled(hopeless.document.id);
    expect(await reindex(house)).toMatchObject({ documentsRetried: 0 });
    house.models.failWith = null;

    const { documents } = house.platform.store;
    const passing = await house.upload("passing.txt", "May work later.");
    await house.settled(passing.document.id);
    const fail = () =>
      documents.setStatus(passing.document.id, "failed", { error: { code: "model_missing", detail: "Not there." } });
    const retried: number[] = [];
    for (let night = 0; night < 5; night += 1) {
      await fail();
      retried.push((await reindex(house)).documentsRetried);
    }
    expect(retried).toEqual([1, 1, 1, 0, 0]);
  });

  test("verifies and compacts every index, and keeps the report for the admin", async () => {
    await using house = await openTestHouse();
    const { document } = await house.upload("a.txt", "Alpha tells of aardvarks.");
    await house.settled(document.id);
    const report = await reindex(house);
    expect(report.indexes).toMatchObject([
      { collection: "Library", vectors: 1, missing: 0, orphans: 0, compacted: true },
    ]);
    expect((await house.platform.operations.schedule()).lastReport).toEqual(report);
  });
});

describe("the schedule", () => {
  test("J1: is one, however often the house is opened", async () => {
    await using house = await openTestHouse();
    await house.platform.operations.putSchedule({ cron: "30 3 * * *", timezone: "Europe/Berlin", enabled: true });
    for (let start = 0; start < 3; start += 1) await house.reopen();
    expect(await house.platform.operations.schedule()).toMatchObject({ cron: "30 3 * * *", timezone: "Europe/Berlin" });
    expect((await house.platform.queue.list({ kind: "reindex", limit: 10 })).items).toEqual([]);
  });

  test("J3: a run that was due while the house was closed is made up at the start, once", async () => {
    let nowMs = Date.parse("2026-03-01T12:00:00Z");
    const clock = { now: () => new Date(nowMs) };
    await using house = await openTestHouse({ open: { clock } });
    const runs = async () => (await house.platform.queue.list({ kind: "reindex", limit: 10 })).items;
    expect(await runs()).toEqual([]);
    nowMs = Date.parse("2026-03-04T09:00:00Z"); // three nights at 02:00 have passed
    await house.reopen();
    await waitUntil(async () => (await runs())[0]?.endedAt, { what: "the missed run" });
    await house.reopen();
    await house.idle();
    expect(await runs()).toMatchObject([
      { status: "succeeded", payload: { trigger: "schedule", dueAt: "2026-03-04T02:00:00.000Z" } },
    ]);
  });

  test("refuses what is no time", async () => {
    await using house = await openTestHouse({ work: false });
    const change = { cron: "every night", timezone: "UTC", enabled: true };
    await expect(house.platform.operations.putSchedule(change)).rejects.toMatchObject({ code: "schedule_invalid" });
  });
});

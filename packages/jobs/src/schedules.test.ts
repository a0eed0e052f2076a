import { AppError } from "@lorekeep/core";
import type { Job, Queue } from "@lorekeep/core";
import { manualClock, memoryScheduleRows, recordingLogger, waitUntil } from "@lorekeep/core/testing";
import { describe, expect, test } from "vitest";
import { JOB_KINDS } from "./kinds.ts";
import { openSchedules } from "./schedules.ts";

const nightly = { name: "reindex", cron: "0 2 * * *", timezone: "Europe/Berlin", enabled: true };

/** Schedulers that share rows, a clock and a list of what was enqueued, as processes share a database. */
function house(start = "2026-03-02T12:00:00.000Z") {
  const clock = manualClock(start);
  const rows = memoryScheduleRows();
  const enqueued: { kind: string; payload: unknown; key: string | undefined }[] = [];
  const queue: Pick<Queue, "enqueue"> = {
    async enqueue(kind, payload, options) {
      const known = enqueued.findIndex(({ key }) => options?.once === true && key === options.key);
      if (known < 0) enqueued.push({ kind, payload, key: options?.key });
      return { id: `job_${known < 0 ? enqueued.length : known + 1}` } as Job; // only the id is looked at
    },
  };
  const open = (over: Partial<Parameters<typeof openSchedules>[0]> = {}) =>
    openSchedules({ rows, queue, clock, logger: recordingLogger(), tickMs: 5, ...over });
  return {
    clock,
    rows,
    enqueued,
    queue,
    open,
    dueTimes: () => enqueued.map(({ payload }) => (payload as { dueAt: string }).dueAt),
  };
}

describe("running", () => {
  test("a due time enqueues one job with its key and a payload that fits its kind", async () => {
    const { clock, enqueued, open } = house();
    const schedules = open();
    await schedules.put(nightly);
    expect(await schedules.tick()).toBe(0);
    clock.set("2026-03-03T01:00:00.000Z");
    expect(await schedules.tick()).toBe(1);
    expect(await schedules.tick()).toBe(0);
    expect(enqueued).toEqual([
      {
        kind: "reindex",
        payload: { trigger: "schedule", dueAt: "2026-03-03T01:00:00.000Z" },
        key: "reindex:2026-03-03T01:00:00.000Z",
      },
    ]);
    expect(JOB_KINDS.reindex.payload.safeParse(enqueued[0]?.payload).success).toBe(true);
  });

  test("J1 five restarts leave exactly one nightly schedule and one run a night", async () => {
    const { clock, open, dueTimes } = house();
    await open().put(nightly);
    for (let night = 3; night < 8; night += 1) {
      const schedules = open();
      if (night > 3) await schedules.put(nightly); // as a start with configured defaults does
      await schedules.tick();
      clock.set(`2026-03-0${night}T01:00:30.000Z`);
      await schedules.tick();
      schedules.close();
    }
    expect(dueTimes()).toEqual([3, 4, 5, 6, 7].map((night) => `2026-03-0${night}T01:00:00.000Z`));
  });

  test("J2 many schedulers at the same due time make one run", async () => {
    const { clock, open, enqueued } = house();
    await open().put(nightly);
    const all = Array.from({ length: 8 }, () => open());
    clock.set("2026-03-03T01:00:00.000Z");
    const counts = await Promise.all(all.map((schedules) => schedules.tick()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(enqueued).toHaveLength(1);
  });

  test("J3 runs missed while nothing ran are made up once, at the start, for the latest due time", async () => {
    const { clock, open, dueTimes } = house();
    await open().put(nightly);
    clock.set("2026-03-06T09:00:00.000Z"); // four nights later
    const schedules = open();
    await schedules.start();
    expect(dueTimes()).toEqual(["2026-03-06T01:00:00.000Z"]);
    schedules.close();
    const again = open();
    await again.start();
    again.close();
    expect(dueTimes()).toHaveLength(1);
  });

  test("J2 J3 a process that ends between a due time's job and its mark neither skips the night nor doubles it", async () => {
    const { clock, rows, open, dueTimes } = house();
    await open().put(nightly);
    clock.set("2026-03-03T01:00:00.000Z");
    const ending = { ...rows, takeDue: () => expect.fail("The process is gone.") };
    await expect(open({ rows: ending }).tick()).rejects.toThrow("gone");
    expect(rows.get("reindex")?.lastDueAt).not.toBe("2026-03-03T01:00:00.000Z");
    await open().tick();
    await open().tick();
    expect(dueTimes()).toEqual(["2026-03-03T01:00:00.000Z"]);
    expect(rows.get("reindex")?.lastDueAt).toBe("2026-03-03T01:00:00.000Z");
  });

  test("J3 of nights missed while the queue is away the latest runs, once, also after a changed schedule", async () => {
    const { clock, open, queue, dueTimes } = house();
    let away = true;
    const enqueue: Queue["enqueue"] = (...request) =>
      away ? Promise.reject(new AppError("queue_unavailable", "Away.")) : queue.enqueue(...request);
    const schedules = open({ queue: { enqueue } });
    await schedules.put(nightly);
    for (const day of ["03", "04"]) {
      clock.set(`2026-03-${day}T01:00:00.000Z`);
      await expect(schedules.tick()).rejects.toMatchObject({ code: "queue_unavailable" });
    }
    await schedules.put({ ...nightly, cron: "0 23 * * *" });
    away = false;
    await schedules.tick();
    expect(dueTimes()).toEqual(["2026-03-04T01:00:00.000Z"]);
  });

  test("a started schedule ticks by itself until it is closed", async () => {
    const { clock, open, enqueued } = house();
    const schedules = open();
    await schedules.put(nightly);
    await schedules.start();
    clock.set("2026-03-03T01:00:00.000Z");
    await waitUntil(() => enqueued.length === 1, { what: "a tick" });
    schedules.close();
  });

  test("J5 a due time that could not be enqueued is not lost: the next tick enqueues it", async () => {
    const { clock, open, queue, enqueued } = house();
    let away = true;
    const flaky: Pick<Queue, "enqueue"> = {
      async enqueue(...request) {
        if (away) throw new AppError("queue_unavailable", "Away.");
        return queue.enqueue(...request);
      },
    };
    const schedules = open({ queue: flaky });
    await schedules.put(nightly);
    clock.set("2026-03-03T01:00:00.000Z");
    await expect(schedules.tick()).rejects.toMatchObject({ code: "queue_unavailable" });
    await schedules.start(); // logs, does not throw
    schedules.close();
    away = false;
    expect(await schedules.tick()).toBe(1);
    expect(enqueued).toHaveLength(1);
  });

  test("a schedule that is switched off does not run, and what it missed is not made up when it is switched on", async () => {
    const { clock, open, enqueued } = house();
    const schedules = open();
    await schedules.put(nightly);
    await schedules.put({ ...nightly, enabled: false });
    expect(schedules.get("reindex")?.nextDueAt).toBeNull();
    clock.set("2026-03-05T09:00:00.000Z");
    expect(await schedules.tick()).toBe(0);
    await schedules.put(nightly);
    expect(await schedules.tick()).toBe(0);
    expect(enqueued).toEqual([]);
  });
});

describe("changing", () => {
  test("a new time takes effect at once, and a time that is past today waits for tomorrow", async () => {
    const { clock, open, dueTimes } = house("2026-03-02T12:00:00.000Z");
    const schedules = open();
    await schedules.put(nightly);
    const changed = await schedules.put({ ...nightly, cron: "0 11 * * *", timezone: "UTC" });
    expect(changed.nextDueAt).toBe("2026-03-03T11:00:00.000Z");
    expect(await schedules.tick()).toBe(0);
    await schedules.put({ ...nightly, cron: "5 12 * * *", timezone: "UTC" });
    clock.advance(5 * 60_000);
    await schedules.tick();
    expect(dueTimes()).toEqual(["2026-03-02T12:05:00.000Z"]);
  });

  test("what was due under the old times still runs when the change comes first", async () => {
    const { clock, open, dueTimes } = house();
    const schedules = open();
    await schedules.put(nightly);
    clock.set("2026-03-03T01:00:05.000Z");
    await schedules.put({ ...nightly, cron: "0 5 * * *" });
    expect(dueTimes()).toEqual(["2026-03-03T01:00:00.000Z"]);
  });

  test.each([
    ["0 2 * *", "UTC", /five fields.*has 4/],
    ["0 0 2 * * *", "UTC", /five fields.*has 6/],
    ["", "UTC", /five fields.*has 0/],
    ["@daily", "UTC", /five fields/],
    ["61 * * * *", "UTC", /cannot be read/],
    ["0 2 * * someday", "UTC", /cannot be read/],
    ["0 0 30 2 *", "UTC", /never/],
    ["0 2 * * *", "Europe/Atlantis", /not a time zone/],
    ["0 2 * * *", "", /not a time zone/],
  ])("refuses %j in %j with a sentence", async (cron, timezone, sentence) => {
    const { open, rows } = house();
    const put = open().put({ ...nightly, cron, timezone });
    await expect(put).rejects.toMatchObject({ code: "schedule_invalid", message: expect.stringMatching(sentence) });
    expect(rows.get("reindex")).toBeNull();
  });

  test("refuses a name that nothing answers to", async () => {
    await expect(
      house()
        .open()
        .put({ ...nightly, name: "other" }),
    ).rejects.toMatchObject({ code: "not_found" });
    expect(house().open().get("reindex")).toBeNull();
  });
});

describe("time zones", () => {
  /** Every due time in [from, to), found by ticking every ten minutes. */
  async function dueBetween(cron: string, timezone: string, from: string, to: string): Promise<string[]> {
    const { clock, open, dueTimes } = house(from);
    const schedules = open();
    await schedules.put({ ...nightly, cron, timezone });
    for (let now = Date.parse(from); now < Date.parse(to); now += 600_000) {
      clock.set(new Date(now));
      await schedules.tick();
    }
    return dueTimes();
  }

  test("runs once on the night when 2:30 does not exist", async () => {
    const times = await dueBetween("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
    expect(times).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
  });

  test("runs once on the night when 2:30 comes twice", async () => {
    const times = await dueBetween("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z");
    expect(times).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
  });

  test("follows the zone's own midnight", async () => {
    const times = await dueBetween("0 0 * * *", "Asia/Shanghai", "2026-01-01T12:00:00Z", "2026-01-02T20:00:00Z");
    expect(times).toEqual(["2026-01-01T16:00:00.000Z", "2026-01-02T16:00:00.000Z"]);
  });

  test("hours that come twice are two hours", async () => {
    const times = await dueBetween("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-25T03:30:00Z");
    expect(times.map((time) => time.slice(11, 13))).toEqual(["00", "01", "02", "03"]);
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { AppError } from "@lorekeep/core";
import type { JobRows, Queue } from "@lorekeep/core";
import {
  CONTRACT_KINDS,
  describeQueue,
  manualClock,
  memoryJobRows,
  recordingLogger,
  waitUntil,
} from "@lorekeep/core/testing";
import { openStore } from "@lorekeep/store";
import { afterEach, describe, expect, test } from "vitest";
import { openSqliteQueue } from "./sqlite-queue.ts";
import type { SqliteQueueOptions } from "./sqlite-queue.ts";

const migrationsFolder = join(import.meta.dirname, "../../../migrations");

function underTest(openRows: () => JobRows, end: () => Promise<void>) {
  const opened: Queue[] = [];
  return {
    async open() {
      const queue = openSqliteQueue({
        rows: openRows(),
        kinds: CONTRACT_KINDS,
        logger: recordingLogger(),
        pollMs: 10,
        // Long enough that a busy machine does not take it for a dead worker.
        leaseMs: 900,
        abortGraceMs: 30,
      });
      opened.push(queue);
      return queue;
    },
    async close() {
      await Promise.all(opened.map((queue) => queue.close()));
      await end();
    },
  };
}

describeQueue("embedded, rows in memory", async () => {
  const rows = memoryJobRows();
  return underTest(
    () => rows,
    async () => undefined,
  );
});

describeQueue("embedded, rows in SQLite, one connection per process", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lorekeep-jobs-"));
  const stores: { close(): Promise<void> }[] = [];
  return underTest(
    () => {
      const store = openStore({ path: join(folder, "jobs.db"), migrationsFolder, logger: recordingLogger() });
      stores.push(store);
      return store.jobRows;
    },
    async () => {
      for (const store of stores) await store.close();
      await rm(folder, { recursive: true });
    },
  );
});

describe("leases of the embedded queue", () => {
  const clock = manualClock();
  const queues: Queue[] = [];
  const open = (options: Partial<SqliteQueueOptions> = {}): Queue => {
    const queue = openSqliteQueue({
      rows: options.rows ?? memoryJobRows(),
      kinds: CONTRACT_KINDS,
      logger: recordingLogger(),
      pollMs: 5,
      clock,
      abortGraceMs: 10,
      ...options,
    });
    queues.push(queue);
    return queue;
  };
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
  });
  /** Claims as a process would that dies right afterwards. */
  const claimAndDie = (rows: JobRows) =>
    rows.claim({ kinds: [{ kind: "echo", concurrency: 2 }], owner: "dead", now: clock.now(), leaseMs: 30_000 });

  test("C3 a job of a process that died is taken over when its lease has run out, and not before", async () => {
    const rows = memoryJobRows();
    const queue = open({ rows });
    const job = await queue.enqueue("echo", { value: "x" });
    claimAndDie(rows);
    const attempts: number[] = [];
    await queue.work({ echo: async (_, context) => void attempts.push(context.job.attempt) });
    clock.advance(29_000);
    await waitUntil(() => rows.get(job.id)?.status === "running", { what: "a poll" });
    expect(attempts).toEqual([]);
    clock.advance(32_000);
    await waitUntil(() => attempts.length > 0, { what: "the job to be taken over" });
    expect(attempts).toEqual([2]);
  });

  test("C2 a job that kills every process that runs it is dead after its attempts", async () => {
    const rows = memoryJobRows();
    const queue = open({ rows });
    const job = await queue.enqueue("echo", { value: "x" });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(claimAndDie(rows)?.id).toBe(job.id);
      clock.advance(60_000);
      rows.reapExpired(clock.now());
    }
    expect(await queue.get(job.id)).toMatchObject({ status: "dead", attempt: 3, error: { code: "job_timeout" } });
    expect(claimAndDie(rows)).toBeNull();
  });

  test("a process whose lease was lost aborts its handler, and its late result changes nothing", async () => {
    const rows = memoryJobRows();
    const queue = open({ rows, leaseMs: 60 });
    const signals: AbortSignal[] = [];
    await queue.work({
      echo: (_, { signal }) => {
        signals.push(signal);
        if (signals.length > 1) return Promise.resolve("second");
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve("late")));
      },
    });
    const job = await queue.enqueue("echo", { value: "x" });
    await waitUntil(() => signals.length === 1, { what: "the job to start" });
    clock.advance(10_000); // as if this process had been suspended
    rows.reapExpired(clock.now());
    await waitUntil(() => signals[0]?.aborted, { what: "the abort" });
    expect((signals[0]?.reason as AppError).code).toBe("job_cancelled");
    await waitUntil(() => rows.get(job.id)?.status === "succeeded", { what: "the second run" });
    expect(await queue.get(job.id)).toMatchObject({ attempt: 2, result: "second" });
  });

  test("rows that fail now and then delay work but lose none", async () => {
    const rows = memoryJobRows();
    let calls = 0;
    const shaky = new Proxy(rows, {
      get: (target, name: keyof JobRows) =>
        name !== "claim"
          ? target[name]
          : (query: Parameters<JobRows["claim"]>[0]) => {
              calls += 1;
              if (calls % 2 === 1) throw new AppError("database_busy", "Busy.");
              return target.claim(query);
            },
    });
    const logger = recordingLogger();
    const queue = open({ rows: shaky, logger });
    await queue.work({ echo: async () => "done" });
    const job = await queue.enqueue("echo", { value: "x" });
    await waitUntil(() => rows.get(job.id)?.status === "succeeded", { what: "the job" });
    expect(logger.lines.some(({ event }) => event === "job.claim_failed")).toBe(true);
  });

  test("a job of this process starts without waiting for a poll", async () => {
    const queue = open({ pollMs: 3_600_000 });
    await queue.work({ echo: async () => "done" });
    const job = await queue.enqueue("echo", { value: "x" });
    await waitUntil(async () => (await queue.get(job.id))?.status === "succeeded", { what: "the job" });
  });

  test("pauses between attempts double, by the clock", async () => {
    const rows = memoryJobRows();
    const queue = open({ rows, random: () => 0.5 });
    await queue.work({
      echo: async () => {
        throw new AppError("model_busy", "Busy.");
      },
    });
    const job = await queue.enqueue("echo", { value: "x" });
    const waits: number[] = [];
    for (let attempt = 1; attempt < 3; attempt += 1) {
      const waiting = await waitUntil(
        () => {
          const now = rows.get(job.id);
          return now?.status === "scheduled" && now.attempt === attempt ? now : null;
        },
        { what: `attempt ${attempt} to fail` },
      );
      waits.push(new Date(waiting.runAt).getTime() - clock.now().getTime());
      clock.advance(waits.at(-1)!);
    }
    expect(waits).toEqual([10, 20]);
  });

  test("J4 a handler that computes in a worker thread for longer than its lease keeps it", async () => {
    const rows = memoryJobRows();
    const options = { rows, clock: { now: () => new Date() }, leaseMs: 1_000 };
    let runs = 0;
    const handler = async () => {
      runs += 1;
      const code =
        "const end = Date.now() + 2_500; while (Date.now() < end); require('node:worker_threads').parentPort.postMessage(1);";
      await new Promise((resolve) => new Worker(code, { eval: true }).once("message", resolve));
      return "computed";
    };
    const queue = open(options);
    await queue.work({ echo: handler });
    await open(options).work({ echo: handler });
    const job = await queue.enqueue("echo", { value: "x" });
    await waitUntil(() => rows.get(job.id)?.status === "succeeded", { what: "the computation", timeoutMs: 20_000 });
    expect(runs).toBe(1);
    expect(rows.get(job.id)).toMatchObject({ attempt: 1, result: "computed" });
  });
});

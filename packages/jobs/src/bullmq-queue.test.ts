import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { Worker } from "node:worker_threads";
import type { AddressInfo } from "node:net";
import type { Queue } from "@lorekeep/core";
import {
  CONTRACT_KINDS,
  describeQueue,
  manualClock,
  memoryScheduleRows,
  recordingLogger,
  waitUntil,
} from "@lorekeep/core/testing";
import type { RecordingLogger } from "@lorekeep/core/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBullmqQueue } from "./bullmq-queue.ts";
import { JOB_KINDS } from "./kinds.ts";
import { openSchedules } from "./schedules.ts";

const REDIS = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path));
if (REDIS === undefined)
  console.warn("Skipped: the BullMQ driver's tests need redis-server (apt install redis-server).");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A Redis of our own on loopback, without persistence. */
async function startRedis(port: number, policy = "noeviction"): Promise<{ url: string; stop(): Promise<void> }> {
  const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", policy];
  const child = spawn(REDIS!, flags, { stdio: "ignore" });
  const url = `redis://127.0.0.1:${port}`;
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on("error", () => undefined);
  await probe.ping();
  probe.disconnect();
  return {
    url,
    async stop() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await exited;
    },
  };
}

describe.skipIf(REDIS === undefined)("BullMQ", () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let prefixCount = 0;
  beforeAll(async () => {
    redis = await startRedis(await freePort());
  });
  afterAll(async () => {
    await redis.stop();
  });

  const open = (url: string, logger: RecordingLogger = recordingLogger(), prefix = `t${++prefixCount}`): Queue =>
    openBullmqQueue({ redisUrl: url, kinds: CONTRACT_KINDS, logger, prefix, leaseMs: 300, abortGraceMs: 30 });

  describeQueue("BullMQ on a real Redis", async () => {
    const prefix = `contract${++prefixCount}`;
    const opened: Queue[] = [];
    return {
      async open() {
        const queue = open(redis.url, recordingLogger(), prefix);
        opened.push(queue);
        return queue;
      },
      close: async () => void (await Promise.all(opened.map((queue) => queue.close()))),
    };
  });

  test("lists hundreds of jobs in pages, also when the last one seen has been pruned meanwhile", async () => {
    const queue = open(redis.url);
    for (let batch = 0; batch < 5; batch += 1) {
      await Promise.all(Array.from({ length: 90 }, (_, i) => queue.enqueue("single", { value: `${batch}-${i}` })));
    }
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await queue.list({ limit: 100, kind: "single", cursor });
      for (const { id } of page.items) seen.add(id);
      cursor = page.nextCursor ?? undefined;
      if (seen.size === 200) {
        await queue.cancel(page.items.at(-1)!.id);
        expect(await queue.prune(new Date(Date.now() + 60_000))).toBe(1);
      }
    } while (cursor !== undefined);
    expect(seen.size).toBe(450);
    await queue.close();
  });

  test("C3 killing the process that runs a job loses nothing: the lock runs out and another process takes it", async () => {
    const prefix = "killed";
    const queue = open(redis.url, recordingLogger(), prefix);
    const code = `
      import { z } from "zod";
      import { openBullmqQueue } from "${import.meta.dirname}/bullmq-queue.ts";
      const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
      const kind = { payload: z.any(), maxAttempts: 3, backoffMs: 10, timeoutMs: 60000, concurrency: 2 };
      const queue = openBullmqQueue({ redisUrl: "${redis.url}", kinds: { echo: kind }, logger: quiet, prefix: "${prefix}", leaseMs: 300 });
      await queue.work({ echo: () => { console.log("started"); return new Promise(() => {}); } });`;
    const child = spawn("node", ["--input-type=module", "-e", code], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const started = new Promise((resolve) => child.stdout.once("data", resolve));
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const job = await queue.enqueue("echo", { value: "x" });
    await started;
    child.kill("SIGKILL");
    await exited;
    await queue.work({ echo: async () => "taken over" });
    const ended = await waitUntil(
      async () => {
        const now = await queue.get(job.id);
        return now?.status === "succeeded" ? now : null;
      },
      { what: "the job to be taken over", timeoutMs: 20_000 },
    );
    expect(ended).toMatchObject({ attempt: 2, result: "taken over" });
    await queue.close();
  });

  test("J4 a handler that computes in a worker thread for longer than its lock keeps it, beside another process", async () => {
    const prefix = "computes";
    const openOne = () =>
      openBullmqQueue({
        redisUrl: redis.url,
        kinds: CONTRACT_KINDS,
        logger: recordingLogger(),
        prefix,
        leaseMs: 1_000,
      });
    let runs = 0;
    const echo = async () => {
      runs += 1;
      const code =
        "const end = Date.now() + 2_500; while (Date.now() < end); require('node:worker_threads').parentPort.postMessage(1);";
      await new Promise((resolve) => new Worker(code, { eval: true }).once("message", resolve));
      return "computed";
    };
    const queue = openOne();
    const other = openOne();
    await queue.work({ echo });
    await other.work({ echo });
    const job = await queue.enqueue("echo", { value: "x" });
    const ended = await waitUntil(
      async () => {
        const now = await queue.get(job.id);
        return now?.status === "succeeded" ? now : null;
      },
      { what: "the computation", timeoutMs: 20_000 },
    );
    expect(ended).toMatchObject({ attempt: 1, result: "computed" });
    expect(runs).toBe(1);
    await Promise.all([queue.close(), other.close()]);
  });

  test("J2 J3 killing the process between a due time's job and its mark neither skips the night nor doubles it", async () => {
    const prefix = "schedule";
    const queue = openBullmqQueue({ redisUrl: redis.url, kinds: JOB_KINDS, logger: recordingLogger(), prefix });
    const rows = memoryScheduleRows();
    const clock = manualClock("2026-03-02T12:00:00.000Z");
    const logger = recordingLogger();
    await openSchedules({ rows, queue, clock, logger }).put({
      name: "reindex",
      cron: "0 2 * * *",
      timezone: "UTC",
      enabled: true,
    });
    clock.set("2026-03-03T02:00:00.000Z");
    const code = `
      import { JOB_KINDS } from "${import.meta.dirname}/kinds.ts";
      import { openBullmqQueue } from "${import.meta.dirname}/bullmq-queue.ts";
      import { openSchedules } from "${import.meta.dirname}/schedules.ts";
      const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
      const queue = openBullmqQueue({ redisUrl: "${redis.url}", kinds: JOB_KINDS, logger: quiet, prefix: "${prefix}" });
      const row = ${JSON.stringify(rows.get("reindex"))};
      const rows = { get: () => row, put() {}, takeDue: () => process.kill(process.pid, "SIGKILL") };
      const clock = { now: () => new Date("2026-03-03T02:00:00.000Z") };
      const schedules = openSchedules({ rows, queue, clock, logger: quiet });
      for (;;) await schedules.tick().catch(() => undefined); // on a busy machine Redis may be late`;
    const child = spawn("node", ["--input-type=module", "-e", code], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "ignore", "inherit"],
    });
    expect(await new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)))).toBe("SIGKILL");
    const runs: unknown[] = [];
    await queue.work({ reindex: async (payload) => void runs.push(payload) });
    await waitUntil(() => runs.length === 1, { what: "the killed process's night", timeoutMs: 20_000 });
    await openSchedules({ rows, queue, clock, logger }).tick(); // as the next start does
    expect(rows.get("reindex")?.lastDueAt).toBe("2026-03-03T02:00:00.000Z");
    expect((await queue.list({ limit: 10 })).items).toHaveLength(1);
    expect(runs).toEqual([{ trigger: "schedule", dueAt: "2026-03-03T02:00:00.000Z" }]);
    await queue.close();
  });

  test("J7 an eviction policy that may throw jobs away is reported", async () => {
    const other = await startRedis(await freePort(), "allkeys-lru");
    const logger = recordingLogger();
    const queue = open(other.url, logger);
    const seen = await waitUntil(() => logger.lines.find(({ event }) => event === "redis.evicts_jobs"), {
      what: "a warning",
    });
    expect(seen).toMatchObject({ level: "warn", fields: { policy: "allkeys-lru" } });
    await queue.close();
    await other.stop();
  });

  test("J7 nothing is reported when the policy is noeviction", async () => {
    const logger = recordingLogger();
    const queue = open(redis.url, logger);
    await queue.counts();
    expect(logger.lines.filter(({ event }) => event.startsWith("redis.evicts"))).toEqual([]);
    await queue.close();
  });

  test("J5 while Redis is away calls fail fast, and work resumes by itself when it is back", async () => {
    const port = await freePort();
    let server = await startRedis(port);
    const queue = open(server.url);
    const done: string[] = [];
    await queue.work({ echo: async (payload) => void done.push((payload as { value: string }).value) });
    await queue.enqueue("echo", { value: "before" });
    await waitUntil(() => done.includes("before"), { what: "the first job" });
    await server.stop();
    const started = performance.now();
    await expect(queue.enqueue("echo", { value: "lost" })).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(performance.now() - started).toBeLessThan(3_000);
    server = await startRedis(port);
    await waitUntil(() => queue.enqueue("echo", { value: "after" }).catch(() => null), { what: "Redis to be back" });
    await waitUntil(() => done.includes("after"), { what: "a job after the outage" });
    expect(done).not.toContain("lost");
    await queue.close();
    await server.stop();
  });

  test("J5 a queue opens, answers queue_unavailable and closes while there is no Redis at all", async () => {
    const queue = open(`redis://127.0.0.1:${await freePort()}`);
    await expect(queue.enqueue("echo", { value: "x" })).rejects.toMatchObject({ code: "queue_unavailable" });
    const worker = await queue.work({ echo: async () => null });
    await worker.close();
    await queue.close();
  });
});

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { Queue } from "@lorekeep/core";
import { CONTRACT_KINDS, describeQueue, recordingLogger, waitUntil } from "@lorekeep/core/testing";
import type { RecordingLogger } from "@lorekeep/core/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBullmqQueue } from "./bullmq-queue.ts";

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

/** C3 with real processes: a child that runs the queue on a real database is killed with SIGKILL in the middle. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTRACT_KINDS, recordingLogger, waitUntil } from "@lorekeep/core/testing";
import { openStore } from "@lorekeep/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSqliteQueue } from "./sqlite-queue.ts";

const migrationsFolder = join(import.meta.dirname, "../../../migrations");
const LEASE_MS = 600;
// Starting a process takes seconds on a busy machine.
const PATIENCE_MS = 60_000;
vi.setConfig({ testTimeout: 4 * PATIENCE_MS });
let folder: string;
let path: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-kill-"));
  path = join(folder, "jobs.db");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

/** Starts a process that works on the queue with this handler body, and prints a line per started job. */
function startWorkerProcess(handlerBody: string): {
  child: ChildProcess;
  started: () => number;
  exited: Promise<unknown>;
} {
  const code = `
    import { z } from "zod";
    import { openStore } from "@lorekeep/store";
    import { openSqliteQueue } from "${import.meta.dirname}/sqlite-queue.ts";
    const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
    const store = openStore({ path: ${JSON.stringify(path)}, migrationsFolder: ${JSON.stringify(migrationsFolder)}, logger: quiet });
    const kind = { payload: z.any(), maxAttempts: 3, backoffMs: 10, timeoutMs: 60000, concurrency: 2 };
    const queue = openSqliteQueue({ rows: store.jobRows, kinds: { echo: kind }, logger: quiet, pollMs: 20, leaseMs: ${LEASE_MS} });
    await queue.work({ echo: async (payload) => { console.log("started"); ${handlerBody} } });
    setInterval(() => {}, 1000);`;
  const child = spawn("node", ["--input-type=module", "-e", code], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  return {
    child,
    started: () => output.split("\n").length - 1,
    exited: new Promise((resolve) => child.once("exit", resolve)),
  };
}

function openHere() {
  const store = openStore({ path, migrationsFolder, logger: recordingLogger() });
  const options = {
    rows: store.jobRows,
    kinds: CONTRACT_KINDS,
    logger: recordingLogger(),
    pollMs: 20,
    leaseMs: LEASE_MS,
  };
  return { store, queue: openSqliteQueue(options) };
}

test("C3 killing the process that runs the queue loses no job: the next one finishes them all", async () => {
  const { store, queue } = openHere();
  const jobs = [];
  for (let i = 0; i < 12; i += 1) jobs.push(await queue.enqueue("echo", { value: `${i}` }));
  const first = startWorkerProcess('if (payload.value >= "4") await new Promise(() => {}); return "first";');
  await waitUntil(() => first.started() >= 6, { what: "the child to be in the middle", timeoutMs: PATIENCE_MS });
  first.child.kill("SIGKILL");
  await first.exited;
  await queue.work({ echo: async () => "second" });
  await waitUntil(async () => (await queue.counts()).succeeded === 12, {
    what: "all jobs to end",
    timeoutMs: PATIENCE_MS,
  });
  const ended = await Promise.all(jobs.map((job) => queue.get(job.id)));
  const retried = ended.filter((job) => job?.attempt === 2);
  expect(ended.filter((job) => job?.result === "first").length).toBeGreaterThan(0);
  expect(retried).toHaveLength(2); // those that ran when it was killed
  expect(retried.every((job) => job?.result === "second")).toBe(true);
  await queue.close();
  await store.close();
});

test("C2 a job that kills every process that runs it is dead after its three attempts, and the others go on", async () => {
  const { store, queue } = openHere();
  const poison = await queue.enqueue("echo", { value: "poison" });
  let processCount = 0;
  while ((await queue.get(poison.id))?.status !== "dead") {
    processCount += 1;
    const worker = startWorkerProcess(
      'if (payload.value === "poison") process.kill(process.pid, "SIGKILL"); return "fine";',
    );
    await Promise.race([
      worker.exited,
      waitUntil(async () => (await queue.get(poison.id))?.status === "dead", {
        what: "the verdict",
        timeoutMs: PATIENCE_MS,
      }),
    ]);
    expect(processCount).toBeLessThan(6);
  }
  expect(await queue.get(poison.id)).toMatchObject({ attempt: 3, error: { code: "job_timeout" } });
  const other = await queue.enqueue("echo", { value: "other" });
  await waitUntil(async () => (await queue.get(other.id))?.status === "succeeded", {
    what: "another job",
    timeoutMs: PATIENCE_MS,
  });
  await queue.close();
  await store.close();
});

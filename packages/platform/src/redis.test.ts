import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LOCAL_ACTOR } from "./access.ts";
import { openTestHouse, temporaryFolder } from "./testing/open-test-platform.ts";

const REDIS = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path));
if (REDIS === undefined) console.warn("Skipped: the tests on Redis need redis-server (apt install redis-server).");

const query = { query: "penguin", limit: 5, mode: "lexical", explain: false } as const;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo; // holds: a TCP server that listens
      server.close(() => resolve(port));
    });
  });
}

describe.skipIf(REDIS === undefined)("jobs on Redis", () => {
  let folder: string;
  let port: number;
  let redis: ChildProcess | null = null;
  const start = (): void => {
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
    redis = spawn(REDIS!, args, { stdio: "ignore" });
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    port = await freePort();
  });
  afterEach(async () => {
    const child = redis;
    if (child !== null && child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.on("exit", resolve) && child.kill("SIGKILL"));
    rmSync(folder, { recursive: true, force: true });
  });

  test("J5: while Redis is away search and deletion work and uploads wait; when it is back they are done", async () => {
    await using house = await openTestHouse({ config: { redisUrl: `redis://127.0.0.1:${port}` }, work: false });
    const first = await house.upload("penguin.txt", "A penguin stands in the tower.");
    const gone = await house.upload("gone.txt", "A walrus.");
    expect(first.document.status).toBe("queued");
    expect((await house.platform.assistant.search(LOCAL_ACTOR, query)).results).toEqual([]);
    await house.platform.library.deleteDocument(LOCAL_ACTOR, gone.document.id);
    expect(await house.platform.store.documents.get(gone.document.id)).toBeNull();

    start();
    // The worker's first sweep finds what waits.
    const worker = await house.platform.startWorker();
    expect(await house.settled(first.document.id)).toMatchObject({ status: "ready" });
    expect((await house.platform.assistant.search(LOCAL_ACTOR, query)).results).toHaveLength(1);
    await house.idle();
    expect(await house.platform.blobs.has(gone.document.blob)).toBe(false);
    await worker.close();
  }, 60_000);
});

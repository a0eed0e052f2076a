import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withFolderLock } from "./folder-lock.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-lock-"));
  path = join(folder, "model.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const QUICK = { pollMs: 1 };
const long = new Date(Date.now() - 3_600_000);

test("lets one work at a time and leaves nothing behind", async () => {
  let [inside, most] = [0, 0];
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withFolderLock(path, QUICK, work)));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("is free again after an error", async () => {
  const failing = withFolderLock(path, QUICK, async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await withFolderLock(path, QUICK, async () => "in")).toBe("in");
});

test("takes over the lock of a process that is gone", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.on("exit", resolve));
  await writeFile(path, JSON.stringify({ token: "old", pid: child.pid, host: hostname() }));
  expect(await withFolderLock(path, QUICK, async () => "in")).toBe("in");
});

test("takes over an untouched lock of another machine, and only when it is old", async () => {
  await writeFile(path, JSON.stringify({ token: "old", pid: 1, host: "elsewhere" }));
  let waited = false;
  const waiting = withFolderLock(path, { ...QUICK, onWait: () => (waited = true) }, async () => "in");
  await expect.poll(() => waited).toBe(true);
  expect((await stat(path)).isFile()).toBe(true);
  await utimes(path, long, long);
  expect(await waiting).toBe("in");
});

test("stops waiting when told to", async () => {
  await writeFile(path, JSON.stringify({ token: "held", pid: process.pid, host: hostname() }));
  const controller = new AbortController();
  const waiting = withFolderLock(
    path,
    { ...QUICK, signal: controller.signal, onWait: () => controller.abort() },
    async () => "in",
  );
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
});

test("only one of many takes a stale lock over", async () => {
  await writeFile(path, "unreadable");
  await utimes(path, long, long);
  let [inside, most] = [0, 0];
  await Promise.all(
    Array.from({ length: 6 }, () =>
      withFolderLock(path, QUICK, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      }),
    ),
  );
  expect(most).toBe(1);
});

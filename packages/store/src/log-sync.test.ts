import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLogSync } from "./log-sync.ts";

/** A disk that syncs when told to. */
function slowDisk(): { flush: () => Promise<void>; ends: { resolve: () => void; reject: (error: Error) => void }[] } {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const flush = (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    ends.push({ resolve: () => resolve(undefined), reject });
    return promise;
  };
  return { flush, ends };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("commits that come while the disk is busy share the next sync, and none resolves before its own", async () => {
  const { flush, ends } = slowDisk();
  const { sync } = openLogSync("unused", flush);
  const done: string[] = [];
  const all = ["a", "b", "c"].map((name) => sync().then(() => done.push(name)));
  await turn();
  expect(ends).toHaveLength(1);
  ends[0]!.resolve();
  await turn();
  expect(done).toEqual(["a"]);
  expect(ends).toHaveLength(2);
  ends[1]!.resolve();
  await Promise.all(all);
  expect(done).toEqual(["a", "b", "c"]);
  expect(ends).toHaveLength(2);
});

test("a failed sync is told to those who waited for it, and the next one is tried", async () => {
  const { flush, ends } = slowDisk();
  const { sync } = openLogSync("unused", flush);
  const [first, second] = [sync(), sync()];
  ends[0]!.reject(new Error("EIO"));
  await expect(first).rejects.toThrow("EIO");
  await turn();
  ends[1]!.resolve();
  await expect(second).resolves.toBeUndefined();
});

test("only the log is opened: with none there is nothing to sync, and one that cannot be synced is an error", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lorekeep-log-"));
  try {
    const path = join(folder, "a.db");
    await expect(openLogSync(path).sync()).resolves.toBeUndefined();
    writeFileSync(`${path}-wal`, "log");
    await expect(openLogSync(path).sync()).resolves.toBeUndefined();
    writeFileSync(path, "not a folder");
    await expect(openLogSync(join(path, "b.db")).sync()).rejects.toMatchObject({ code: "ENOTDIR" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

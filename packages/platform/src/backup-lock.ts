/**
 * Keeps originals in place while a backup copies them, across processes: `backup.lock` in the data folder names the process
 * that holds it. A lock whose process is gone holds nothing.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import { isAlive } from "./server-info.ts";

const FORGOTTEN_MS = 6 * 3_600_000;

/** True while a living process holds the lock. */
export async function isBackupRunning(lockPath: string): Promise<boolean> {
  try {
    const { pid, at } = JSON.parse(await readFile(lockPath, "utf8")) as { pid: number; at: number };
    return isAlive(pid) && Date.now() - at < FORGOTTEN_MS;
  } catch {
    return false; // no lock, or one that was cut off by a crash
  }
}

/** Runs `work` under the lock. Throws conflict when another backup runs. */
export async function withBackupLock<Value>(lockPath: string, work: () => Promise<Value>): Promise<Value> {
  if (await isBackupRunning(lockPath))
    throw new AppError("conflict", "Another backup of this data folder is running. Try again when it has ended.");
  await writeFile(lockPath, JSON.stringify({ pid: process.pid, at: Date.now() }), { mode: 0o600 });
  try {
    return await work();
  } finally {
    await rm(lockPath, { force: true });
  }
}

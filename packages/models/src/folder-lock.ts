/**
 * A lock between processes, as a file: so that two of them do not fetch the same model twice. The holder touches it every few
 * seconds; a lock whose process is gone (same machine) or that was not touched for a minute is taken over. The token in the
 * file makes taking over safe: whoever moved away another lock than the stale one it had read puts it back.
 */
import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { throwIfAborted } from "@lorekeep/core";

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait?: (() => void) | undefined;
  readonly staleAfterMs?: number;
  readonly pollMs?: number;
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it lives, but belongs to someone else
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder>; // checked in the next line
    return typeof value.token === "string" && typeof value.pid === "number" && typeof value.host === "string"
      ? { token: value.token, pid: value.pid, host: value.host }
      : null;
  } catch {
    return null;
  }
}

async function tryTake(path: string, holder: Holder): Promise<boolean> {
  // Written aside and linked into place, so that nobody ever reads a lock without its content.
  const draft = `${path}.${holder.token}`;
  const handle = await open(draft, "wx");
  try {
    await handle.writeFile(JSON.stringify(holder));
  } finally {
    await handle.close();
  }
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeIfStale(path: string, staleAfterMs: number): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => null);
  const info = await stat(path).catch(() => null);
  if (text === null || info === null) return;
  const holder = parseHolder(text);
  const gone = holder !== null && holder.host === hostname() && !isAlive(holder.pid);
  if (!gone && Date.now() - info.mtimeMs < staleAfterMs) return;
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // somebody else was quicker
  }
  if ((await readFile(aside, "utf8")) !== text) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Runs `work` while holding the lock file at `path`; waits for other holders. Throws aborted while waiting. */
export async function withFolderLock<Value>(
  path: string,
  options: LockOptions,
  work: () => Promise<Value>,
): Promise<Value> {
  const staleAfterMs = options.staleAfterMs ?? 60_000;
  const holder: Holder = { token: randomUUID(), pid: process.pid, host: hostname() };
  let waiting = false;
  while (!(await tryTake(path, holder))) {
    throwIfAborted(options.signal);
    if (!waiting) options.onWait?.();
    waiting = true;
    await removeIfStale(path, staleAfterMs);
    await new Promise((resolve) => setTimeout(resolve, options.pollMs ?? 250));
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, staleAfterMs / 6);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    const mine = await readFile(path, "utf8").catch(() => null);
    if (mine !== null && parseHolder(mine)?.token === holder.token) await rm(path, { force: true });
  }
}

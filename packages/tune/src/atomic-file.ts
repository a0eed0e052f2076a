/**
 * Writes a file so that its name is never seen half-written: under a temporary name, fsync, rename, fsync of the folder.
 * A full disk becomes `disk_full`, and the temporary file goes away on every failure.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, statfs, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "@lorekeep/core";

const STALE_AFTER_MS = 3_600_000;
const TEMPORARY = /\.partial-[0-9a-f]{12}$/;

/** Calls `write` with the open temporary file; returns its result once `path` is durable. */
export async function writeAtomically<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.partial-${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(temporary, "wx");
    let result: T;
    try {
      result = await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskError(error, path);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => null); // Windows opens no folders
  if (handle === null) return;
  try {
    await handle.sync().catch(() => undefined); // some network file systems cannot; the rename stands all the same
  } finally {
    await handle.close();
  }
}

function diskError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new AppError(
    "disk_full",
    `The disk filled up while ${path} was written. Free space and try again.`,
    { path },
    { cause: error },
  );
}

/** Throws disk_full unless the file system of `folder` (which exists) has room for `bytes`. */
export async function checkSpace(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes)
    throw new AppError(
      "disk_full",
      `${what} need ${megabytes(bytes)} MB in ${folder}, where ${megabytes(free)} MB are free. Free space and try again.`,
      { folder, neededBytes: bytes, freeBytes: free },
    );
}

const megabytes = (bytes: number): string => Math.ceil(bytes / 1e6).toString();

/** Removes what a killed process left behind in `folder`: temporary files untouched for an hour. */
export async function removeStalePartials(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!TEMPORARY.test(name)) continue;
    const info = await stat(join(folder, name)).catch(() => null);
    if (info !== null && Date.now() - info.mtimeMs > STALE_AFTER_MS) await rm(join(folder, name), { force: true });
  }
}

/**
 * Originals, content-addressed: two levels of folders from the sha256, `ab/cd/abcd…`. No name from outside ever becomes
 * part of a path. Bytes stream into a temporary file while they are hashed and counted; fsync, rename, fsync of the folder
 * make a file either whole or absent, whenever the process dies. What a dead process left half-written is removed at open.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { Blobs } from "@lorekeep/core";

const SHA256 = /^[0-9a-f]{64}$/;
/** A partial file that nobody has written to for so long has no living writer, in whatever process. */
const STALE_PARTIAL_MS = 3600 * 1000;

export async function openBlobFolder({ folder }: { folder: string }): Promise<Blobs> {
  const partials = join(folder, "partial");
  await mkdir(partials, { recursive: true });
  await removeStalePartials(partials);

  function pathOf(sha256: string): string {
    // Ids of blobs come from our own rows; anything else than a hash must never reach the file system.
    if (!SHA256.test(sha256)) throw missing();
    return join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  async function sizeOf(sha256: string): Promise<number | null> {
    const found = await stat(pathOf(sha256)).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return null;
      throw error;
    });
    return found?.isFile() ? found.size : null;
  }

  async function demand(sha256: string): Promise<string> {
    if ((await sizeOf(sha256)) === null) throw missing();
    return pathOf(sha256);
  }

  return {
    async put(bytes, options) {
      const partial = join(partials, randomUUID());
      try {
        const { sha256, sizeBytes } = await writePartial(bytes, partial, options);
        const target = pathOf(sha256);
        const isNew = (await sizeOf(sha256)) !== sizeBytes;
        if (isNew) await moveInto(partial, target);
        return { sha256, sizeBytes, isNew };
      } catch (error) {
        throw toBlobError(error);
      } finally {
        bytes.destroy();
        await rm(partial, { force: true });
      }
    },
    async has(sha256) {
      return SHA256.test(sha256) && (await sizeOf(sha256)) !== null;
    },
    async open(sha256, range) {
      const path = await demand(sha256);
      // `end` is exclusive here, as everywhere in the house.
      if (range && range.end <= range.start) return emptyStream();
      return createReadStream(path, range ? { start: range.start, end: range.end - 1 } : {});
    },
    async localPath(sha256) {
      return demand(sha256);
    },
    async delete(sha256) {
      await rm(pathOf(sha256), { force: true });
    },
    async *list() {
      for (const first of await foldersIn(folder, /^[0-9a-f]{2}$/))
        for (const second of await foldersIn(join(folder, first), /^[0-9a-f]{2}$/))
          for (const sha256 of await readdir(join(folder, first, second))) {
            const sizeBytes = SHA256.test(sha256) ? await sizeOf(sha256) : null;
            if (sizeBytes !== null) yield { sha256, sizeBytes };
          }
    },
  };
}

async function writePartial(
  bytes: Readable,
  partial: string,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<{ sha256: string; sizeBytes: number }> {
  throwIfAborted(signal);
  const stop = () => bytes.destroy(new AppError("aborted", "The upload was stopped."));
  signal?.addEventListener("abort", stop, { once: true });
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let file: FileHandle | null = null;
  try {
    file = await open(partial, "wx", 0o600);
    for await (const part of bytes) {
      const chunk = typeof part === "string" ? Buffer.from(part) : (part as Buffer);
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes)
        throw new AppError("request_too_large", `The file is larger than ${maxBytes} bytes.`, { maxBytes });
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    // A source that ends quietly when it is destroyed must not pass for a whole file.
    throwIfAborted(signal);
    await file.sync();
    return { sha256: hash.digest("hex"), sizeBytes };
  } finally {
    signal?.removeEventListener("abort", stop);
    await file?.close();
  }
}

async function moveInto(partial: string, target: string): Promise<void> {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  await rename(partial, target);
  // New folder entries are lost in a power cut unless their folders are synced, up to the one that was there before.
  for (const path of [folder, dirname(folder), dirname(dirname(folder))]) await syncFolder(path);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch((error: unknown) => {
    // Windows cannot open folders; there renames are durable on their own.
    if (process.platform === "win32") return null;
    throw error;
  });
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}

async function foldersIn(path: string, name: RegExp): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && name.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

async function removeStalePartials(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > STALE_PARTIAL_MS) await rm(path, { force: true });
  }
}

function emptyStream(): Readable {
  return Readable.from([]);
}

function missing(): AppError {
  return new AppError("blob_missing", "The original file is no longer here.");
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

function toBlobError(error: unknown): unknown {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT")
    return new AppError(
      "disk_full",
      "The disk that holds the originals is full. Free some space.",
      {},
      { cause: error },
    );
  if (error instanceof Error && (error.name === "AbortError" || code === "ERR_STREAM_PREMATURE_CLOSE"))
    return new AppError("aborted", "The upload was broken off.", {}, { cause: error });
  return error;
}

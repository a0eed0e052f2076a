/**
 * One file that holds everything worth keeping: a consistent copy of the database and the originals it names. Taken while
 * serving; restored into an empty data folder. Index files are not in it, they are rebuilt from rows.
 *
 * Archive: `manifest.json`, `lorekeep.db`, then `blobs/SHA256` for each original and
 * `adapters/NAME` for each adapter; gzip when the name ends in .gz.
 * Originals cannot go away during the copy (backup-lock.ts), those that come in after the database copy are not in it.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { AppError } from "@lorekeep/core";
import type { Config, Logger } from "@lorekeep/core";
import { openBlobFolder, openStore } from "@lorekeep/store";
import { z } from "zod";
import { adapterEntries, adapterFiles, isAdapterEntry, takeAdapter } from "./backup-adapters.ts";
import { withBackupLock } from "./backup-lock.ts";
import { dataPaths, makeDataFolder } from "./data-folder.ts";
import type { DataPaths } from "./data-folder.ts";
import { MIGRATIONS, readVersion } from "./installation.ts";
import type { Platform } from "./platform.ts";
import { findServer } from "./server-info.ts";
import { readTar, writeTar } from "./tar.ts";
import type { TarEntry } from "./tar.ts";

const FORMAT = "lorekeep-backup-1";
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.string(),
  createdAt: z.string(),
  databaseBytes: z.int(),
  databaseSha256: z.string(),
  blobCount: z.int(),
  blobBytes: z.int(),
});
type Manifest = z.infer<typeof manifestSchema>;

export interface BackupOutcome {
  readonly file: string;
  readonly sizeBytes: number;
  readonly documentBlobs: number;
  /** Originals that the database names but that are not there; the doctor says which documents. */
  readonly missingBlobs: number;
}

export interface CopyProgress {
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

type BackupParts = Pick<Platform, "config" | "store" | "blobs" | "logger" | "version">;

/** Writes the backup; `file` appears only when it is whole. Throws conflict when it exists already. */
export async function backupTo(parts: BackupParts, file: string, options: CopyProgress = {}): Promise<BackupOutcome> {
  if (existsSync(file)) throw new AppError("conflict", `${file} exists already. Choose another name or remove it.`);
  const paths = dataPaths(parts.config);
  const copy = join(paths.temporary, `backup-${process.pid}-${Date.now()}.db`);
  const partial = `${file}.partial`;
  return withBackupLock(paths.backupLock, async () => {
    try {
      await mkdir(dirname(file), { recursive: true });
      await mkdir(paths.temporary, { recursive: true, mode: 0o700 });
      await parts.store.upkeep.backupTo(copy);
      const { blobs, missingBlobs, adapters } = await filesNamedBy(copy, parts, paths.adapters);
      const adaptersFolder = paths.adapters;
      await writeArchive(parts, { copy, partial, blobs, adapters, adaptersFolder }, options);
      await rename(partial, file);
      const { size } = await stat(file);
      parts.logger.info("backup.written", { sizeBytes: size, blobCount: blobs.size, missingBlobs });
      return { file, sizeBytes: size, documentBlobs: blobs.size, missingBlobs };
    } finally {
      for (const path of [copy, `${copy}-wal`, `${copy}-shm`, partial]) await rm(path, { force: true });
    }
  });
}

/** Every original and every adapter that the copied database names, with its size. */
async function filesNamedBy(
  copy: string,
  parts: BackupParts,
  adaptersFolder: string,
): Promise<{ blobs: Map<string, number>; missingBlobs: number; adapters: ReadonlyMap<string, number> }> {
  const store = openStore({ path: copy, migrationsFolder: MIGRATIONS, logger: parts.logger });
  const blobs = new Map<string, number>();
  let missingBlobs = 0;
  try {
    let cursor: string | undefined;
    do {
      const page = await store.documents.list({ limit: 200, cursor });
      for (const { blob, sizeBytes } of page.items)
        if (await parts.blobs.has(blob)) blobs.set(blob, sizeBytes);
        else missingBlobs += 1;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return { blobs, missingBlobs, adapters: await adapterFiles(store, adaptersFolder) };
  } finally {
    await store.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function writeArchive(
  parts: BackupParts,
  from: {
    copy: string;
    partial: string;
    blobs: ReadonlyMap<string, number>;
    adapters: ReadonlyMap<string, number>;
    adaptersFolder: string;
  },
  options: CopyProgress,
): Promise<void> {
  const { size: databaseBytes } = await stat(from.copy);
  const blobBytes = [...from.blobs.values()].reduce((sum, size) => sum + size, 0);
  const createdAt = new Date();
  const manifest: Manifest = {
    format: FORMAT,
    version: parts.version,
    createdAt: createdAt.toISOString(),
    databaseBytes,
    databaseSha256: await sha256Of(from.copy),
    blobCount: from.blobs.size,
    blobBytes,
  };
  async function* entries(): AsyncGenerator<TarEntry> {
    const bytes = Buffer.from(JSON.stringify(manifest, null, 2));
    yield { name: "manifest.json", sizeBytes: bytes.length, body: Readable.from([bytes]) };
    yield { name: "lorekeep.db", sizeBytes: databaseBytes, body: createReadStream(from.copy) };
    for (const [sha256, sizeBytes] of from.blobs)
      yield { name: `blobs/${sha256}`, sizeBytes, body: await parts.blobs.open(sha256) };
    yield* adapterEntries(from.adapters, from.adaptersFolder);
  }
  const tar = Readable.from(writeTar(entries(), createdAt));
  const counted = countBytes(databaseBytes + blobBytes, options);
  const output = createWriteStream(from.partial, { mode: 0o600, flags: "wx" });
  const stages = from.partial.endsWith(".gz.partial")
    ? [tar, counted, createGzip({ level: 1 }), output]
    : [tar, counted, output];
  await pipeline(stages, { signal: options.signal });
  await fsync(from.partial);
}

function countBytes(totalBytes: number, { onProgress }: CopyProgress): Transform {
  let doneBytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      doneBytes += chunk.length;
      onProgress?.(Math.min(doneBytes, totalBytes), totalBytes);
      callback(null, chunk);
    },
  });
}

async function fsync(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files that may stand in a data folder that counts as empty. */
const HARMLESS = new Set(["lorekeep.config.json", "logs"]);

async function requireEmpty(paths: DataPaths): Promise<void> {
  if ((await findServer(paths.serverInfo)) !== null)
    throw new AppError("conflict", "A server is running on this data folder. Stop it first.");
  const names = existsSync(paths.root) ? await readdir(paths.root) : [];
  const inTheWay = names.filter((name) => !HARMLESS.has(name));
  if (inTheWay.length > 0 || existsSync(paths.database))
    throw new AppError(
      "conflict",
      `The data folder ${paths.root} is not empty. A backup is restored only into an empty one: set LOREKEEP_DATA to another folder.`,
    );
}

/**
 * Puts a backup into an empty data folder; it is whole or not there. Throws conflict (not empty, a server runs),
 * request_invalid (not a backup, damaged), database_incompatible (made by a later release).
 */
export async function restore(
  config: Config,
  file: string,
  options: CopyProgress & { logger: Logger },
): Promise<{ documentBlobs: number; createdAt: string; version: string }> {
  const paths = dataPaths(config);
  await requireEmpty(paths);
  if (!existsSync(file)) throw new AppError("not_found", `There is no file ${file}.`);
  await makeDataFolder(paths);
  const staging = {
    ...paths,
    database: join(paths.temporary, "restore.db"),
    blobs: join(paths.temporary, "restore-blobs"),
    adapters: join(paths.temporary, "restore-adapters"),
  };
  try {
    const manifest = await unpack(file, staging, options);
    // Opening it runs the migrations that this release has beyond the one that made the backup.
    const store = openStore({ path: staging.database, migrationsFolder: MIGRATIONS, logger: options.logger });
    const faults = await store.upkeep.integrity().finally(() => store.close());
    if (faults.length > 0)
      throw new AppError("request_invalid", `The database in this backup is damaged: ${faults[0]}.`);
    await rm(paths.blobs, { recursive: true, force: true });
    await rename(staging.blobs, paths.blobs);
    if (existsSync(staging.adapters)) {
      await rm(paths.adapters, { recursive: true, force: true });
      await rename(staging.adapters, paths.adapters);
    }
    await rename(staging.database, paths.database);
    options.logger.info("backup.restored", {
      blobCount: manifest.blobCount,
      fromVersion: manifest.version,
      by: readVersion(),
    });
    return { documentBlobs: manifest.blobCount, createdAt: manifest.createdAt, version: manifest.version };
  } catch (error) {
    for (const path of [paths.blobs, paths.index, paths.temporary, paths.adapters, paths.fineTunes])
      await rm(path, { recursive: true, force: true });
    throw error;
  }
}

async function unpack(file: string, staging: DataPaths, options: CopyProgress): Promise<Manifest> {
  await mkdir(staging.blobs, { recursive: true, mode: 0o700 });
  const blobs = await openBlobFolder({ folder: staging.blobs });
  const { size } = await stat(file);
  const bytes = createReadStream(file).compose(countBytes(size, options)) as Readable;
  const stream = (await isGzip(file)) ? (bytes.compose(createGunzip()) as Readable) : bytes;
  let manifest: Manifest | null = null;
  let blobCount = 0;
  let databaseSha256: string | null = null;
  for await (const entry of readTar(stream)) {
    options.signal?.throwIfAborted();
    if (entry.name === "manifest.json") manifest = await readManifest(entry);
    else if (entry.name === "lorekeep.db") databaseSha256 = await writeDatabase(entry, staging.database);
    else if (/^blobs\/[0-9a-f]{64}$/.test(entry.name)) {
      const { sha256 } = await blobs.put(Readable.from(entry.body), {
        maxBytes: entry.sizeBytes,
        signal: options.signal,
      });
      if (`blobs/${sha256}` !== entry.name) throw damaged("an original is not what its name says");
      blobCount += 1;
    } else if (isAdapterEntry(entry.name)) await takeAdapter(entry, staging.adapters);
    else throw damaged("it holds a file that does not belong there");
  }
  if (manifest === null || databaseSha256 === null) throw damaged("manifest or database is missing");
  if (databaseSha256 !== manifest.databaseSha256) throw damaged("the database does not match its checksum");
  if (blobCount !== manifest.blobCount) throw damaged(`${manifest.blobCount - blobCount} originals are missing`);
  return manifest;
}

const damaged = (what: string): AppError =>
  new AppError("request_invalid", `This is not a whole Lorekeep backup: ${what}.`);

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

const MAX_MANIFEST_BYTES = 100_000;

async function readManifest(entry: TarEntry): Promise<Manifest> {
  if (entry.sizeBytes > MAX_MANIFEST_BYTES) throw damaged("its manifest is too large");
  const parts: Uint8Array[] = [];
  for await (const part of entry.body) parts.push(part);
  try {
    return manifestSchema.parse(JSON.parse(Buffer.concat(parts).toString("utf8")));
  } catch {
    throw damaged("its manifest cannot be read");
  }
}

async function writeDatabase(entry: TarEntry, path: string): Promise<string> {
  const hash = createHash("sha256");
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      hash.update(chunk);
      callback(null, chunk);
    },
  });
  await pipeline(Readable.from(entry.body), hashed, createWriteStream(path, { mode: 0o600 }));
  await fsync(path);
  return hash.digest("hex");
}

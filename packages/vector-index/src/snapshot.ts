/**
 * A graph on disk, so that a start need not build it again. FORMAT.md describes the files. A snapshot is a cache: any
 * doubt about it (other machine, other release, wrong length, wrong hash) * means that it is thrown away and built again from the source, never that it is guessed at.
 *
 * Written as: data files under new names, each fsynced, then the manifest by rename; the manifest is the commit. A process
 * killed at any point leaves the previous snapshot whole.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, endianness, platform } from "node:os";
import { join } from "node:path";
import { AppError } from "@lorekeep/core";
import { z } from "zod";
import { HnswGraph, minimumFileBytes } from "./hnsw-graph.ts";
import type { GraphLabels, Hnswlib } from "./hnsw-graph.ts";

const FORMAT_VERSION = 1;

const fileSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  bytes: z.int().nonnegative(),
  sha256: z.string().length(64),
});
const manifestSchema = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  machine: z.string(),
  library: z.string(),
  generationId: z.string(),
  dimensions: z.int().positive(),
  /** Labels in the graph, removed ones included. */
  labelCount: z.int().nonnegative(),
  /** The source's last change when it was written; for people, nothing rests on it. */
  change: z.int().nonnegative(),
  hnsw: fileSchema,
  labels: fileSchema,
});
type Manifest = z.infer<typeof manifestSchema>;
type FileEntry = z.infer<typeof fileSchema>;

export interface Snapshot {
  readonly graph: HnswGraph;
  readonly bytes: number;
}

/** Files of another kind of machine, or of another release of the library, are not read. */
const machine = `${platform()}-${arch()}-${endianness()}`;
function libraryVersion(): string {
  const { version } = createRequire(import.meta.url)("hnswlib-node/package.json") as { version: string };
  return `hnswlib-node ${version}`;
}

const manifestPath = (folder: string, generationId: string) => join(folder, `${fileName(generationId)}.json`);

function fileName(generationId: string): string {
  if (!/^[\w-]+$/.test(generationId)) {
    throw new AppError("unexpected", "This generation id cannot be part of a file name.", { generationId });
  }
  return generationId;
}

/** Returns the snapshot's size in bytes. Throws disk_full and what the file system throws; the previous snapshot stays then. */
export async function writeSnapshot(
  folder: string,
  generationId: string,
  graph: HnswGraph,
  about: { dimensions: number; change: number },
): Promise<number> {
  await mkdir(folder, { recursive: true });
  const stem = `${fileName(generationId)}.${about.change}-${randomBytes(4).toString("hex")}`;
  const hnsw = join(folder, `${stem}.hnsw`);
  const labels = join(folder, `${stem}.labels`);
  try {
    const { seqs, prints } = await graph.write(hnsw);
    const labelBytes = Buffer.concat([
      Buffer.from(Float64Array.from(seqs).buffer),
      Buffer.from(Uint32Array.from(prints).buffer),
    ]);
    await writeSynced(labels, labelBytes);
    const manifest: Manifest = {
      formatVersion: FORMAT_VERSION,
      machine,
      library: libraryVersion(),
      generationId,
      dimensions: about.dimensions,
      labelCount: seqs.length,
      change: about.change,
      hnsw: await seal(folder, `${stem}.hnsw`, minimumFileBytes(seqs.length, about.dimensions)),
      labels: await seal(folder, `${stem}.labels`, labelBytes.length),
    };
    const text = JSON.stringify({ ...manifest, sha256: hashOf(manifest) }, null, 2);
    await writeSynced(`${manifestPath(folder, generationId)}.${stem}.tmp`, Buffer.from(text));
    await rename(`${manifestPath(folder, generationId)}.${stem}.tmp`, manifestPath(folder, generationId));
    await syncFolder(folder);
    await deleteFiles(folder, generationId, [manifest.hnsw.name, manifest.labels.name, `${generationId}.json`]);
    return manifest.hnsw.bytes + manifest.labels.bytes;
  } catch (error) {
    await Promise.all([hnsw, labels].map((path) => rm(path, { force: true })));
    throw error;
  }
}

/**
 * The generation's snapshot, or null with a reason when there is none that can be trusted. What it holds need not be the
 * source's present state: every row is compared by its fingerprint when the source is read.
 */
export async function readSnapshot(
  folder: string,
  generationId: string,
  library: Hnswlib,
  dimensions: number,
): Promise<{ snapshot: Snapshot } | { snapshot: null; reason: string }> {
  try {
    const manifest = await readManifest(folder, generationId);
    const misfit =
      (manifest.machine !== machine && "other machine") ||
      (manifest.library !== libraryVersion() && "other library") ||
      (manifest.generationId !== generationId && "other generation") ||
      (manifest.dimensions !== dimensions && "other dimensions");
    if (misfit !== false) return { snapshot: null, reason: misfit };
    await check(folder, manifest.hnsw);
    await check(folder, manifest.labels);
    const labels = readLabels(await readFile(join(folder, manifest.labels.name)), manifest.labelCount);
    if (labels === null) return { snapshot: null, reason: "damaged" };
    const graph = await HnswGraph.read(library, join(folder, manifest.hnsw.name), dimensions, labels);
    return { snapshot: { graph, bytes: manifest.hnsw.bytes + manifest.labels.bytes } };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { snapshot: null, reason: "missing" };
    return { snapshot: null, reason: "damaged" };
  }
}

export async function deleteSnapshot(folder: string, generationId: string): Promise<void> {
  await deleteFiles(folder, generationId, []);
}

async function readManifest(folder: string, generationId: string): Promise<Manifest> {
  const { sha256, ...rest } = JSON.parse(await readFile(manifestPath(folder, generationId), "utf8")) as {
    sha256: unknown;
  };
  const manifest = manifestSchema.parse(rest);
  if (hashOf(manifest) !== sha256) throw new AppError("index_corrupt", "The manifest of an index file is damaged.");
  return manifest;
}

function hashOf(manifest: Manifest): string {
  return createHash("sha256")
    .update(JSON.stringify(manifestSchema.parse(manifest)))
    .digest("hex");
}

/** Seqs as 64-bit floats, then fingerprints as 32-bit integers; null when the length is another. */
function readLabels(bytes: Buffer, labelCount: number): GraphLabels | null {
  if (bytes.length !== labelCount * 12) return null;
  const own = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return {
    seqs: [...new Float64Array(own, 0, labelCount)],
    prints: [...new Uint32Array(own, labelCount * 8, labelCount)],
  };
}

/** Makes sure that a file has reached the disk whole, and says what it is. */
async function seal(folder: string, name: string, minimumBytes: number): Promise<FileEntry> {
  const path = join(folder, name);
  const file = await open(path, "r+");
  try {
    await file.sync();
    const { size } = await file.stat();
    if (size < minimumBytes) {
      throw new AppError("disk_full", "An index file could not be written whole; is the disk full?", {
        size,
        minimumBytes,
      });
    }
    return { name, bytes: size, sha256: await sha256(path) };
  } finally {
    await file.close();
  }
}

async function check(folder: string, entry: FileEntry): Promise<void> {
  const path = join(folder, entry.name);
  if ((await stat(path)).size !== entry.bytes || (await sha256(path)) !== entry.sha256) {
    throw new AppError("index_corrupt", "An index file is damaged.", { bytes: entry.bytes });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  return hash.digest("hex");
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Deletes this generation's files except those to keep: older snapshots and leftovers of killed writers. */
async function deleteFiles(folder: string, generationId: string, keep: readonly string[]): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const ours = names.filter((name) => name.startsWith(`${fileName(generationId)}.`) && !keep.includes(name));
  await Promise.all(ours.map((name) => rm(join(folder, name), { force: true })));
}

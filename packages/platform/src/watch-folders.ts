/**
 * Reads watched folders again: new files come in, changed ones become new versions, files that are gone are removed.
 *
 * The documents that might have to go are listed before the folder is scanned (acceptance J6), so that one which comes in
 * during the scan is never taken for removed. Files whose size and time have not changed are not opened. A folder that
 * cannot be read removes nothing.
 */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join, relative, sep } from "node:path";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { Collection, DocumentId, DocumentRecord } from "@lorekeep/core";
import { z } from "zod";
import { LOCAL_ACTOR } from "./access.ts";
import { createCollection } from "./collection-settings.ts";
import { admitBytes } from "./library.ts";
import type { LibraryOptions } from "./library.ts";
import { enqueuePurge } from "./enqueue.ts";

export interface WatchOutcome {
  readonly added: readonly DocumentId[];
  readonly changed: readonly DocumentId[];
  readonly removedCount: number;
  readonly unreadable: readonly string[];
}

const seenSchema = z.record(z.string(), z.object({ size: z.number(), mtimeMs: z.number(), id: z.string() }));
type Seen = z.infer<typeof seenSchema>;

const folderKey = (path: string): string => createHash("sha256").update(path).digest("hex").slice(0, 16);
const externalIdOf = (path: string, file: string): string => `folder:${folderKey(path)}:${file}`;

/** Regular files below the folder, hidden ones and links left out, as paths with forward slashes. */
async function scan(root: string, signal: AbortSignal | undefined): Promise<string[]> {
  const files: string[] = [];
  const queue = [root];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    throwIfAborted(signal);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) queue.push(path);
      else if (entry.isFile()) files.push(relative(root, path).split(sep).join("/"));
    }
  }
  return files.sort();
}

async function documentsOf(options: LibraryOptions, collection: Collection, path: string): Promise<DocumentRecord[]> {
  const prefix = externalIdOf(path, "");
  const found: DocumentRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await options.store.documents.list({ collectionId: collection.id, limit: 200, cursor });
    found.push(...page.items.filter((each) => each.source === "folder" && each.externalId?.startsWith(prefix)));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

async function collectionOf(options: LibraryOptions, name: string): Promise<Collection> {
  const { collections } = options.store;
  return (await collections.getByName(name)) ?? createCollection(options, LOCAL_ACTOR, { name });
}

/** One pass over one folder. Throws not_found when the folder itself cannot be read; nothing is removed then. */
export async function readWatchedFolder(
  options: LibraryOptions,
  folder: { path: string; collection: string },
  signal?: AbortSignal,
): Promise<WatchOutcome> {
  const settingName = `watch:${folderKey(folder.path)}`;
  const collection = await collectionOf(options, folder.collection);
  const before = await documentsOf(options, collection, folder.path);
  const files = await scanOrExplain(folder.path, signal);
  const seen: Seen = seenSchema.safeParse(await options.store.settings.get(settingName)).data ?? {};
  const known = new Map(before.map((document) => [document.externalId, document]));
  const next: Seen = {};
  const result = { added: [] as DocumentId[], changed: [] as DocumentId[], unreadable: [] as string[] };
  for (const file of files) {
    throwIfAborted(signal);
    const document = known.get(externalIdOf(folder.path, file));
    const outcome = await readFile(options, { collection, root: folder.path, file, document, seen: seen[file] });
    if (outcome === null) {
      result.unreadable.push(file);
      continue;
    }
    next[file] = outcome.seen;
    if (outcome.change !== null) result[outcome.change].push(outcome.id);
  }
  await options.store.settings.put(settingName, next);
  const removedCount = await removeMissing(
    options,
    before,
    new Set(files.map((file) => externalIdOf(folder.path, file))),
  );
  return { ...result, removedCount };
}

async function scanOrExplain(path: string, signal: AbortSignal | undefined): Promise<string[]> {
  try {
    return await scan(path, signal);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("not_found", `The watched folder ${path} cannot be read.`, {}, { cause });
  }
}

interface FileRead {
  readonly id: DocumentId;
  readonly change: "added" | "changed" | null;
  readonly seen: Seen[string];
}

/** null: the file went away or may not be read. */
async function readFile(
  options: LibraryOptions,
  request: {
    collection: Collection;
    root: string;
    file: string;
    document: DocumentRecord | undefined;
    seen: Seen[string] | undefined;
  },
): Promise<FileRead | null> {
  const { document, seen, file, root } = request;
  const path = join(root, file);
  let facts: { size: number; mtimeMs: number };
  try {
    const { size, mtimeMs } = await stat(path);
    facts = { size, mtimeMs };
    if (document && seen?.id === document.id && seen.size === size && seen.mtimeMs === mtimeMs)
      return { id: document.id, change: null, seen };
    const { document: admitted, duplicate } = await admitBytes(options, request.collection, {
      name: file.split("/").at(-1)!,
      externalId: externalIdOf(root, file),
      source: "folder",
      mediaType: "application/octet-stream",
      metadata: { path: file },
      bytes: createReadStream(path),
    });
    const change = duplicate ? null : document === undefined ? "added" : "changed";
    return { id: admitted.id, change, seen: { ...facts, id: admitted.id } };
  } catch (error) {
    const isTooLarge = error instanceof AppError && error.code === "request_too_large";
    const isGone =
      error instanceof Error && "code" in error && ["ENOENT", "EACCES", "EPERM"].includes(String(error.code));
    if (!isTooLarge && !isGone) throw error;
    return null;
  }
}

async function removeMissing(
  options: LibraryOptions,
  before: readonly DocumentRecord[],
  present: ReadonlySet<string>,
): Promise<number> {
  const missing = before.filter((document) => document.externalId !== null && !present.has(document.externalId));
  for (const document of missing) {
    await options.store.documents.delete(document.id);
    options.onGone(document.id);
  }
  if (missing.length > 0) await enqueuePurge(options.queue);
  return missing.length;
}

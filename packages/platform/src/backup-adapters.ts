/** Adapter files in a backup: `adapters/NAME`, beside the originals. What a row names and the disk does not have is left out. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AdapterId, Store } from "@lorekeep/core";
import type { TarEntry } from "./tar.ts";

const NAME = /^adapters\/[A-Za-z0-9_-]+\.gguf$/;

export const isAdapterEntry = (name: string): boolean => NAME.test(name);

/** File name → size, of the adapters that the database names. */
export async function adapterFiles(
  { adapters }: Pick<Store, "adapters">,
  folder: string,
): Promise<ReadonlyMap<string, number>> {
  const files = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page = await adapters.list({ limit: 200, cursor });
    for (const { id } of page.items) {
      const file = (await adapters.get(id as AdapterId))?.file; // as the store wrote it
      const info = file === undefined ? null : await stat(join(folder, file)).catch(() => null);
      if (file !== undefined && info !== null) files.set(file, info.size);
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return files;
}

export function* adapterEntries(files: ReadonlyMap<string, number>, folder: string): Generator<TarEntry> {
  for (const [file, sizeBytes] of files)
    yield { name: `adapters/${file}`, sizeBytes, body: createReadStream(join(folder, file)) };
}

/** The entry's name has been checked by isAdapterEntry. */
export async function takeAdapter(entry: TarEntry, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const output = createWriteStream(join(folder, basename(entry.name)), { mode: 0o600 });
  await pipeline(Readable.from(entry.body), output);
}

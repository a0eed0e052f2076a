/** Paths that a person gave → files to import. Hidden files and links inside folders are left out. */
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { AppError } from "@lorekeep/core";

export interface FoundFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Folder's name and the path in it, with forward slashes; undefined for a file that was named itself. */
  readonly externalId: string | undefined;
}

/** Throws not_found for a path that is not there. Sorted by path. */
export async function findFiles(paths: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const given of paths) {
    const root = resolve(given);
    const facts = await stat(root).catch((cause: unknown) => {
      throw new AppError("not_found", `There is no file or folder ${given}.`, {}, { cause });
    });
    if (facts.isDirectory()) found.push(...(await filesBelow(root)));
    else found.push(describe(root, facts, undefined));
  }
  return found.sort((left, right) => (left.path < right.path ? -1 : 1));
}

const describe = (
  path: string,
  facts: { size: number; mtimeMs: number },
  externalId: string | undefined,
): FoundFile => ({
  path,
  name: basename(path),
  sizeBytes: facts.size,
  mtimeMs: facts.mtimeMs,
  externalId,
});

async function filesBelow(root: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) {
        const inside = relative(root, path).split(sep).join("/");
        found.push(describe(path, await stat(path), `${basename(root)}/${inside}`));
      }
    }
  }
  return found;
}

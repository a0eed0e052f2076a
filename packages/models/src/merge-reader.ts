/**
 * A packed encoder + what a reader learnt on it → the int8 ONNX model that reads. Done once for each pair of files: the result lies in the
 * models folder under a name made of both checksums, put there whole by a rename under the same kind of lock as downloads.
 * Neighbours: reader-file.ts knows the trained file, convert/e5-small.ts writes the model, reader.ts runs it.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@lorekeep/core";
import { openE5File, type E5Shape } from "./convert/e5-file.ts";
import { convertE5Small, E5_CONVERTER_VERSION } from "./convert/e5-small.ts";
import type { LinearPrecision } from "./onnx/bert.ts";
import { sha256OfFile } from "./checksum.ts";
import { withFolderLock } from "./folder-lock.ts";
import { learntPartsOf, parseReaderFile } from "./reader-file.ts";

/** Raise it whenever the same two files could give another model. */
const MERGE_VERSION = 1;
const DONE_NAME = "merged.json";

export interface MergeRequest {
  /** Name of the reader: its models are kept under it. */
  readonly name: string;
  readonly basePath: string;
  /** Of the base; computed when it is not known. */
  readonly baseSha256?: string | undefined;
  readonly readerPath: string;
  readonly modelsFolder: string;
  readonly precision?: LinearPrecision | undefined;
  readonly signal?: AbortSignal | undefined;
}
export interface MergedReader {
  readonly folder: string;
  readonly outputs: 2 | 3;
  /** 16 hex digits that change with either file or the way they are merged. */
  readonly fingerprint: string;
}

async function shapeOf(path: string): Promise<E5Shape> {
  const handle = await open(path);
  try {
    return (await openE5File(handle)).shape;
  } finally {
    await handle.close();
  }
}

async function isMerged(folder: string, fingerprint: string): Promise<boolean> {
  const text = await readFile(join(folder, DONE_NAME), "utf8").catch(() => "");
  return text.includes(fingerprint);
}

/** Models of this reader from other files: nobody will ask for them again. */
async function removeOthers(request: MergeRequest, keep: string): Promise<void> {
  const { modelsFolder, name } = request;
  const isOurs = (folder: string): boolean =>
    folder.startsWith(`${name}-`) && /^[0-9a-f]{16}(\.partial)?$/.test(folder.slice(name.length + 1));
  for (const folder of await readdir(modelsFolder))
    if (isOurs(folder) && folder !== keep)
      await rm(join(modelsFolder, folder), { recursive: true, force: true }).catch(() => undefined); // in use elsewhere
}

/** Takes a few seconds the first time. Throws model_invalid, model_missing (no such file), aborted. */
export async function mergeReader(request: MergeRequest): Promise<MergedReader> {
  const { modelsFolder, basePath, readerPath, name } = request;
  const bytes = await readFile(readerPath).catch((error: unknown) => {
    throw new AppError("model_missing", `There is no reader file ${readerPath}.`, {}, { cause: error });
  });
  const reader = parseReaderFile(bytes);
  const baseSha256 = request.baseSha256 ?? (await sha256OfFile(basePath));
  if (reader.baseSha256 !== "" && reader.baseSha256 !== baseSha256)
    throw new AppError(
      "model_invalid",
      `The reader ${name} was trained on another encoder than the one installed here.`,
      {
        wanted: reader.baseSha256,
        found: baseSha256,
      },
    );
  const how = [MERGE_VERSION, E5_CONVERTER_VERSION, request.precision ?? "int8"];
  const readerSha256 = createHash("sha256").update(bytes).digest("hex");
  const key = JSON.stringify([baseSha256, readerSha256, how]);
  const fingerprint = createHash("sha256").update(key).digest("hex").slice(0, 16);
  const folderName = `${name}-${fingerprint}`;
  const folder = join(modelsFolder, folderName);
  const merged: MergedReader = { folder, outputs: reader.outputs, fingerprint };
  if (await isMerged(folder, fingerprint)) return merged;
  await mkdir(modelsFolder, { recursive: true });
  return withFolderLock(join(modelsFolder, `${name}.lock`), { signal: request.signal }, async () => {
    if (await isMerged(folder, fingerprint)) return merged;
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    const learnt = learntPartsOf(reader, await shapeOf(basePath));
    const { precision, signal } = request;
    await convertE5Small({ from: basePath, folder: partial, precision, learnt, signal });
    await writeFile(join(partial, DONE_NAME), JSON.stringify({ fingerprint, baseSha256, readerSha256 }));
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
    await removeOthers(request, folderName);
    return merged;
  });
}

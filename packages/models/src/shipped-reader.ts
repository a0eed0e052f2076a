/** The reader of this release over the encoder that is installed, or the reason why there is none. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { toAppError, type Logger, type Reader } from "@lorekeep/core";
import { findModel, type CatalogueEntry } from "./catalogue.ts";
import { findInstalled } from "./download.ts";
import { openReader } from "./reader.ts";

export type ReaderState =
  | { readonly reader: Reader; readonly reason: null }
  /** `mayCome`: a file is missing that may be put there; else it would fail again. */
  | { readonly reader: undefined; readonly reason: string; readonly mayCome: boolean };

export interface ShippedReaderOptions {
  readonly catalogue: readonly CatalogueEntry[];
  /** The models folder. */
  readonly folder: string;
  readonly threads: number;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

const absent = (reason: string, mayCome = true): ReaderState => ({ reader: undefined, reason, mayCome });

export async function openShippedReader(options: ShippedReaderOptions): Promise<ReaderState> {
  const { catalogue, folder, threads, logger, signal } = options;
  const entry = catalogue.find((known) => known.role === "reader");
  if (entry === undefined) return absent("The catalogue has no reader.", false);
  const trained = await stat(entry.file).catch(() => null);
  if (trained?.isFile() !== true) return absent(`The reader ${entry.name} has no trained file in this release.`);
  const base = findModel(entry.base, catalogue);
  const installed = base === undefined ? null : await findInstalled(base, folder);
  if (installed === null)
    return absent(`The reader's encoder ${entry.base} is missing. Run \`lorekeep models pull ${entry.base}\`.`);
  const packed = Object.entries(installed.manifest.fetched).find(([name]) => name.endsWith(".bin"));
  if (packed === undefined)
    return absent(`The reader needs ${entry.base} in its packed form; what is installed came from another source.`);
  try {
    const reader = await openReader({
      name: entry.name,
      basePath: join(installed.folder, packed[0]),
      baseSha256: packed[1].sha256,
      readerPath: entry.file,
      modelsFolder: folder,
      threads,
      logger,
      signal,
    });
    return { reader, reason: null };
  } catch (error) {
    const { code, message } = toAppError(error);
    logger.warn("reader.failed", { model: entry.name, code });
    return absent(message, false);
  }
}

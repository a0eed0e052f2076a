/**
 * Zip archives from strangers (DOCX, XLSX, EPUB are zips): bounded in entries, in bytes really inflated, and in ratio, and
 * refused when encrypted. Third-party readers never see the original archive: `repack` gives them one that holds only what
 * was read and counted here, so that no disagreement between two zip readers can be used.
 */
import { crc32 } from "node:zlib";
import { AppError } from "@lorekeep/core";
import yauzl from "yauzl";

export interface ZipLimits {
  readonly maxEntries: number;
  /** Inflated bytes of everything that is read. */
  readonly maxBytes: number;
  /** Inflated : packed, for entries above `freeBytes`. */
  readonly maxRatio: number;
  readonly freeBytes: number;
}

export const ZIP_LIMITS: ZipLimits = {
  maxEntries: 10_000,
  maxBytes: 256_000_000,
  maxRatio: 200,
  freeBytes: 16_000_000,
};

export interface ZipArchive {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Inflates one entry and counts it. Throws document_bomb, document_corrupt; null when there is no such entry. */
  read(name: string): Promise<Buffer | null>;
  close(): void;
}

/** Throws document_bomb, document_encrypted, document_corrupt. */
export async function openZip(bytes: Buffer, limits: ZipLimits = ZIP_LIMITS): Promise<ZipArchive> {
  const file = await openFile(bytes);
  if (file.entryCount > limits.maxEntries) {
    file.close();
    throw bomb(`it claims ${file.entryCount} entries`, { entryCount: file.entryCount });
  }
  const entries = await listEntries(file);
  let declared = 0;
  for (const entry of entries.values()) {
    if (entry.isEncrypted())
      throw new AppError(
        "document_encrypted",
        "The document is protected by a password. Remove the password and upload it again.",
      );
    declared += entry.uncompressedSize;
    if (declared > limits.maxBytes || isTooDense(entry.compressedSize, entry.uncompressedSize, limits))
      throw bomb(`it would unpack to more than ${Math.round(declared / 1_000_000)} MB`, { declaredBytes: declared });
  }
  let readBytes = 0;
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    read: async (name) => {
      const entry = entries.get(name);
      if (entry === undefined) return null;
      const content = await inflate(file, entry, (length) => {
        readBytes += length;
        if (readBytes > limits.maxBytes) throw bomb("it unpacks to far more than it says", { readBytes });
      });
      return content;
    },
    close: () => file.close(),
  };
}

const isTooDense = (packed: number, inflated: number, { maxRatio, freeBytes }: ZipLimits): boolean =>
  inflated > freeBytes && inflated > packed * maxRatio;

function bomb(why: string, details: Record<string, unknown>): AppError {
  return new AppError("document_bomb", `The document was refused as a decompression bomb: ${why}.`, details);
}

function corrupt(cause: unknown): AppError {
  return new AppError("document_corrupt", "The document's archive is damaged and cannot be opened.", {}, { cause });
}

function openFile(bytes: Buffer): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(bytes, { lazyEntries: true, validateEntrySizes: true }, (error, file) => {
      if (error === null && file !== undefined) resolve(file);
      else reject(corrupt(error));
    });
  });
}

/** Of entries with one name the first counts. */
function listEntries(file: yauzl.ZipFile): Promise<Map<string, yauzl.Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, yauzl.Entry>();
    file.on("entry", (entry: yauzl.Entry) => {
      if (!entry.fileName.endsWith("/") && !entries.has(entry.fileName)) entries.set(entry.fileName, entry);
      file.readEntry();
    });
    file.on("end", () => resolve(entries));
    file.on("error", (error) => reject(corrupt(error)));
    file.readEntry();
  });
}

function inflate(file: yauzl.ZipFile, entry: yauzl.Entry, onBytes: (length: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    file.openReadStream(entry, (error, stream) => {
      if (error !== null || stream === undefined) {
        reject(corrupt(error));
        return;
      }
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => {
        try {
          onBytes(chunk.length);
          chunks.push(chunk);
        } catch (reason) {
          stream.destroy();
          reject(reason instanceof Error ? reason : corrupt(reason));
        }
      });
      stream.on("end", () => resolve(Buffer.concat(chunks)));
      stream.on("error", (reason) => reject(corrupt(reason)));
    });
  });
}

/** Reads every entry that `wanted` names; bounded as above. */
export async function readEntries(zip: ZipArchive, wanted: (name: string) => boolean): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (const name of zip.names) {
    if (!wanted(name)) continue;
    const content = await zip.read(name);
    if (content !== null) contents.set(name, content);
  }
  return contents;
}

/** A zip of these files, stored without compression (APPNOTE.TXT 4.3: local headers, central directory, end record). */
export function repack(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const fileName = Buffer.from(name, "utf8");
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(0x21, 8); // 1 January 1980
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(fileName.length, 22);
    parts.push(Buffer.from("PK\u0003\u0004", "latin1"), common, fileName, content);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0000", "latin1"), common, tail, fileName);
    offset += 30 + fileName.length + content.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

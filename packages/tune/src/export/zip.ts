/**
 * Just enough of the ZIP format for adapters: writes entries uncompressed (weights do not compress) with a fixed date, so
 * that the same content has the same bytes; reads stored and deflated entries through the central directory. No ZIP64,
 * no encryption. Source: APPNOTE.TXT of PKWARE, 4.3.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { adapterError } from "./adapter.ts";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** 1 January 1980, the format's first day. */
const DOS_DATE = 0x21;
const UTF8_NAMES = 0x800;
const MAX_ENTRY_BYTES = 1 << 30;

export function encodeZip(files: ReadonlyMap<string, Buffer>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, body] of files) {
    const path = Buffer.from(name);
    const common = Buffer.alloc(26); // version needed … length of extra: the same in both heads
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(UTF8_NAMES, 2);
    common.writeUInt16LE(DOS_DATE, 8);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(path.length, 22);
    const central = Buffer.alloc(14); // length of comment … offset
    central.writeUInt32LE(at, 10);
    bodies.push(word(LOCAL), common, path, body);
    directory.push(word(CENTRAL), Buffer.from([20, 0]), common, central, path);
    at += 30 + path.length + body.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.size, 4);
  end.writeUInt16LE(files.size, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...bodies, central, word(END), end]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export interface ZipEntry {
  readonly name: string;
  /** Throws model_invalid when the bytes are damaged or longer than they claim. */
  read(): Buffer;
}

/** The entries of a ZIP file, read on demand. Throws model_invalid when it is none, or one of a kind that is not read. */
export function zipEntries(zip: Buffer): ZipEntry[] {
  try {
    return readDirectory(zip);
  } catch (error) {
    if (error instanceof RangeError) throw adapterError("its ZIP file is cut short or damaged");
    throw error;
  }
}

function readDirectory(zip: Buffer): ZipEntry[] {
  let end = zip.length - 22;
  const lowest = Math.max(0, end - 65_535); // a comment may follow
  while (end >= lowest && zip.readUInt32LE(end) !== END) end--;
  if (end < lowest) throw adapterError("its ZIP file has no directory; it is cut short, or no ZIP file");
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (zip.readUInt32LE(at) !== CENTRAL) throw adapterError("the directory of its ZIP file is damaged");
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const facts: EntryFacts = {
      name,
      flags: zip.readUInt16LE(at + 8),
      method: zip.readUInt16LE(at + 10),
      checksum: zip.readUInt32LE(at + 16),
      packedBytes: zip.readUInt32LE(at + 20),
      plainBytes: zip.readUInt32LE(at + 24),
      localAt: zip.readUInt32LE(at + 42),
    };
    entries.push({ name, read: () => readEntry(zip, facts) });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

interface EntryFacts {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly plainBytes: number;
  readonly localAt: number;
}

function readEntry(
  zip: Buffer,
  { name, flags, method, checksum, packedBytes, plainBytes, localAt }: EntryFacts,
): Buffer {
  const damaged = () => adapterError(`${name} in its ZIP file is damaged`);
  if ((flags & 1) !== 0) throw adapterError(`${name} in its ZIP file is encrypted`);
  if (plainBytes > MAX_ENTRY_BYTES) throw adapterError(`${name} in its ZIP file is larger than 1 GiB`);
  if (localAt + 30 > zip.length || zip.readUInt32LE(localAt) !== LOCAL) throw damaged();
  const start = localAt + 30 + zip.readUInt16LE(localAt + 26) + zip.readUInt16LE(localAt + 28);
  const packed = zip.subarray(start, start + packedBytes);
  const plain = method === 0 ? packed : method === 8 ? inflate(packed, plainBytes) : null;
  if (plain === null || plain.length !== plainBytes || crc32(plain) !== checksum) throw damaged();
  return plain;
}

/** null when the stream is broken or longer than it claims. */
function inflate(packed: Buffer, plainBytes: number): Buffer | null {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, plainBytes) });
  } catch {
    return null;
  }
}

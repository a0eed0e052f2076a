/**
 * The little of the tar format (POSIX.1-1988 ustar, 512-byte blocks) that a backup needs: regular files in order, streamed.
 * Sizes from 8 GiB on use the base-256 form of GNU tar. Any tar program can open what is written here; only what is written
 * here is read.
 */
import type { Readable } from "node:stream";
import { AppError } from "@lorekeep/core";

export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly body: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
const MAX_OCTAL_SIZE = 0o77777777777;
const NAME_LENGTH = 100;

const corrupt = (what: string): AppError =>
  new AppError("request_invalid", `This is not a whole Lorekeep backup: ${what}.`);

function header(name: string, sizeBytes: number, mtimeSeconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, "0") + "\0", offset, "latin1");
  };
  if (Buffer.byteLength(name) > NAME_LENGTH) throw new RangeError(`tar name of ${name.length} characters`);
  block.write(name, 0, "utf8");
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  if (sizeBytes <= MAX_OCTAL_SIZE) octal(sizeBytes, 124, 12);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  octal(mtimeSeconds, 136, 12);
  block.write("0", 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  octal(checksum(block), 148, 7);
  block.write(" ", 155, "latin1");
  return block;
}

/** Sum of the bytes with the checksum field read as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 0;
  for (const [position, byte] of block.entries()) sum += position >= 148 && position < 156 ? 0x20 : byte;
  return sum;
}

/** The archive as bytes. Throws when a body is longer or shorter than it said. */
export async function* writeTar(
  entries: AsyncIterable<TarEntry> | Iterable<TarEntry>,
  mtime: Date,
): AsyncGenerator<Uint8Array> {
  for await (const { name, sizeBytes, body } of entries) {
    yield header(name, sizeBytes, Math.floor(mtime.getTime() / 1000));
    let written = 0;
    for await (const chunk of body) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== sizeBytes) throw new AppError("unexpected", "A file changed its size while it was backed up.");
    yield Buffer.alloc((BLOCK - (sizeBytes % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** Exactly `length` bytes at a time from a stream of chunks. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>; // no encoding is set: bytes
  }

  /** At most `length` bytes; empty at the end. */
  async some(length: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return this.#rest;
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  async exactly(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0;) {
      const part = await this.some(left);
      if (part.length === 0) throw corrupt("it ends in the middle");
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }
}

function readSize(block: Buffer): number {
  if (block[124] === 0x80) return Number(block.readBigUInt64BE(128));
  const text = block.toString("latin1", 124, 136).replace(/[\0 ]+$/, "");
  if (!/^[0-7]+$/.test(text)) throw corrupt("a size cannot be read");
  return Number.parseInt(text, 8);
}

async function* bodyOf(reader: ByteReader, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = sizeBytes; left > 0;) {
    const part = await reader.some(left);
    if (part.length === 0) throw corrupt("it ends in the middle");
    left -= part.length;
    yield part;
  }
}

/** The entries in order; each body must be read to its end before the next entry is asked for. Throws request_invalid. */
export async function* readTar(stream: Readable): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(stream);
  for (;;) {
    const block = await reader.exactly(BLOCK);
    if (block.every((byte) => byte === 0)) return;
    const sum = Number.parseInt(block.toString("latin1", 148, 156).replace(/[\0 ]+$/, ""), 8);
    if (sum !== checksum(block)) throw corrupt("a checksum is wrong");
    if (block[156] !== 0x30) throw corrupt("it holds something that is not a file");
    const name = block.toString("utf8", 0, NAME_LENGTH).replace(/\0.*$/s, "");
    const sizeBytes = readSize(block);
    yield { name, sizeBytes, body: bodyOf(reader, sizeBytes) };
    await reader.exactly((BLOCK - (sizeBytes % BLOCK)) % BLOCK);
  }
}

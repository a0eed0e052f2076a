import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { encodeZip, zipEntries } from "./zip.ts";

const FILES = new Map([
  ["a.txt", Buffer.from("hello")],
  ["文件/b.bin", Buffer.alloc(1000, 7)],
  ["empty", Buffer.alloc(0)],
]);
const invalid = expect.objectContaining({ code: "model_invalid" }) as Error;

test("reads back what it wrote", () => {
  const entries = zipEntries(encodeZip(FILES));
  expect(new Map(entries.map(({ name, read }) => [name, read()]))).toEqual(FILES);
});

/** The stored entry of a one-file archive made into a deflated one that claims `plainBytes`. */
function deflated(body: Buffer, plainBytes: number): Buffer {
  const packed = deflateRawSync(body);
  const zip = encodeZip(new Map([["x", packed]]));
  const plain = encodeZip(new Map([["x", body]]));
  const central = zip.readUInt32LE(zip.length - 6);
  zip.writeUInt16LE(8, central + 10);
  zip.writeUInt32LE(plain.readUInt32LE(plain.readUInt32LE(plain.length - 6) + 16), central + 16);
  zip.writeUInt32LE(plainBytes, central + 24);
  return zip;
}

test("reads deflated entries, and none that grow beyond their claim", () => {
  const body = Buffer.alloc(100_000, 1);
  expect(zipEntries(deflated(body, body.length))[0]!.read()).toEqual(body);
  expect(() => zipEntries(deflated(body, 10))[0]!.read()).toThrow(invalid);
  expect(() => zipEntries(deflated(body, 2 ** 31))[0]!.read()).toThrow(/larger than 1 GiB/);
});

test("refuses damage: a changed byte, a cut, no archive at all", () => {
  const zip = encodeZip(FILES);
  const changed = Buffer.from(zip);
  changed[36] = changed[36]! ^ 1; // inside the first body
  expect(() => zipEntries(changed)[0]!.read()).toThrow(invalid);
  for (let cut = 0; cut < zip.length; cut += 7) expect(() => zipEntries(zip.subarray(0, cut))).toThrow(invalid);
  expect(() => zipEntries(Buffer.alloc(500))).toThrow(invalid);
});

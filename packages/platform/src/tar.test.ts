import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTar, writeTar } from "./tar.ts";
import type { TarEntry } from "./tar.ts";

const entry = (name: string, bytes: Uint8Array): TarEntry => ({
  name,
  sizeBytes: bytes.length,
  body: Readable.from([bytes]),
});
const pack = (files: Record<string, Uint8Array>) =>
  buffer(
    Readable.from(
      writeTar(
        Object.entries(files).map(([name, bytes]) => entry(name, bytes)),
        new Date(0),
      ),
    ),
  );
async function unpack(archive: Uint8Array, sliceBytes = 700): Promise<Record<string, string>> {
  const slices: Uint8Array[] = [];
  for (let at = 0; at < archive.length; at += sliceBytes) slices.push(archive.subarray(at, at + sliceBytes));
  const files: Record<string, string> = {};
  for await (const { name, body } of readTar(Readable.from(slices)))
    files[name] = (await buffer(Readable.from(body))).toString("latin1");
  return files;
}

test("gives back what was written, whatever the sizes and however the bytes arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 1600 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 2000 }),
      async (contents, sliceBytes) => {
        const files = Object.fromEntries(contents.map((bytes, position) => [`blobs/${position}`, bytes]));
        const expected = Object.fromEntries(
          Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString("latin1")]),
        );
        expect(await unpack(await pack(files), sliceBytes)).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test("writes what the system's tar opens", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lorekeep-tar-"));
  try {
    writeFileSync(
      join(folder, "a.tar"),
      await pack({ "manifest.json": Buffer.from("{}"), "blobs/x": Buffer.alloc(513, 7) }),
    );
    execFileSync("tar", ["-xf", "a.tar"], { cwd: folder });
    expect(readFileSync(join(folder, "blobs/x"))).toEqual(Buffer.alloc(513, 7));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("refuses an archive that is cut off anywhere", async () => {
  const archive = await pack({ a: Buffer.from("hello"), b: Buffer.alloc(600, 1) });
  for (let length = 0; length < archive.length - 512; length += 97)
    await expect(unpack(archive.subarray(0, length))).rejects.toMatchObject({ code: "request_invalid" });
});

test("refuses a flipped bit in a header", async () => {
  const archive = await pack({ a: Buffer.from("hello") });
  for (const position of [0, 100, 130, 156, 260]) {
    const broken = Buffer.from(archive);
    broken[position]! ^= 1;
    await expect(unpack(broken)).rejects.toMatchObject({ code: "request_invalid" });
  }
});

test("refuses links", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lorekeep-tar-"));
  try {
    execFileSync("sh", ["-c", "ln -s /etc/passwd link && tar --format=ustar -cf a.tar link"], { cwd: folder });
    await expect(unpack(readFileSync(join(folder, "a.tar")))).rejects.toMatchObject({ code: "request_invalid" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

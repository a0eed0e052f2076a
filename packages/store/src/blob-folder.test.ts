import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeBlobs } from "@lorekeep/core/testing";
import { openBlobFolder } from "./blob-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-blobs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describeBlobs("folder", () => openBlobFolder({ folder }));

const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

test("keeps bytes two folders deep and no other file", async () => {
  const blobs = await openBlobFolder({ folder });
  const { sha256 } = await blobs.put(Readable.from(["hello"]), { maxBytes: 9 });
  await blobs.put(Readable.from(["too long to be taken"]), { maxBytes: 9 }).catch(() => undefined);
  expect(files()).toEqual([join(sha256.slice(0, 2), sha256.slice(2, 4), sha256)]);
});

test("A3 removes what a dead process left half-written, and nothing that may still be written", async () => {
  await openBlobFolder({ folder });
  for (const name of ["dead", "alive"]) writeFileSync(join(folder, "partial", name), "half");
  utimesSync(join(folder, "partial", "dead"), new Date(0), new Date(0));
  await openBlobFolder({ folder });
  expect(files()).toEqual([join("partial", "alive")]);
});

test("bytes whose file was cut short are written anew", async () => {
  const blobs = await openBlobFolder({ folder });
  const { sha256 } = await blobs.put(Readable.from(["hello"]), { maxBytes: 9 });
  writeFileSync(await blobs.localPath(sha256), "he");
  expect(await blobs.put(Readable.from(["hello"]), { maxBytes: 9 })).toMatchObject({ isNew: true, sizeBytes: 5 });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findFiles } from "./find-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lorekeep-files-"));
  mkdirSync(join(folder, "inner", ".git"), { recursive: true });
  for (const name of ["b.txt", "a.txt", ".hidden", "inner/a.txt", "inner/.git/config"])
    writeFileSync(join(folder, name), "x");
  symlinkSync("/etc/hostname", join(folder, "link.txt"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("finds files below folders, without hidden ones and links, and gives equal names different identities", async () => {
  const found = await findFiles([folder]);
  const root = basename(folder);
  expect(found.map(({ name, externalId }) => [name, externalId])).toEqual([
    ["a.txt", `${root}/a.txt`],
    ["b.txt", `${root}/b.txt`],
    ["a.txt", `${root}/inner/a.txt`],
  ]);
});

test("a file that is named itself keeps its name as its identity", async () => {
  expect(await findFiles([join(folder, "a.txt")])).toMatchObject([
    { name: "a.txt", externalId: undefined, sizeBytes: 1 },
  ]);
});

test("says which path is not there", async () => {
  await expect(findFiles([join(folder, "a.txt"), "nowhere.txt"])).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("nowhere.txt"),
  });
});

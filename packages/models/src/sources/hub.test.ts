import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import type { HubFile } from "../catalogue.ts";
import { startHubStandIn, type HubStandIn } from "../testing/hub-stand-in.ts";
import { hubOptions, hubSource, type HubOptions } from "./hub.ts";

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const SHA256 = createHash("sha256").update(BYTES).digest("hex");
const FILE: HubFile = {
  name: "model.onnx",
  path: "onnx/model.onnx",
  repository: "org/model",
  revision: "main",
  sizeBytes: null,
  sha256: null,
};
const URL_PATH = "org/model/resolve/main/onnx/model.onnx";

let hub: HubStandIn;
let folder: string;
let target: string;
beforeEach(async () => {
  hub = await startHubStandIn();
  hub.put(URL_PATH, BYTES);
  folder = await mkdtemp(join(tmpdir(), "lorekeep-hub-"));
  target = join(folder, "model.onnx");
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const options = (changes: Partial<HubOptions> = {}): HubOptions => ({
  endpoint: hub.endpoint,
  home: null,
  token: null,
  idleTimeoutMs: 2_000,
  retryDelayMs: 1,
  ...changes,
});
const quiet = { onProgress: () => undefined };
const downloads = (): string[] => hub.requests.filter((line) => line.startsWith("GET /storage"));

test("downloads a file and tells how far it is", async () => {
  const seen: [number, number | null][] = [];
  await hubSource(options()).fetch(FILE, target, { onProgress: (done, total) => seen.push([done, total]) });
  expect((await readFile(target)).equals(BYTES)).toBe(true);
  expect(seen.at(-1)).toEqual([BYTES.length, BYTES.length]);
});

test("continues where the connection broke", async () => {
  hub.hold = { times: 2, afterBytes: 100_000 };
  await hubSource(options()).fetch(FILE, target, { onProgress: () => hub.drop() });
  expect((await readFile(target)).equals(BYTES)).toBe(true);
  const starts = downloads().map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
  expect(starts).toHaveLength(3);
  expect(starts[1]).toBeGreaterThan(0);
  expect(starts[2]).toBeGreaterThan(starts[1]!);
});

test("continues a download that an earlier process left behind", async () => {
  const controller = new AbortController();
  const stopped = hubSource(options()).fetch(FILE, target, {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  const { size } = await stat(`${target}.part`);
  expect(size).toBeGreaterThan(0);
  await hubSource(options()).fetch(FILE, target, quiet);
  expect((await readFile(target)).equals(BYTES)).toBe(true);
  expect(downloads().at(-1)).toContain(`bytes=${size}-`);
});

test("starts over when the file has changed meanwhile", async () => {
  await writeFile(`${target}.part`, BYTES.subarray(0, 1000));
  await writeFile(`${target}.part.etag`, '"of another file"');
  await hubSource(options()).fetch(FILE, target, quiet);
  expect((await readFile(target)).equals(BYTES)).toBe(true);
});

test("refuses damaged bytes, by the catalogue's checksum and by the hub's own", async () => {
  hub.damage = true;
  for (const sha256 of [SHA256, null]) {
    const fetching = hubSource(options()).fetch({ ...FILE, sha256 }, target, quiet);
    await expect(fetching).rejects.toMatchObject({ code: "model_checksum_mismatch" });
    await expect(stat(`${target}.part`)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(stat(target)).rejects.toMatchObject({ code: "ENOENT" });
  }
});

test("gives up on a server that sends nothing, and says that it will go on later", async () => {
  hub.stall = true;
  const fetching = hubSource(options({ idleTimeoutMs: 30 })).fetch(FILE, target, quiet);
  await expect(fetching).rejects.toMatchObject({ code: "model_download_failed", message: /continued next time/ });
});

test("does not ask again for a file that is not there", async () => {
  const fetching = hubSource(options()).fetch({ ...FILE, path: "none" }, target, quiet);
  await expect(fetching).rejects.toMatchObject({ code: "model_download_failed", details: { status: 404 } });
  expect(hub.requests).toHaveLength(1);
});

test("sends the token to the hub", async () => {
  await hubSource(options({ token: "secret" })).fetch(FILE, target, quiet);
  expect(hub.authorizations[0]).toBe("Bearer secret");
});

test("stops when told to", async () => {
  hub.stall = true;
  const controller = new AbortController();
  const fetching = hubSource(options()).fetch(FILE, target, { ...quiet, signal: controller.signal });
  await Promise.all([
    expect(fetching).rejects.toMatchObject({ code: "aborted" }),
    waitUntil(() => downloads().length === 1, { what: "the request" }).then(() => controller.abort()),
  ]);
});

test("probes quickly and says where nobody answers", async () => {
  expect(await hubSource(options()).probe()).toBeNull();
  await hub.close();
  expect(await hubSource(options()).probe()).toContain(hub.endpoint);
  hub = await startHubStandIn();
});

test("takes a file that the hub's own tools have downloaded", async () => {
  const home = join(folder, "hf");
  const snapshot = join(home, "hub", "models--org--model", "snapshots", "abc123", "onnx");
  await mkdir(snapshot, { recursive: true });
  await mkdir(join(home, "hub", "models--org--model", "refs"));
  await writeFile(join(home, "hub", "models--org--model", "refs", "main"), "abc123");
  await writeFile(join(snapshot, "model.onnx"), BYTES);
  await hubSource(options({ home })).fetch(FILE, target, quiet);
  expect((await readFile(target)).equals(BYTES)).toBe(true);
  expect(hub.requests).toHaveLength(0);
});

test("reads the settings that the hub's own tools read", () => {
  expect(hubOptions({ HF_ENDPOINT: "https://mirror.example/", HF_HOME: "/h", HF_TOKEN: "t" })).toMatchObject({
    endpoint: "https://mirror.example",
    home: "/h",
    token: "t",
  });
  expect(hubOptions({})).toMatchObject({ endpoint: "https://huggingface.co", token: null });
});

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTinyEmbedder } from "../../../fixtures/models/make-tiny.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lorekeep-telemetry-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Embeds one text in a process of its own whose home is `folder`. */
const SCRIPT = `
import { openEmbedder } from ${JSON.stringify(import.meta.resolve("./embedder.ts"))};
import { findInstalled } from ${JSON.stringify(import.meta.resolve("./download.ts"))};
import { TINY_EMBEDDER } from ${JSON.stringify(import.meta.resolve("../../../fixtures/models/make-tiny.ts"))};
import { recordingLogger } from ${JSON.stringify(import.meta.resolve("@lorekeep/core/testing"))};
const installed = await findInstalled(TINY_EMBEDDER, process.env.MODELS);
const embedder = await openEmbedder(installed, { threads: 1, logger: recordingLogger() });
await embedder.embed(["pump"], { kind: "query" });
await embedder.close();
`;

test("S9: the model runtime keeps no device id and no events about its use, to send or to keep", async () => {
  const [home, models] = [join(folder, "home"), join(folder, "models")];
  await makeTinyEmbedder(models);
  const { ORT_DISABLE_TELEMETRY: _said, XDG_CACHE_HOME: _cache, ...rest } = process.env;
  const env = { ...rest, HOME: home, MODELS: models, TMPDIR: folder };
  const run = promisify(execFile);
  const script = join(folder, "embed.mjs");
  writeFileSync(script, SCRIPT);
  await run(process.execPath, [script], { env });
  const kept = readdirSync(folder, { recursive: true, encoding: "utf8" });
  expect(kept.filter((path) => /telemetry|mat-debug|deviceid|onnxruntime/i.test(path))).toEqual([]);
});

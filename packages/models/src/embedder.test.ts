import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Embedder } from "@lorekeep/core";
import { describeEmbedder, recordingLogger } from "@lorekeep/core/testing";
import { makeTinyEmbedder, TINY_EMBEDDER } from "../../../fixtures/models/make-tiny.ts";
import { findInstalled } from "./download.ts";
import { openEmbedder } from "./embedder.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-embedder-"));
  await makeTinyEmbedder(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function openTiny(): Promise<Embedder> {
  const installed = await findInstalled(TINY_EMBEDDER, folder);
  return openEmbedder(installed!, { threads: 1, logger: recordingLogger() });
}

describeEmbedder("ONNX Runtime, tiny random model", openTiny, { understands: false });

describe("ONNX embedder", () => {
  test("a query overtakes the passages of a running ingest", async () => {
    const embedder = await openTiny();
    const order: string[] = [];
    const passages = Array.from({ length: 600 }, (_, i) => `pump ${i} `.repeat(12));
    const ingest = embedder.embed(passages, { kind: "passage" }).then(() => order.push("passages"));
    await embedder.embed(["pump"], { kind: "query" });
    order.push("query");
    await ingest;
    expect(order).toEqual(["query", "passages"]);
    await embedder.close();
  });

  test("queries and passages of the same words get their own prefixes", async () => {
    const embedder = await openTiny();
    const [query] = await embedder.embed(["pump"], { kind: "query" });
    const [passage] = await embedder.embed(["pump"], { kind: "passage" });
    expect(Math.hypot(...query!.map((value, i) => value - passage![i]!))).toBeGreaterThan(0.01);
    await embedder.close();
  });

  test("a fingerprint stays while nothing changes and follows the way texts are fed", async () => {
    const installed = (await findInstalled(TINY_EMBEDDER, folder))!;
    const open = async (entry: typeof TINY_EMBEDDER) => {
      const embedder = await openEmbedder({ ...installed, entry }, { threads: 1, logger: recordingLogger() });
      await embedder.close();
      return embedder.fingerprint;
    };
    const first = await open(TINY_EMBEDDER);
    expect(await open(TINY_EMBEDDER)).toBe(first);
    expect(await open({ ...TINY_EMBEDDER, pooling: "first" })).not.toBe(first);
    expect(await open({ ...TINY_EMBEDDER, prefixes: { query: "", passage: "" } })).not.toBe(first);
  });

  test("says that a broken model cannot be loaded", async () => {
    const installed = (await findInstalled(TINY_EMBEDDER, folder))!;
    const broken = await mkdtemp(join(folder, "broken-"));
    await writeFile(join(broken, "model.onnx"), "no model");
    await writeFile(join(broken, "tokenizer.json"), "{}");
    const opening = openEmbedder({ ...installed, folder: broken }, { threads: 1, logger: recordingLogger() });
    await expect(opening).rejects.toMatchObject({ code: "model_invalid" });
  });
});

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Embedder } from "@lorekeep/core";
import { describeEmbedder, recordingLogger } from "@lorekeep/core/testing";
import { convertE5Small } from "./convert/e5-small.ts";
import { openEmbedder } from "./embedder.ts";
import { createLibraryTokenizer } from "./library-tokenizer.ts";
import { realEmbedder } from "./testing/real-models.ts";
import { loadTokenizer } from "./tokenizer.ts";

const e5 = await realEmbedder("multilingual-e5-small");
const minilm = await realEmbedder("all-MiniLM-L6-v2");
interface Recorded {
  readonly text: string;
  readonly ids: readonly number[];
  /** The first eight values. */
  readonly vector: readonly number[];
}
const RECORDED = JSON.parse(
  await readFile(join(import.meta.dirname, "testing", "e5-small-vectors.json"), "utf8"),
) as Recorded[]; // our own file
/** Other processors add up in another order; a wrong weight, prefix or pooling is off by ten times this. */
const VALUE_TOLERANCE = 2e-3;

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const open = (model: NonNullable<typeof e5>): Promise<Embedder> =>
  openEmbedder(model, { threads: 0, logger: recordingLogger() });

describe.skipIf(e5 === null)("multilingual-e5-small", () => {
  describeEmbedder("multilingual-e5-small", () => open(e5!));

  test("gives the recorded tokens and vectors", async () => {
    const tokenizer = await loadTokenizer(join(e5!.folder, "tokenizer.json"));
    const embedder = await open(e5!);
    const vectors = await embedder.embed(
      RECORDED.map(({ text }) => text),
      { kind: "passage" },
    );
    for (const [i, { text, ids, vector }] of RECORDED.entries()) {
      expect(tokenizer.encode(`passage: ${text}`)).toEqual(ids);
      for (const [d, value] of vector.entries())
        expect(Math.abs(vectors[i]![d]! - value)).toBeLessThan(VALUE_TOLERANCE);
    }
    expect(embedder.embedTokens).toBeDefined(); // so the contract's test of it is no empty one
    await embedder.close();
  });

  test("gives the tokens of the reference implementation", async () => {
    const path = join(e5!.folder, "tokenizer.json");
    const [ours, reference] = [
      await loadTokenizer(path),
      createLibraryTokenizer(JSON.parse(await readFile(path, "utf8")) as object),
    ];
    for (const { text } of RECORDED)
      expect(ours.encode(text)).toEqual(reference.encode(text, { add_special_tokens: false }).ids);
  });

  describe("against the same weights in float", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "lorekeep-e5-float-"));
      await mkdir(join(folder, "float"));
      await convertE5Small({
        from: join(e5!.folder, "e5-small-q4.bin"),
        folder: join(folder, "float"),
        precision: "float32",
      });
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test("int8 stays within 0.995 cosine on average and finds the same neighbours", async () => {
      const [int8, float] = [await open(e5!), await open({ ...e5!, folder: join(folder, "float") })];
      const texts = RECORDED.map(({ text }) => text);
      const [a, b] = [await int8.embed(texts, { kind: "passage" }), await float.embed(texts, { kind: "passage" })];
      const cosines = a.map((vector, i) => dot(vector, b[i]!));
      console.log(`cosine int8 : float, mean ${mean(cosines).toFixed(5)}, lowest ${Math.min(...cosines).toFixed(5)}`);
      expect(mean(cosines)).toBeGreaterThan(0.995);
      await Promise.all([int8.close(), float.close()]);
    });
  });

  test.each([
    ["水泵每运行多少小时保养一次？", [8, 0], 0],
    ["how often is the water pump maintained?", [4, 7, 2], 2],
    ["备份脚本什么时候运行？", [2, 8, 0, 4], 4],
  ])("finds the passage that answers %s", async (question, among, wanted) => {
    const embedder = await open(e5!);
    const passages = among.map((i) => RECORDED[i]!.text);
    const vectors = await embedder.embed(passages, { kind: "passage" });
    const [query] = await embedder.embed([question], { kind: "query" });
    const scores = vectors.map((vector) => dot(query!, vector));
    expect(among[scores.indexOf(Math.max(...scores))]).toBe(wanted);
    await embedder.close();
  });
});

describe.skipIf(minilm === null)("all-MiniLM-L6-v2", () => {
  describeEmbedder("all-MiniLM-L6-v2", () => open(minilm!));
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What every Embedder must do, real or fake. `make` opens a fresh one; the suite closes it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";

export interface EmbedderContractOptions {
  /** false for random weights: then nearness means nothing. */
  readonly understands?: boolean;
}

/** Sums in another order may differ in the last bits; companions in a batch may not change more than that. */
const SAME = 1e-4;
const TEXTS = [
  "The pump is serviced every 400 operating hours.",
  "水泵每运行400小时保养一次。",
  "GitHub备份脚本 runs at night",
  "",
  "Bananas are yellow and grow in warm countries, far from any pump or script that anybody here has ever seen.",
];

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((value, i) => value - b[i]!));

/** A text of exactly `tokens` tokens, made of one repeated word. */
async function textOf(embedder: Embedder, tokens: number): Promise<string> {
  const [one = 1, two = 2] = await embedder.countTokens(["pump", "pump pump"]);
  let words = Math.max(1, Math.floor((tokens - one) / Math.max(1, two - one)) + 1);
  while ((await embedder.countTokens(["pump ".repeat(words).trim()]))[0]! > tokens) words -= 1;
  return "pump ".repeat(words).trim();
}

export function describeEmbedder(
  name: string,
  make: () => Promise<Embedder>,
  { understands = true }: EmbedderContractOptions = {},
): void {
  describe(`embedder contract: ${name}`, () => {
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = await make();
    });
    afterAll(() => embedder.close());

    test("gives one unit vector per text, in order", async () => {
      const vectors = await embedder.embed(TEXTS, { kind: "passage" });
      expect(vectors).toHaveLength(TEXTS.length);
      for (const vector of vectors) {
        expect(vector).toHaveLength(embedder.dimensions);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
      }
      const single = await embedder.embed([TEXTS[2]!], { kind: "passage" });
      expect(distance(single[0]!, vectors[2]!)).toBeLessThan(SAME);
    });

    test("gives a text the same vector whatever else is asked with it", async () => {
      const alone = await embedder.embed([TEXTS[0]!], { kind: "passage" });
      const long = await textOf(embedder, Math.min(80, embedder.maxTokens));
      const among = await embedder.embed([long, ...TEXTS, long, long], { kind: "passage" });
      expect(distance(alone[0]!, among[1]!)).toBeLessThan(SAME);
    });

    test("gives nothing for nothing", async () => {
      expect(await embedder.embed([], { kind: "query" })).toEqual([]);
      expect(await embedder.countTokens([])).toEqual([]);
    });

    test.skipIf(!understands)("puts texts about the same thing nearer than others", async () => {
      const [query] = await embedder.embed(["how often is the pump serviced"], { kind: "query" });
      const [near, , , , far] = await embedder.embed(TEXTS, { kind: "passage" });
      expect(dot(query!, near!)).toBeGreaterThan(dot(query!, far!));
    });

    test("gives the vectors of a text's tokens with their places, and the text's own vector with them", async () => {
      const { embedTokens } = embedder;
      if (embedTokens === undefined) return; // one vector a text is all that this driver can give
      const texts = [TEXTS[0]!, TEXTS[1]!, "", `${TEXTS[4]!} `.repeat(1 + Math.ceil(embedder.maxTokens / 10))];
      const given = await embedTokens(texts, { kind: "passage" });
      const whole = await embedder.embed(texts.slice(0, 3), { kind: "passage" });
      expect(given).toHaveLength(texts.length);
      for (const [at, { spans, vectors, whole: own }] of given.entries()) {
        expect(vectors).toHaveLength(spans.length * embedder.dimensions);
        expect(vectors.every(Number.isFinite)).toBe(true);
        expect(Math.hypot(...own)).toBeCloseTo(1, 4);
        expect(spans.map(([start]) => start)).toEqual(spans.map(([start]) => start).toSorted((a, b) => a - b));
        const said = spans.map(([start, end]) => texts[at]!.slice(start, end)).join("");
        expect(said.replace(/\s+/gu, "")).toBe(texts[at]!.replace(/\s+/gu, ""));
        if (whole[at] !== undefined) expect(distance(own, whole[at])).toBeLessThan(SAME);
      }
    });

    test("counts tokens without prefix and marks", async () => {
      const [empty, one, more] = await embedder.countTokens(["", "pump", "pump pump pump"]);
      expect(empty).toBe(0);
      expect(one).toBeGreaterThan(0);
      expect(more).toBeGreaterThan(one!);
    });

    test("H5 takes a text of exactly its limit and refuses a longer one instead of cutting it", async () => {
      const fits = await textOf(embedder, embedder.maxTokens);
      for (const kind of ["query", "passage"] as const) expect(await embedder.embed([fits], { kind })).toHaveLength(1);
      const long = `${fits} ${"pump ".repeat(embedder.maxTokens)}`;
      await expect(embedder.embed([TEXTS[0]!, long], { kind: "passage" })).rejects.toMatchObject({
        code: "context_too_long",
      });
      expect(await embedder.embed([TEXTS[0]!], { kind: "passage" })).toHaveLength(1);
    });

    test("serves several callers at once, each with its own vectors", async () => {
      const alone = await Promise.all(TEXTS.map((text) => embedder.embed([text], { kind: "passage" })));
      const together = await Promise.all(TEXTS.map((text) => embedder.embed([text, text], { kind: "passage" })));
      for (const [i, vectors] of together.entries())
        for (const vector of vectors) expect(distance(vector, alone[i]![0]!)).toBeLessThan(SAME);
    });

    test("reports progress up to the number of texts", async () => {
      const seen: number[] = [];
      await embedder.embed([...TEXTS, ...TEXTS], { kind: "passage", onProgress: (done) => seen.push(done) });
      expect(seen.at(-1)).toBe(2 * TEXTS.length);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
    });

    test("stops when told to, before and in the middle, and works on afterwards", async () => {
      await expect(embedder.embed(TEXTS, { kind: "passage", signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "aborted",
      });
      const controller = new AbortController();
      const many = Array.from({ length: 200 }, (_, i) => `${TEXTS[4]!} ${i}`);
      const running = embedder.embed(many, { kind: "passage", signal: controller.signal });
      controller.abort();
      await expect(running).rejects.toMatchObject({ code: "aborted" });
      expect(await embedder.embed(["pump"], { kind: "query" })).toHaveLength(1);
    });

    test("answers with an error after it was closed", async () => {
      const other = await make();
      await other.close();
      await expect((async () => other.embed(["pump"], { kind: "query" }))()).rejects.toBeInstanceOf(AppError);
    });
  });
}

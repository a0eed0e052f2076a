import { describe, expect, test } from "vitest";
import type { Embedder, EmbedOptions, TokenVectors } from "@lorekeep/core";
import { alignWords } from "./align-words.ts";
import { readQuestion } from "./question.ts";
import { makePassage } from "./testing/passages.ts";

/** Meanings on three axes: travel, food, and everything else. */
const AXES: Readonly<Record<string, readonly number[]>> = {
  ferry: [1, 0, 0],
  ship: [0.96, 0.28, 0],
  soup: [0, 1, 0],
  broth: [0.1, 0.99, 0],
};

function tokensOf(text: string): TokenVectors {
  const words = [...text.matchAll(/\p{L}+/gu)];
  const vectors = words.flatMap(([word]) => AXES[word.toLowerCase()] ?? [0, 0, 1]);
  const sum = [0, 1, 2].map((axis) => vectors.filter((_, at) => at % 3 === axis).reduce((a, b) => a + b, 0));
  const length = Math.hypot(...sum) || 1;
  return {
    spans: words.map((word) => [word.index, word.index + word[0].length]),
    vectors: Float32Array.from(vectors),
    whole: Float32Array.from(sum.map((value) => value / length)),
  };
}
const asked: string[] = [];
const embedder = {
  name: "axes",
  embedTokens: (texts: readonly string[], { kind }: EmbedOptions) => {
    asked.push(...texts.map((text) => `${kind}: ${text}`));
    return Promise.resolve(texts.map(tokensOf));
  },
} as unknown as Embedder;
const question = (text: string) => readQuestion(text, () => 1);

describe("alignWords", () => {
  test("finds the nearest word in meaning where the word itself is missing", async () => {
    const passage = makePassage("Bread is baked at noon. The ship serves broth.");
    const said = await alignWords(question("Does the ferry serve soup?"), passage, embedder);
    expect(said).toMatchObject({ embedder: "axes" });
    expect(said!.leastAlike).toBeGreaterThan(0.95);
    expect(asked).toContain("passage: Bread is baked at noon. The ship serves broth.");
    expect(asked).toContain("query: Does the ferry serve soup?");
  });

  test("is low by the one word that nothing in the sentence comes near to", async () => {
    const passage = makePassage("The ship serves coffee.");
    const said = await alignWords(question("Does the ferry serve soup?"), passage, embedder);
    expect(said!.leastAlike).toBeLessThan(0.4);
  });

  test("words must meet in one sentence, not here and there", async () => {
    const apart = makePassage("The ship is old. Somebody cooks broth.");
    const together = makePassage("Somebody is old. The ship cooks broth.");
    const asking = question("ferry soup");
    const [far, near] = [await alignWords(asking, apart, embedder), await alignWords(asking, together, embedder)];
    expect(near!.leastAlike).toBeGreaterThan(far!.leastAlike);
    expect(near!.likeness).toBeGreaterThan(0);
  });

  test("a row of a table means its column names too, those repeated before it and those above it", async () => {
    const repeated = makePassage("Kestrel | 12", { header: "Ferry | Price" });
    const above = makePassage("Ferry | Price\nKestrel | 12");
    for (const passage of [repeated, above]) {
      const said = await alignWords(question("ferry"), passage, embedder);
      expect(said!.leastAlike).toBeCloseTo(1, 5);
    }
    const prose = makePassage("Kestrel costs 12.");
    expect((await alignWords(question("ferry"), prose, embedder))!.leastAlike).toBeLessThan(0.5);
  });

  test("says nothing where the embedder gives one vector a text, or there is no word to compare", async () => {
    const passage = makePassage("The ship serves broth.");
    expect(await alignWords(question("ferry"), passage, { ...embedder, embedTokens: undefined })).toBeNull();
    expect(await alignWords(question("???"), passage, embedder)).toBeNull();
    expect(await alignWords(question("ferry"), makePassage("…"), embedder)).toBeNull();
  });
});

import { describe, expect, test } from "vitest";
import { createLibraryTokenizer } from "./library-tokenizer.ts";
import { unigramTokenizerJson } from "./convert/tokenizer-json.ts";
import { mapNormalized } from "./normalized-offsets.ts";

const library = createLibraryTokenizer(
  unigramTokenizerJson({
    pieces: ["<s>", "<pad>", "</s>", "<unk>", "▁"],
    scores: new Float32Array(5),
    ids: { bos: 0, pad: 1, eos: 2, unk: 3 },
  }) as object,
);
const normalize = library.normalizer!;

/** Fragments that normalisation changes in every way there is. */
const FRAGMENTS = [
  ..."abc XYZ 12.\n\t 水泵保养。，「」",
  "ﬁ",
  "１２３",
  "e\u0301",
  "a\u0323\u0307",
  "Å",
  "ｶﾞ",
  "ﾊﾟ",
  "각",
  "\u1100\u1161\u11a8",
  "㎏",
  "½",
  "…",
  "\u00a0",
  "\u200b",
  "\u0001",
  "～",
  "𝒳",
  "🚰",
  "👩‍🔬",
  "﷽",
  "\u0344",
  "ﾞ",
  "\u0300",
  "\ufffd",
  "▁",
  "   ",
  "नि",
  "ำ",
];
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("offsets of normalised text", () => {
  test("point into the text, in order, and cover where each unit comes from", () => {
    const next = random(7);
    for (let round = 0; round < 2000; round += 1) {
      const length = Math.floor(next() * 24);
      const text = Array.from({ length }, () => FRAGMENTS[Math.floor(next() * FRAGMENTS.length)]!).join("");
      const { normalized, starts, ends } = mapNormalized(text, normalize);
      expect(normalized).toBe(normalize(text));
      for (let i = 0; i < normalized.length; i += 1) {
        expect(starts[i]!).toBeLessThan(ends[i]!);
        expect(ends[i]!).toBeLessThanOrEqual(text.length);
        if (i === 0) continue;
        expect(starts[i]!).toBeGreaterThanOrEqual(starts[i - 1]!);
        expect(ends[i]!).toBeGreaterThanOrEqual(ends[i - 1]!);
      }
    }
  });

  test("are exact where text is plain", () => {
    const text = "The pump 水泵 runs.";
    const { starts, ends } = mapNormalized(text, normalize);
    expect([...starts]).toEqual(Array.from(text, (_, i) => i));
    expect([...ends]).toEqual(Array.from(text, (_, i) => i + 1));
  });

  test("give expanded, joined and dropped characters their whole source", () => {
    const spanOf = (text: string, part: string): string => {
      const { normalized, starts, ends } = mapNormalized(text, normalize);
      const at = normalized.indexOf(part);
      return text.slice(starts[at], ends[at + part.length - 1]);
    };
    expect(spanOf("the ﬁrst one", "first")).toBe("ﬁrst");
    expect(spanOf("cafe\u0301 au lait", "café")).toBe("cafe\u0301");
    expect(spanOf("约１２３小时", "123")).toBe("１２３");
    expect(spanOf("a  \u00a0 b", "b")).toBe("b");
    expect(spanOf("ｶﾞｽ管", "ガ")).toBe("ｶﾞ");
    expect(spanOf("x\u0001y", "y")).toBe("y");
  });

  test("fall back to whole words where clusters do not add up", () => {
    const strange = (text: string): string => text.replaceAll("ab", "c").replace(/\s+/g, " ");
    const { normalized, starts, ends } = mapNormalized("x ab y", strange);
    expect(normalized).toBe("x c y");
    expect([starts[2], ends[2]]).toEqual([2, 4]);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { createLibraryTokenizer } from "./library-tokenizer.ts";
import { PieceTable } from "./piece-table.ts";
import { parseTokenizer } from "./tokenizer.ts";
import { Unigram } from "./unigram.ts";
import { unigramTokenizerJson } from "./convert/tokenizer-json.ts";

const PIECES: [string, number][] = [
  ["<s>", 0],
  ["<pad>", 0],
  ["</s>", 0],
  ["<unk>", 0],
  ["▁", -3],
  ..."abcdehilmnoprtuwy水泵养保𠮷".split(/(?:)/u).map((piece, i): [string, number] => [piece, -5 - i / 10]),
  ["▁pump", -6],
  ["pu", -6.5],
  ["mp", -6.6],
  ["▁a", -4],
  ["水泵", -7],
  ["保养", -7.1],
  ["<mask>", 0],
];
const JSON_TEXT = JSON.stringify(
  unigramTokenizerJson({
    pieces: PIECES.map(([piece]) => piece),
    scores: Float32Array.from(PIECES, ([, score]) => score),
    ids: { bos: 0, eos: 2, pad: 1, unk: 3 },
  }),
);
const idOf = (piece: string): number => PIECES.findIndex(([known]) => known === piece);

test("takes the most probable split", () => {
  const pieces = new PieceTable();
  for (const [piece, score] of PIECES) pieces.add(piece, score);
  const unigram = new Unigram(pieces, { unknownId: 3, specialIds: new Set([0, 1, 2, 3]) });
  expect(unigram.encode("▁pump")).toEqual([idOf("▁pump")]);
  expect(unigram.encode("▁pum")).toEqual([idOf("▁"), idOf("pu"), idOf("m")]);
  expect(unigram.encode("▁水泵保养")).toEqual([idOf("▁"), idOf("水泵"), idOf("保养")]);
});

test("joins neighbouring unknown characters into one unknown id", () => {
  const tokenizer = parseTokenizer(JSON_TEXT);
  expect(tokenizer.encode("☃☂a")).toEqual([idOf("▁"), 3, idOf("a")]);
});

test("gives the ids of the reference implementation for any text", () => {
  const tokenizer = parseTokenizer(JSON_TEXT);
  const reference = createLibraryTokenizer(JSON.parse(JSON_TEXT) as object);
  const character = fc.constantFrom(
    ..."abcdehilmnoprtuwy水泵养保☃ \t\u0007\u200b～Ａﬁ".split(/(?:)/u),
    "𠮷",
    "  ",
    "pump",
  );
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 40 }), (text) => {
      expect(tokenizer.encode(text)).toEqual(reference.encode(text, { add_special_tokens: false }).ids);
    }),
    { numRuns: 500 },
  );
});

test("never makes a mark out of text", () => {
  const tokenizer = parseTokenizer(JSON_TEXT);
  expect(tokenizer.before).toEqual([0]);
  expect(tokenizer.after).toEqual([2]);
  expect(tokenizer.padId).toBe(1);
  const ids = tokenizer.encode("<s>a</s><mask>");
  expect(ids.some((id) => [0, 1, 2, idOf("<mask>")].includes(id))).toBe(false);
});

test("refuses what is no tokenizer", () => {
  for (const text of ["", "{}", '{"model":{"type":"Unigram"}}'])
    expect(() => parseTokenizer(text)).toThrow(expect.objectContaining({ code: "model_invalid" }));
});

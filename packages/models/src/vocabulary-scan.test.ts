import fc from "fast-check";
import { expect, test } from "vitest";
import { PieceTable } from "./piece-table.ts";
import { scanVocabulary } from "./vocabulary-scan.ts";

const piece = fc.string({ unit: fc.constantFrom(...'ab▁é水𠮷"\\\n\u0007☃'.split(/(?:)/u)), maxLength: 5 });
const vocabulary = fc.uniqueArray(fc.tuple(piece, fc.double({ noNaN: true, noDefaultInfinity: true })), {
  selector: ([text]) => text,
  maxLength: 60,
});

/** Every piece of the table that the text has at this place. */
function foundAt(table: PieceTable, text: string, start: number): [end: number, id: number][] {
  const found: [number, number][] = [];
  table.eachAt(text, start, start + 1, (end, id) => found.push([end, id]));
  return found;
}

test("a scanned vocabulary finds what a map of its strings finds, with exact scores", () => {
  fc.assert(
    fc.property(vocabulary, fc.string({ unit: piece, maxLength: 12 }), fc.boolean(), (pairs, text, pretty) => {
      const json = { version: "1.0", model: { type: "Unigram", unk_id: 0, vocab: pairs }, decoder: { a: [1, "]"] } };
      const table = new PieceTable();
      const rest = scanVocabulary(Buffer.from(JSON.stringify(json, null, pretty ? 2 : 0)), 3, table);
      table.seal(new Set());
      expect(table.size).toBe(pairs.length);
      pairs.forEach(([, score], id) => expect(table.scoreOf(id)).toBe(score === 0 ? Number(String(score)) : score));
      const ids = new Map(pairs.map(([text], id) => [text, id]));
      for (let start = 0; start < text.length; start += 1) {
        const expected: [number, number][] = [];
        for (let end = start + 1; end <= text.length; end += 1) {
          const id = ids.get(text.slice(start, end));
          if (id !== undefined) expected.push([end, id]);
        }
        expect(foundAt(table, text, start)).toEqual(expected);
      }
      // As JSON has it: there is no −0 in it.
      const kept = JSON.stringify({ ...json, model: { ...json.model, vocab: pairs.slice(0, 3) } });
      expect(JSON.parse(rest)).toEqual(JSON.parse(kept));
    }),
    { numRuns: 200 },
  );
});

test("a vocabulary that is no list of pairs stays where it is", () => {
  const json = { model: { type: "WordPiece", vocab: { "[PAD]": 0, pump: 1 } }, vocab: [["a", 1]] };
  const table = new PieceTable();
  expect(JSON.parse(scanVocabulary(Buffer.from(JSON.stringify(json)), 3, table))).toEqual(json);
  expect(table.size).toBe(0);
});

test("a file cut off anywhere is refused", () => {
  const whole = JSON.stringify({
    model: {
      vocab: [
        ["a", -1.5],
        ['b"\\', 2e-3],
      ],
      unk_id: 0,
    },
    end: true,
  });
  for (let length = 0; length < whole.length; length += 1)
    expect(() => scanVocabulary(Buffer.from(whole.slice(0, length)), 3, new PieceTable())).toThrow();
});

test("hidden pieces are never found, and a later piece of the same text wins", () => {
  const table = new PieceTable();
  for (const text of ["<s>", "ab", "ab", "a▁"]) table.add(text, -1);
  const hidden = new Set([0]);
  table.seal(hidden);
  expect(foundAt(table, "<s>", 0)).toEqual([]);
  expect(foundAt(table, "ab", 0)).toEqual([[2, 2]]);
  expect(table.hasInside("▁", hidden)).toBe(true);
  expect(table.hasInside("s", hidden)).toBe(false);
});

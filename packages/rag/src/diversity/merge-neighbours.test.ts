import fc from "fast-check";
import { expect, test } from "vitest";
import { passageBody } from "../passage-sentences.ts";
import { makePassage } from "../testing/passages.ts";
import { mergeNeighbours } from "./merge-neighbours.ts";

const cut = (text: string, seq: number, start: number, end: number, header: string | null = null) =>
  makePassage(text.slice(start, end), { seq, start, header });

test.each([
  ["English", "One opens the valve. Two drains the tank. Three closes the lid.", 21, 42],
  ["Chinese", "第一步打开阀门。第二步排空油箱。第三步盖上盖子。", 8, 16],
])("overlapping chunks become one passage of running text, in %s", (_, text, from, to) => {
  const [later, earlier] = [cut(text, 1, from, text.length), cut(text, 2, 0, to)];
  const [merged, ...rest] = mergeNeighbours([later, earlier]);
  expect(rest).toEqual([]);
  expect(merged!.passage).toMatchObject({ chunkId: "chk_1", text, span: [0, text.length] });
  expect(merged!.parts.map(({ seq }) => seq)).toEqual([2, 1]);
});

test("chunks on both sides of an empty line are merged, chunks with an unknown blank between them stand side by side", () => {
  const text = "One opens the valve.\n\nTwo drains the tank. Three closes the lid.";
  const parts = [cut(text, 1, 43, text.length), cut(text, 2, 0, 20), cut(text, 3, 22, 42)];
  const merged = mergeNeighbours(parts).map(({ passage }) => passage.text);
  expect(merged).toEqual(["One opens the valve.\n\nTwo drains the tank.", "Three closes the lid."]);
});

test("chunks of two sections stand side by side in reading order", () => {
  const text = "One opens the valve.\n\nTwo drains the tank.";
  const parts = [
    makePassage(text.slice(22), { seq: 1, start: 22, headings: ["Draining"] }),
    makePassage(text.slice(0, 20), { seq: 2, headings: ["Opening"] }),
  ];
  expect(mergeNeighbours(parts).map(({ passage }) => passage.headings)).toEqual([["Opening"], ["Draining"]]);
});

test("parts of a table become one table under one header", () => {
  const header = "Ship | Passengers";
  const rows = "Grey Wagtail | 310\nDipper | 120\nKnot | 90";
  const split = rows.indexOf("\n");
  const parts = [cut(rows, 1, split + 1, rows.length, header), cut(rows, 2, 0, split, header)];
  const [merged, ...rest] = mergeNeighbours(parts);
  expect(rest).toEqual([]);
  expect(merged!.passage.text).toBe(`${header}\n${rows}`);
  expect(passageBody(merged!.passage)).toBe(rows);
});

test("other documents, other tables and chunks further away stay apart", () => {
  const parts = [
    makePassage("One.", { seq: 1 }),
    makePassage("Two.", { seq: 2, document: "other.md", start: 4 }),
    makePassage("A | 1", { seq: 3, start: 4, header: "Name | Number" }),
    makePassage("Three.", { seq: 4, start: 400 }),
  ];
  expect(mergeNeighbours(parts).map(({ passage }) => passage.seq)).toEqual([1, 2, 3, 4]);
});

test("a chunk that closes the gap between two others joins all three", () => {
  const text = "One opens the valve. Two drains the tank. Three closes the lid.";
  const parts = [cut(text, 1, 0, 22), cut(text, 2, 40, text.length), cut(text, 3, 15, 45)];
  expect(mergeNeighbours(parts).map(({ passage }) => passage.text)).toEqual([text]);
});

test("whatever is merged is the parsed text at its span, and no chunk is lost", () => {
  const blocks = Array.from({ length: 12 }, (_, at) => `Step ${at} opens valve ${at * 7}.`);
  const text = blocks.join("\n\n");
  const startOf = (block: number) => text.indexOf(blocks[block]!);
  const run = fc.tuple(fc.nat(11), fc.nat(3));
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), (runs) => {
      const parts = runs.map(([first, more], at) => {
        const last = Math.min(11, first + more);
        return cut(text, at, startOf(first), startOf(last) + blocks[last]!.length);
      });
      const merged = mergeNeighbours(parts);
      for (const { passage } of merged) expect(text.slice(...passage.span)).toBe(passage.text);
      const seqs = merged.flatMap(({ parts: own }) => own.map(({ seq }) => seq));
      expect(seqs.toSorted((a, b) => a - b)).toEqual(parts.map(({ seq }) => seq));
      // What is left apart does not touch.
      const spans = merged.map(({ passage }) => passage.span).toSorted((a, b) => a[0] - b[0]);
      for (const [at, [start]] of spans.entries()) if (at > 0) expect(start).toBeGreaterThan(spans[at - 1]![1] + 2);
    }),
    { seed: 5, numRuns: 300 },
  );
});

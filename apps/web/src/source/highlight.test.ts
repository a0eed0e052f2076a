import fc from "fast-check";
import { expect, test } from "vitest";
import { boxesOf, markText, type SourcePage } from "./highlight.ts";
import { locatePage } from "./locate.ts";

const page = (ordinal: number, start: number, text: string, regions: SourcePage["regions"] = []): SourcePage => ({
  ordinal,
  page: ordinal + 1,
  label: null,
  start,
  text,
  regions,
});
const line = (start: number, end: number, pageNumber: number, y: number) => ({
  start,
  end,
  page: pageNumber,
  x: 50,
  y,
  width: 100,
  height: 10,
});

test("cuts a page's text at the span", () => {
  expect(markText(page(0, 100, "one two three"), [104, 107])).toEqual([
    { text: "one ", marked: false },
    { text: "two", marked: true },
    { text: " three", marked: false },
  ]);
});

test("marks a piece of each page when the span crosses pages (F3)", () => {
  const span = [8, 14] as const;
  expect(markText(page(0, 0, "0123456789"), span).at(-1)).toEqual({ text: "89", marked: true });
  expect(markText(page(1, 10, "abcdefghij"), span)[0]).toEqual({ text: "abcd", marked: true });
});

test("keeps every character of the page, whatever the span", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.nat(60), fc.nat(60), (text, a, b) => {
      const pieces = markText(page(0, 20, text), [Math.min(a, b), Math.max(a, b)]);
      expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    }),
  );
});

test("boxes cover the touched part of each line, over page ends (F3)", () => {
  const pages = [
    page(0, 0, "x".repeat(40), [line(0, 20, 1, 100), line(20, 40, 1, 700)]),
    page(1, 40, "x".repeat(20), [line(40, 60, 2, 60)]),
  ];
  expect(boxesOf(pages, [30, 50])).toEqual([
    { page: 1, x: 100, y: 700, width: 50, height: 10 },
    { page: 2, x: 50, y: 60, width: 50, height: 10 },
  ]);
});

test("joins words of one line and keeps columns apart", () => {
  const word = (start: number, x: number, y: number) => ({
    start,
    end: start + 5,
    page: 1,
    x,
    y,
    width: 30,
    height: 10,
  });
  const pages = [
    page(0, 0, "x".repeat(20), [word(0, 50, 100), word(5, 84, 101), word(10, 300, 100), word(15, 50, 120)]),
  ];
  expect(boxesOf(pages, [0, 20])).toHaveLength(3);
});

test("a region without characters paints nothing", () => {
  expect(boxesOf([page(0, 0, "", [line(5, 5, 1, 0)])], [0, 10])).toEqual([]);
});

test("finds the page of any offset in a few requests", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 400 }),
      fc.nat(),
      fc.nat(500),
      async (lengths, seed, hint) => {
        let total = 0;
        const pages = lengths.map((length, ordinal) => {
          const made = page(ordinal, total, "x".repeat(length));
          total += length;
          return made;
        });
        const offset = seed % total;
        let requests = 0;
        const read = async (from: number, limit: number) => {
          requests += 1;
          const found = pages.slice(from, from + limit);
          return { pages: found, nextFrom: from + limit < pages.length ? from + limit : null };
        };
        const ordinal = await locatePage(read, offset, hint);
        const at = pages[ordinal]!;
        expect(at.start).toBeLessThanOrEqual(offset);
        expect(at.start + at.text.length).toBeGreaterThan(offset);
        expect(requests).toBeLessThanOrEqual(24);
      },
    ),
    { numRuns: 200, seed: 7 },
  );
});

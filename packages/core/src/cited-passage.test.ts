import { expect, test } from "vitest";
import { citedPassage, passageMarkers } from "./cited-passage.ts";

const place = (documentId: string, chunkId: string, start: number, end: number) => ({
  ...{ documentId, chunkId, span: [start, end] as const },
});

test("a quote of a neighbouring chunk is found in the passage that both were merged into", () => {
  const passages = [place("b", "chk_3", 0, 90), place("a", "chk_1", 0, 90)];
  expect(citedPassage(place("a", "chk_2", 50, 60), passages)).toBe(passages[1]);
});

test("of overlapping passages the one of the citation's chunk is meant", () => {
  const passages = [place("a", "chk_1", 0, 60), place("a", "chk_2", 40, 90)];
  expect(citedPassage(place("a", "chk_2", 45, 55), passages)).toBe(passages[1]);
});

test("of two passages with one chunk's id the one that holds the quote is meant; without any, the id decides", () => {
  const passages = [place("a", "chk_1", 0, 40), place("a", "chk_1", 0, 90)];
  expect(citedPassage(place("a", "chk_1", 50, 60), passages)).toBe(passages[1]);
  expect(citedPassage(place("a", "chk_1", 95, 99), passages)).toBe(passages[0]);
  expect(citedPassage(place("a", "chk_9", 95, 99), passages)).toBeUndefined();
});

test("a passage is cited by its place, or by the number that it kept when others went", () => {
  expect(passageMarkers([{}, {}])).toEqual([1, 2]);
  expect(passageMarkers([{ marker: 2 }, { marker: 5 }])).toEqual([2, 5]);
});

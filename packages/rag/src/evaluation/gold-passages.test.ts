import { expect, test } from "vitest";
import { openGold } from "./gold-passages.ts";

const found = (documentId: string, chunkId: string, text: string) => ({ documentId, chunkId, text });
const gold = {
  documentId: "d1",
  chunkId: "c1",
  text: "The pump moves forty litres. It is blue. It stands in the yard.",
};

test("the right passage is known again in another chunking by the answer that it holds", () => {
  const { relevance, idOf } = openGold([gold], "forty litres");
  const isRight = (passage: Parameters<typeof idOf>[0]) => relevance.has(idOf(passage));
  expect(relevance.size).toBe(1);
  expect(isRight(found("d1", "c1", gold.text))).toBe(true);
  expect(isRight(found("d1", "c9", "Notes. The pump moves\nforty litres."))).toBe(true);
  expect(isRight(found("d1", "c8", "It is blue. It stands in the yard."))).toBe(false);
  expect(isRight(found("d2", "c7", "The pump moves forty litres."))).toBe(false);
});

test("without the answer's words in it, the right passage is one that shares most of its text", () => {
  const { relevance, idOf } = openGold([gold], "quite a lot");
  expect(relevance.has(idOf(found("d1", "c8", "It is blue. It stands in the yard.")))).toBe(true);
  expect(relevance.has(idOf(found("d1", "c7", "Gates stand in the north, and are green, and old.")))).toBe(false);
});

test("of a document alone, any passage is right; of nothing, none", () => {
  const { relevance, idOf } = openGold([{ documentId: "d1", chunkId: null, text: "" }], null);
  expect(idOf(found("d1", "c1", "a"))).toBe(idOf(found("d1", "c2", "b")));
  expect(relevance.has(idOf(found("d1", "c1", "a")))).toBe(true);
  expect(openGold([{ documentId: null, chunkId: null, text: " " }], null).relevance.size).toBe(0);
  expect(openGold([{ documentId: null, chunkId: null, text: gold.text }], null).relevance.size).toBe(1);
});

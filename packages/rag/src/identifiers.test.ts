import { expect, test } from "vitest";
import { exactTerms, putExactFirst } from "./identifiers.ts";

const texts = [
  "The pump hums.",
  "Error ERR-4712 means overheating.",
  "Error ERR-4711 means low pressure.",
  "Ask Anna Kowalczyk.",
];
const first = (query: string): string | undefined => putExactFirst(texts, query, (text) => text)[0];

test("E1: a passage with the very identifier goes first", () => {
  expect(first("ERR-4711")).toContain("ERR-4711");
  expect(first("What does err-4712 mean?")).toContain("ERR-4712");
});

test("E1: a lone surname goes first", () => {
  expect(first("Kowalczyk")).toContain("Kowalczyk");
});

test("a question in words keeps the order that it has", () => {
  expect(exactTerms("How does the pump handle low pressure in winter?")).toEqual([]);
  expect(putExactFirst(texts, "How does the pump handle low pressure in winter?", (text) => text)).toEqual(texts);
});

import { expect, test } from "vitest";
import { indexTerms } from "../text/terms.ts";
import { readClaim, readEvidence } from "./evidence.ts";
import { compareOrder } from "./term-order.ts";

const none = new Set<string>();
function compare(claim: string, ...source: string[]) {
  const parts = source.map((readAs) => ({ readAs, keys: indexTerms(readAs) }));
  const evidence = readEvidence(parts, { headings: none, surroundings: none, before: none, isRow: false });
  return compareOrder(readClaim(claim), evidence.detail(), none);
}

test("the same words in the same order change nothing", () => {
  const text = "Halden Foods bought the cannery from Perry in 2009.";
  expect(compare(text, text)).toEqual({ order: 1, strayNumbers: 0, swapped: 0, crossing: 0 });
});

test("names that have changed places are seen, a passive is not taken for it", () => {
  expect(
    compare("Perry bought the cannery from Halden.", "In 2009 Halden bought the cannery from Perry.").swapped,
  ).toBe(1);
  expect(
    compare("The cannery of Perry was bought by Halden.", "In 2009 Halden bought the cannery of Perry.").swapped,
  ).toBe(0);
});

test("numbers that have changed places are seen", () => {
  expect(compare("The council voted 6 to 9 for it.", "The council voted 9 to 6 for it.").swapped).toBe(1);
});

test("a number beside other words is a stray one", () => {
  const source = "The pump moves 40 litres a minute and weighs 25 kilograms.";
  expect(compare("The pump weighs 40 kilograms.", source).strayNumbers).toBeGreaterThan(0);
  expect(compare("The pump weighs 25 kilograms.", source).strayNumbers).toBe(0);
});

test("words of two sentences may follow one another, not mix", () => {
  const [first, second] = ["The brake pads are checked every month.", "The old ropes are replaced once a year."];
  expect(
    compare("Brake pads are checked every month and old ropes replaced once a year.", first, second).crossing,
  ).toBe(0);
  expect(
    compare("Old brake pads are replaced every month with ropes checked.", first, second).crossing,
  ).toBeGreaterThan(0);
});

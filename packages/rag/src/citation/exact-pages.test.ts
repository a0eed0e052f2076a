import { expect, test } from "vitest";
import type { Citation, ParsedPage, Passages } from "@lorekeep/core";
import { writeAnswer } from "../cite.ts";
import { makePassage, packAll } from "../testing/passages.ts";
import { withExactPages } from "./exact-pages.ts";

const TEXTS = ["The pump is old. It moves 40 litres a ", "minute. Rinse the filter weekly. ", "The end."];
const starts = TEXTS.map((_, at) => TEXTS.slice(0, at).join("").length);
const pages = TEXTS.map((text, ordinal): ParsedPage => ({
  ...{ ordinal, page: ordinal + 1, label: null, start: starts[ordinal]!, text, regions: [] },
}));
const readPages: Passages["readPages"] = async (_id, { from, limit }) => pages.slice(from, from + limit);

function cite(quote: string): Citation {
  const body = TEXTS.join("");
  const at = body.indexOf(quote);
  const passage = { ...makePassage(body), page: 1 };
  const [packed] = packAll([passage]);
  const evidence = { packed: packed!, quote, span: [at, at + quote.length] as const, support: 1 };
  return writeAnswer([{ sentence: quote, evidence: [evidence] }]).citations[0]!;
}

test("F3: a quote is cited by the page on which it begins, not by that of its chunk", async () => {
  const quotes = ["The pump is old.", "It moves 40 litres a minute.", "Rinse the filter weekly.", "The end."];
  const cited = await withExactPages(quotes.map(cite), { readPages });
  expect(cited.map(({ page }) => page)).toEqual([1, 1, 2, 3]);
  // What crosses the border keeps its whole span and its words.
  expect(TEXTS.join("").slice(...cited[1]!.span)).toBe(quotes[1]);
});

test("documents without pages are not read", async () => {
  const citation = { ...cite("The end."), page: null };
  const never: Passages["readPages"] = async () => expect.unreachable();
  expect(await withExactPages([citation], { readPages: never })).toEqual([citation]);
  expect((await withExactPages([cite("The end.")], {}))[0]!.page).toBe(1);
});

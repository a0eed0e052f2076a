import { expect, test } from "vitest";
import type { Citation, ParsedPage, Passages } from "@lorekeep/core";
import { citeSentences, writeAnswer } from "../cite.ts";
import { packContext } from "../pack-context.ts";
import { makePassage, packAll } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
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

test("F3: a quote that crosses chunks is one verbatim piece with the place and the page of its beginning", async () => {
  const body = TEXTS.join("");
  // The border of the two chunks, and that of the pages, lie within the sentence; the chunks overlap.
  const [first, second] = [body.slice(0, 40), body.slice(30)];
  const { packed } = await packContext(
    [
      { ...makePassage(second, { seq: 2, start: 30, fused: 0.9 }), page: 1 },
      { ...makePassage(first, { seq: 1, start: 0, fused: 0.8 }), page: 1 },
    ],
    { passageCount: 6 },
  );
  expect(packed).toHaveLength(1);
  const said = ["It moves 40 litres a minute.", "Rinse the filter weekly."];
  const { citations } = citeSentences(said, packed, evenTermWeight);
  const cited = await withExactPages(citations, { readPages });
  expect(cited.map(({ quote, page }) => [quote, page])).toEqual([
    [said[0], 1],
    [said[1], 2],
  ]);
  for (const { quote, span } of cited) expect(body.slice(...span)).toBe(quote);
});

test("documents without pages are not read", async () => {
  const citation = { ...cite("The end."), page: null };
  const never: Passages["readPages"] = async () => expect.unreachable();
  expect(await withExactPages([citation], { readPages: never })).toEqual([citation]);
  expect((await withExactPages([cite("The end.")], {}))[0]!.page).toBe(1);
});

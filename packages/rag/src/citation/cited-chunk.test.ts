import { expect, test } from "vitest";
import { quoteList } from "../answers/quote-list.ts";
import { citeSentences } from "../cite.ts";
import { extractAnswer } from "../extract.ts";
import { packContext } from "../pack-context.ts";
import { readQuestion } from "../question.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { makePassage } from "../testing/passages.ts";
import { citedChunk } from "./cited-chunk.ts";

const TEXT =
  "The valve is opened by hand. The tank is drained every May.\n\nThe lid is closed with six bolts. These steps follow:\n- Rinse the filter.\n- Dry the seal.";
const HALF = TEXT.indexOf("\n\n") + 2;
/** The later half was found first, and both are shown as one passage under its id. */
const parts = [
  { ...makePassage(TEXT.slice(HALF), { seq: 1, start: HALF }), page: 2 },
  { ...makePassage(TEXT.slice(0, HALF - 2), { seq: 2 }), page: 1 },
];
const { packed } = await packContext(parts, { passageCount: 6 });
const ask = (text: string) => readQuestion(text, evenTermWeight);

test("F1, F3: a quote is cited by the chunk that it stands in and that chunk's page, generated or quoted", () => {
  expect(packed).toMatchObject([{ passage: { chunkId: "chk_1", text: TEXT } }]);
  const [tank, lid] = ["The tank is drained every May.", "The lid is closed with six bolts."];
  const generated = citeSentences([tank, lid], packed, evenTermWeight).citations;
  const quoted = [tank, lid].map((quote) => ask(quote)).flatMap((each) => extractAnswer(each, packed).citations);
  for (const citations of [generated, quoted])
    expect(citations).toMatchObject([
      { marker: 1, chunkId: "chk_2", page: 1, quote: tank },
      { marker: 1, chunkId: "chk_1", page: 2, quote: lid },
    ]);
  for (const { chunkId, quote } of [...generated, ...quoted])
    expect(parts.find((part) => part.chunkId === chunkId)?.text).toContain(quote);
});

test("F1: every line of a list is cited by the chunk that it stands in", async () => {
  const list = "These steps follow:\n- Rinse the filter.\n- Dry the seal.\n- Close the lid.";
  const [from, to] = [list.indexOf("- Dry"), list.indexOf("\n- Close")];
  const { packed: merged } = await packContext(
    [makePassage(list.slice(from), { seq: 1, start: from }), makePassage(list.slice(0, to), { seq: 2 })],
    { passageCount: 6 },
  );
  const best = { packed: merged[0]!, sentence: { span: [from, to] as const } };
  const [leadIn, items] = quoteList(ask("Which steps are there?"), merged, best)!;
  const chunks = [...leadIn!.statements, ...items!.statements].map(({ chunk }) => chunk?.chunkId);
  expect(chunks).toEqual(["chk_2", "chk_2", "chk_1", "chk_1"]);
});

test("a quote over the border of two chunks is cited by the one in which it begins", () => {
  expect(citedChunk(packed[0]!, [HALF - 10, HALF + 10]).chunkId).toBe("chk_2");
  expect(citedChunk({ ...packed[0]!, parts: undefined }, [0, 10]).chunkId).toBe("chk_1");
});

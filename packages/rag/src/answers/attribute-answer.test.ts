import { expect, test } from "vitest";
import { citeSentences } from "../cite.ts";
import { makePassage, packAll } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { attributeAnswer } from "./attribute-answer.ts";
import { extendAnswer } from "./extend-answer.ts";
import { layOutAnswer } from "./lay-out-answer.ts";

const SERVICE = "The Kestrel pump is serviced every 400 operating hours.";
const FROST = "Drain the Kestrel pump before the first frost of the winter.";
const passages = [
  makePassage(SERVICE, { seq: 1, document: "a" }),
  makePassage(FROST, { seq: 2, document: "b" }),
  makePassage(`As the maker says: ${SERVICE}`, { seq: 3, document: "c" }),
  makePassage("The cook makes soup on Fridays.", { seq: 4, document: "d" }),
];

test("a sentence falls without its only passage, and stays without one of two that say it", () => {
  const { text, citations } = citeSentences([SERVICE, FROST], packAll(passages), evenTermWeight);
  const [service, frost] = attributeAnswer({ text, citations, passages }, evenTermWeight);
  expect(service).toMatchObject({ text: SERVICE, answerSpan: citations[0]!.answerSpan });
  const effects = new Map(service!.passages.map(({ marker, effect }) => [marker, effect]));
  expect([...effects.keys()].toSorted()).toEqual([1, 3]);
  expect([...effects.values()]).not.toContain("falls");
  expect(frost!.passages).toMatchObject([{ marker: 2, documentName: "b", without: 0, effect: "falls" }]);
  expect(frost!.passages[0]!.alone).toBeCloseTo(frost!.support);
});

test("F1: more of an answer keeps numbers and places right", () => {
  const quote = (at: number) => {
    const passage = passages[at]!;
    return { text: passage.text, passage, quote: passage.text, span: passage.span };
  };
  const first = layOutAnswer([{ heading: null, form: "prose", statements: [quote(0), quote(1)] }]);
  const further = layOutAnswer([{ heading: "Meals", form: "list", statements: [quote(3), quote(1)] }]);
  const whole = extendAnswer(first, further);
  expect(whole.passages.map(({ chunkId }) => chunkId)).toEqual(["chk_1", "chk_2", "chk_4"]);
  expect(whole.text).toBe(`${first.text}\n\n### Meals\n\n- The cook makes soup on Fridays. [3]\n- ${FROST} [2]`);
  for (const { marker, chunkId, quote: said, answerSpan } of whole.citations) {
    expect(whole.passages[marker - 1]!.chunkId).toBe(chunkId);
    expect(whole.text.slice(...answerSpan)).toBe(`${said} [${marker}]`);
  }
});

test("F1: a passage that more of an answer has merged with its neighbour holds the new quote, too", () => {
  const text = `${SERVICE} ${FROST}`;
  const [narrow, wide] = [makePassage(SERVICE, { seq: 1 }), makePassage(text, { seq: 1 })];
  const span = [SERVICE.length + 1, text.length] as const;
  const first = layOutAnswer([
    { heading: null, form: "prose", statements: [{ ...narrow, passage: narrow, quote: SERVICE }] },
  ]);
  const further = layOutAnswer([
    { heading: null, form: "prose", statements: [{ text: FROST, passage: wide, quote: FROST, span }] },
  ]);
  expect(extendAnswer(first, further)).toMatchObject({
    passages: [{ text }],
    citations: [{ marker: 1 }, { marker: 1 }],
  });
  const apart = makePassage(FROST, { seq: 1, start: 900 });
  const other = { text: FROST, passage: apart, quote: FROST, span: apart.span };
  const elsewhere = layOutAnswer([{ heading: null, form: "prose", statements: [other] }]);
  expect(extendAnswer(first, elsewhere).passages.map((passage) => passage.text)).toEqual([SERVICE, FROST]);
});

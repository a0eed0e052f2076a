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

test("a sentence falls without its only passage, and stays without one of two that say it", async () => {
  const { text, citations } = citeSentences([SERVICE, FROST], packAll(passages), evenTermWeight);
  const [service, frost] = await attributeAnswer({ text, citations, passages }, evenTermWeight);
  expect(service).toMatchObject({ text: SERVICE, answerSpan: citations[0]!.answerSpan });
  const effects = new Map(service!.passages.map(({ marker, effect }) => [marker, effect]));
  expect([...effects.keys()].toSorted()).toEqual([1, 3]);
  expect([...effects.values()]).not.toContain("falls");
  expect(frost!.passages).toMatchObject([{ marker: 2, documentName: "b", without: 0, effect: "falls" }]);
  expect(frost!.passages[0]!.alone).toBeCloseTo(frost!.support);
});

test("a long answer gives the event loop its turn, and stops when nobody waits for it", async () => {
  const long = Array.from({ length: 400 }, (_, at) => `Rule ${at}: pump ${at} is serviced every ${at + 3} hours.`).join(
    " ",
  );
  const many = Array.from({ length: 12 }, (_, at) => makePassage(long, { seq: at, document: `${at}` }));
  const { text, citations } = citeSentences([SERVICE, FROST], packAll(passages), evenTermWeight);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  await attributeAnswer({ text, citations, passages: [...passages, ...many] }, evenTermWeight);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
  const gone = AbortSignal.abort();
  const stopped = attributeAnswer({ text, citations, passages: many }, evenTermWeight, gone);
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
});

test("F1: numbers of passages that were deleted are not given again, and those that stay keep theirs", async () => {
  const quote = (at: number) => {
    const passage = passages[at]!;
    return { text: passage.text, passage, quote: passage.text, span: passage.span };
  };
  const whole = layOutAnswer([{ heading: null, form: "prose", statements: [quote(0), quote(1)] }]);
  // The document of [1] is gone.
  const left = {
    text: `${FROST} [2]`,
    citations: [{ ...whole.citations[1]!, answerSpan: [0, FROST.length + 4] as const }],
    passages: [{ ...passages[1]!, marker: 2 }],
  };
  const [frost] = await attributeAnswer(left, evenTermWeight);
  expect(frost!.passages).toMatchObject([{ marker: 2, documentName: "b", effect: "falls" }]);
  const further = layOutAnswer([{ heading: null, form: "list", statements: [quote(3), quote(1)] }]);
  const extended = extendAnswer(left, further);
  expect(extended.text).toContain("Fridays. [3]");
  expect(extended.text).toContain(`- ${FROST} [2]`);
  expect(extended.passages.map(({ marker, chunkId }) => [marker, chunkId])).toEqual([
    [2, "chk_2"],
    [3, "chk_4"],
  ]);
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

import { expect, test } from "vitest";
import { passageSentences } from "../passage-sentences.ts";
import { makePassage } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { bagOf, centroidOf, pickCentral, rankCentral } from "./central-sentences.ts";

function rank(text: string) {
  const items = passageSentences(makePassage(text)).map((sentence) => ({ sentence }));
  const whole = centroidOf(items.map(({ sentence }) => bagOf(sentence.readAs, evenTermWeight)));
  return rankCentral(items, whole, evenTermWeight);
}
const said = (text: string, limit: number) => pickCentral(rank(text), [], limit).map(({ item }) => item.sentence.text);

test("the middle of a register with more terms than a call takes arguments is found, too", () => {
  const ids = new Map(Array.from({ length: 130_000 }, (_, at) => [`id${at}`, 1]));
  const [value] = centroidOf([ids]).values();
  expect(value).toBeCloseTo(1 / Math.sqrt(130_000));
});

test("the sentence that shares most with the others stands for them", () => {
  const text =
    "Somebody painted seven walls green yesterday. The Kestrel pump drains deep cellar water quickly. The Kestrel pump needs new oil each year. Cellar water ruins the Kestrel pump without oil.";
  expect(said(text, 1)[0]).toContain("Kestrel pump");
});

test("what refers back, announces or is a stub does not stand for a section; its first sentence may say “this”", () => {
  const text =
    "This handbook explains the Kestrel pump to crews. It explains the Kestrel pump to crews too. Kestrel pump:";
  expect(said(text, 3)).toEqual(["This handbook explains the Kestrel pump to crews."]);
});

test("a sentence that says again what was said is passed over", () => {
  const text =
    "The Kestrel pump is serviced every 400 hours. Every 400 hours the Kestrel pump is serviced. Frost cracks the housing of drained pumps.";
  expect(said(text, 2)).toEqual([
    "The Kestrel pump is serviced every 400 hours.",
    "Frost cracks the housing of drained pumps.",
  ]);
});

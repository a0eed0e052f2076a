import { describe, expect, test } from "vitest";
import { readQuestion } from "./question.ts";
import { CALIBRATED_READER } from "./reader-weights.ts";
import { judgeAnswerability, passageToAlign } from "./refuse.ts";
import { deniesSomething, statedFeatures } from "./stated-features.ts";
import { makePassage } from "./testing/passages.ts";
import { evenTermWeight } from "./text/term-weights.ts";
import { saysOpposite } from "./text/opposites.ts";

const passage = makePassage(
  "The Kestrel pump was built in 1921 in Tessel. It is the largest pump of the harbour. The ferry to Oss leaves at noon.",
);
const ask = (text: string) => readQuestion(text, evenTermWeight);

describe("whether a passage states what is asked", () => {
  test("words of one sentence stand together, words of several are spread", () => {
    const together = statedFeatures(ask("When was the Kestrel pump built in Tessel?"), [passage], null);
    const spread = statedFeatures(ask("When was the Tessel ferry to the harbour built?"), [passage], null);
    expect(together).toMatchObject({ spread: 0, missing: 0, missingExact: 0 });
    expect(spread.spread).toBeGreaterThan(0.2);
    expect(spread.missing).toBe(1);
  });

  test("a year, a name or an identifier that the sentence lacks counts by its weight", () => {
    expect(statedFeatures(ask("What was built in 1944?"), [passage], null).missingExact).toBe(1);
    expect(statedFeatures(ask("What was built in 1921?"), [passage], null).missingExact).toBe(0);
  });

  test("the opposite of a word of the question is seen, unless the word itself stands there", () => {
    expect(statedFeatures(ask("Which is the smallest pump of the harbour?"), [passage], null).opposite).toBe(1);
    expect(statedFeatures(ask("Which is the largest pump of the harbour?"), [passage], null).opposite).toBe(0);
    expect(saysOpposite(["first"], new Set(["first", "last"]))).toBe(false);
  });

  test("a denial is seen in both languages", () => {
    expect(deniesSomething(ask("Which pump wasn't built in Tessel?"))).toBe(true);
    expect(deniesSomething(ask("Which pump was built in Tessel?"))).toBe(false);
    expect(deniesSomething(ask("哪台泵不在港口？"))).toBe(true);
  });

  test("reads the passage that the reader ranks first, whatever stands in the others", () => {
    const other = makePassage("Invoices are paid on Fridays.", { seq: 2 });
    const reading = { packed: { marker: 2, passage: other, text: other.text }, score: 3 };
    const features = statedFeatures(ask("When was the Kestrel pump built?"), [passage, other], reading);
    expect(features).toMatchObject({ sentenceCoverage: 0, reader: 3 });
  });

  test("the verdict is the worse of its two parts, and Chinese has one", () => {
    const judged = judgeAnswerability(ask("Which pump was never the smallest ferry in 1944?"), [passage], null);
    expect(judged.probability).toBe(Math.min(judged.about, judged.stated!));
    expect(judged.stated).toBeLessThan(0.5);
    const chinese = judgeAnswerability(ask("泵在哪里？"), [makePassage("泵在港口。", { language: "zh" })], null);
    expect(chinese).toMatchObject({ stated: null, probability: chinese.about });
  });

  test("with meaning compared, what is said in other words counts as stated", () => {
    const asked = ask("When was the Kestrel pump put up in Tessel?");
    const aligned = (leastAlike: number, likeness: number) =>
      judgeAnswerability(asked, [passage], null, null, { embedder: "multilingual-e5-small", leastAlike, likeness });
    expect(aligned(0.9, 0.92).stated).toBeGreaterThan(aligned(0.6, 0.74).stated!);
    expect(aligned(0.9, 0.92).statedFeatures).toMatchObject({ leastAlike: 0.9, likeness: 0.92 });
    // Of an embedder whose cosines were never measured nothing is believed.
    const unknown = { embedder: "somebody-elses", leastAlike: 0.1, likeness: 0.1 };
    const byWords = judgeAnswerability(asked, [passage], null);
    expect(judgeAnswerability(asked, [passage], null, null, unknown).stated).toBe(byWords.stated);
  });

  test("meaning is compared in the language that its weights were fitted on only", () => {
    const [e5, german] = ["multilingual-e5-small", ask("Wann wurde die Pumpe des Hafens gebaut?")];
    const inGerman = makePassage("Die Pumpe des Hafens wurde 1921 gebaut.", { language: "other" });
    expect(passageToAlign(ask("When was the pump built?"), [passage], null, e5)).toBe(passage);
    expect(passageToAlign(german, [inGerman], null, e5)).toBeNull();
    const chinese = makePassage("Kestrel 泵建于1921年。", { language: "zh", seq: 2 });
    const asked = ask("When was the Kestrel pump built?");
    const lead = {
      packed: { marker: 2, passage: chinese, text: chinese.text },
      span: null,
      text: "",
      score: 3,
      relevance: 3,
      share: 1,
      rank: 3,
    };
    const reading = { reader: CALIBRATED_READER.name, score: 3, relevance: 3, passages: [lead] };
    expect(passageToAlign(asked, [passage, chinese], reading, e5)).toBeNull();
    const alignment = { embedder: e5, leastAlike: 0.1, likeness: 0.1 };
    const stated = judgeAnswerability(german, [inGerman], null).stated;
    expect(judgeAnswerability(german, [inGerman], null, null, alignment).stated).toBe(stated);
  });

  test("a question or a passage that is far longer than those fitted on is judged by its words", () => {
    const asked = "When was the pump built?";
    const long = makePassage("The Kestrel pump was built in 1921. ".repeat(200));
    expect(passageToAlign(ask(asked), [long], null, "multilingual-e5-small")).toBeNull();
    expect(
      passageToAlign(ask(`${"Tell me. ".repeat(200)}${asked}`), [passage], null, "multilingual-e5-small"),
    ).toBeNull();
  });

  test("no passages, or an empty question, is no division by zero", () => {
    for (const text of ["", "?", "Why?"])
      for (const passages of [[], [passage]])
        for (const value of Object.values(statedFeatures(ask(text), passages, null)))
          expect(Number.isFinite(value)).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readQuestion } from "./question.ts";
import { cosineScaleOf, judgeAnswerability, probabilityOf, refusalModelName } from "./refuse.ts";
import { refusalFeatures } from "./refusal-features.ts";
import { writeRefusal } from "./refusal-text.ts";
import { COSINE_SCALES, REFUSAL_WEIGHTS } from "./refusal-weights.ts";
import { evenTermWeight } from "./text/term-weights.ts";
import { makePassage } from "./testing/passages.ts";
import type { PassageOptions } from "./testing/passages.ts";

const E5 = COSINE_SCALES["multilingual-e5-small"]!;
const question = readQuestion("How often is the Kestrel pump serviced in Tessel?", evenTermWeight);
const near: PassageOptions = { dense: E5.mean + 2 * E5.deviation, lexical: 9 };
const far: PassageOptions = { dense: E5.mean - E5.deviation, lexical: 2 };
const good = makePassage("On Tessel the Kestrel pump is serviced every 400 hours.", near);
const bad = makePassage("Invoices are paid on Fridays by the office in town.", { ...far, seq: 2 });

describe("features", () => {
  test("tell how much of the question stands there, and what is missing altogether", () => {
    const found = refusalFeatures(question, [good, bad], E5);
    expect(found).toMatchObject({ passageCoverage: 1, windowCoverage: 1, missingExact: 0 });
    expect(found.dense).toBeCloseTo(2, 6);
    expect(refusalFeatures(question, [bad], E5)).toMatchObject({ passageCoverage: 0, missingExact: 1 });
  });

  test("a window is narrower than its passage", () => {
    const spread = makePassage(
      "The Kestrel hums. One. Two. Three. Four sheds. The pump is blue. A. B. C. D. Serviced in Tessel.",
    );
    const { passageCoverage, windowCoverage } = refusalFeatures(question, [spread], null);
    expect(windowCoverage).toBeLessThan(passageCoverage);
  });

  test("nothing retrieved, or nothing asked, is no division by zero", () => {
    for (const passages of [[], [bad]])
      for (const text of ["", "?", "How often is it?"])
        for (const value of Object.values(refusalFeatures(readQuestion(text, evenTermWeight), passages, E5)))
          expect(Number.isFinite(value)).toBe(true);
  });
});

describe("G3: the verdict", () => {
  test("G3: parts the answered from the unrelated at 0.5, with vectors and without", () => {
    const withoutVectors = (options: PassageOptions): PassageOptions => ({ ...options, dense: null });
    const goodWords = makePassage(good.text, withoutVectors(near));
    const badWords = makePassage(bad.text, withoutVectors({ ...far, seq: 2 }));
    expect(judgeAnswerability(question, [good, bad], E5).probability).toBeGreaterThan(0.5);
    expect(judgeAnswerability(question, [bad], E5).probability).toBeLessThan(0.5);
    expect(judgeAnswerability(question, [goodWords, badWords], null).probability).toBeGreaterThan(0.5);
    expect(judgeAnswerability(question, [badWords], null).probability).toBeLessThan(0.5);
  });

  test("every fitted model rises with what is found and falls with what is missing", () => {
    const features = fc.record({
      passageCoverage: fc.double({ min: 0, max: 1, noNaN: true }),
      windowCoverage: fc.double({ min: 0, max: 1, noNaN: true }),
      dense: fc.double({ min: -3, max: 4, noNaN: true }),
      margin: fc.double({ min: 0, max: 2, noNaN: true }),
      agreement: fc.double({ min: 0, max: 1, noNaN: true }),
      missingExact: fc.double({ min: 0, max: 1, noNaN: true }),
      reader: fc.double({ min: -12, max: 12, noNaN: true }),
      relevance: fc.double({ min: -12, max: 12, noNaN: true }),
    });
    fc.assert(
      fc.property(features, fc.constantFrom(...Object.values(REFUSAL_WEIGHTS)), (base, model) => {
        const before = probabilityOf(base, model);
        const rising = ["passageCoverage", "windowCoverage", "dense", "margin", "agreement", "reader"] as const;
        for (const name of [...rising, "relevance"] as const)
          expect(probabilityOf({ ...base, [name]: base[name] + 0.1 }, model)).toBeGreaterThanOrEqual(before);
        expect(probabilityOf({ ...base, missingExact: base.missingExact + 0.1 }, model)).toBeLessThanOrEqual(before);
      }),
    );
  });

  test("chooses its model by language and by what was measured", () => {
    const chinese = readQuestion("水泵多久保养一次？", evenTermWeight);
    const chinesePassage = makePassage("水泵每年保养。", { ...near, language: "zh" });
    const has = { hasScale: true, hasReader: false };
    expect(refusalModelName(question, [good], has)).toBe("en");
    expect(refusalModelName(question, [good], { ...has, hasScale: false })).toBe("en-lexical");
    expect(refusalModelName(chinese, [chinesePassage], has)).toBe("zh");
    expect(refusalModelName(chinese, [good], has)).toBe("foreign");
    expect(refusalModelName(chinese, [good, chinesePassage], has)).toBe("zh");
  });

  test("one passage in another language answers among many of the question's own, when it is the nearest in meaning", () => {
    const chinese = readQuestion("水泵多久保养一次？", evenTermWeight);
    const own = (seq: number, dense: number) =>
      makePassage("发票每周五由办公室支付。", { seq, dense, lexical: 2, language: "zh" });
    const others = [own(11, E5.mean - E5.deviation), own(12, E5.mean - E5.deviation)];
    const english = { ...near, dense: E5.mean + 2.5 * E5.deviation, language: "en" as const };
    const pump = makePassage("The pump is serviced every 400 hours.", english);
    expect(judgeAnswerability(chinese, others, E5).probability).toBeLessThan(0.5);
    const mixed = judgeAnswerability(chinese, [...others, pump], E5);
    expect(mixed).toMatchObject({ over: "foreign", model: "foreign" });
    expect(mixed.probability).toBeGreaterThan(0.5);
    const nearer = own(13, E5.mean + 2.6 * E5.deviation);
    expect(judgeAnswerability(chinese, [...others, pump, nearer], E5).over).toBe("all");
    expect(judgeAnswerability(chinese, [pump], E5)).toMatchObject({ over: "all", model: "foreign" });
  });

  test("cosines of an embedder nobody measured, or of two at once, are not judged by", () => {
    const arm = (embedder: string) => ({ generationId: "gen_1" as never, embedder, plan: "exact", hitCount: 3 });
    expect(cosineScaleOf([arm("multilingual-e5-small")])).toEqual(E5);
    expect(cosineScaleOf([arm("somebody-elses")])).toBeNull();
    expect(cosineScaleOf([arm("multilingual-e5-small"), arm("all-MiniLM-L6-v2")])).toBeNull();
    expect(cosineScaleOf([])).toBeNull();
  });
});

describe("G2: what a refusal says", () => {
  const collections = [
    { name: "Handbook", documentCount: 3 },
    { name: "Office", documentCount: 1 },
  ] as never;
  const passages = [
    makePassage("x", { headings: ["Manual", "Service"] }),
    makePassage("y", { seq: 2, headings: ["Other", "Service"] }),
    makePassage("z", { seq: 3, document: "prices.pdf" }),
  ];

  test("G2: says what was searched and offers the nearest topics once each", () => {
    const refusal = writeRefusal({ reason: "not_supported", language: "en", collections, passages });
    expect(refusal.text).toBe("I searched 4 documents in “Handbook”, “Office”, but no passage answers this question.");
    expect(refusal.suggestions).toEqual(["Service", "prices.pdf"]);
    expect(refusal.searched).toEqual({ collections: ["Handbook", "Office"], passageCount: 3 });
  });

  test("G2: counts only documents that could be searched, and says that others wait", () => {
    const waiting = [{ name: "Handbook", documentCount: 5, searchableCount: 1 }] as never;
    const ask = { reason: "not_supported", passages, collections: waiting } as const;
    expect(writeRefusal({ ...ask, language: "en" }).text).toBe(
      "I searched 1 document in “Handbook”, but no passage answers this question. 4 documents could not be searched yet.",
    );
    expect(writeRefusal({ ...ask, language: "zh" }).text).toContain("1 篇文档中查找");
    const none = [{ name: "Handbook", documentCount: 5, searchableCount: 0 }] as never;
    expect(writeRefusal({ ...ask, reason: "nothing_found", collections: none, language: "en" }).text).toMatch(
      /^None of/,
    );
    expect(writeRefusal({ ...ask, reason: "nothing_found", collections: none, language: "zh" }).text).toContain(
      "不能查找",
    );
  });

  test.each(["not_supported", "nothing_found", "no_documents"] as const)(
    "G2: has its own words for %s in both languages",
    (reason) => {
      const inEnglish = writeRefusal({ reason, language: "en", collections, passages }).text;
      const inChinese = writeRefusal({ reason, language: "zh", collections, passages }).text;
      expect(inEnglish).toMatch(/[a-z]\.$/);
      expect(inChinese).toMatch(/。$/);
      expect(inChinese).toContain("Handbook");
    },
  );
});

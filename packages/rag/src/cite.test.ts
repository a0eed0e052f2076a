import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { citeSentences } from "./cite.ts";
import { cleanGenerated } from "./clean-generated.ts";
import { evenTermWeight } from "./text/term-weights.ts";
import { makePassage, packAll } from "./testing/passages.ts";

const pump =
  "The Kestrel pump moves 40 litres a minute. It is serviced every 400 operating hours. Never run it dry, because the seal burns.";
const filter = "The intake filter is rinsed weekly. A clogged filter raises error ERR-4711.";
const packed = packAll([
  makePassage(pump, { seq: 1, start: 100, headings: ["Kestrel pump"] }),
  makePassage(filter, { seq: 2, start: 900, headings: ["Filter"] }),
]);
const cite = (...sentences: string[]) => citeSentences(sentences, packed, evenTermWeight);

describe("F1: markers", () => {
  test("F1: an invented number is removed and the right one written", () => {
    const sentences = cleanGenerated(
      "The Kestrel pump is serviced every 400 operating hours [7]. The intake filter is rinsed weekly [99, 3].",
      false,
    );
    const answer = citeSentences(sentences, packed, evenTermWeight);
    expect(answer.text).toBe(
      "The Kestrel pump is serviced every 400 operating hours. [1] The intake filter is rinsed weekly. [2]",
    );
  });

  test("F1: every [n] of the text resolves to a packed passage and has a citation, whatever was generated", () => {
    const fragment = fc.constantFrom(
      "The Kestrel pump moves 40 litres a minute",
      "It is serviced every 400 operating hours",
      "Filters cost 12 euros",
      " [3]",
      "[1][12]",
      "(Passage 9)",
      ". ",
      "! ",
      "水泵很好。",
      "A clogged filter raises error ERR-4711",
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (parts) => {
        const answer = citeSentences(cleanGenerated(parts.join(""), false), packed, evenTermWeight);
        const shown = [...answer.text.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]));
        expect(shown).toEqual(answer.citations.map(({ marker }) => marker));
        for (const { marker, chunkId } of answer.citations) expect(packed[marker - 1]?.passage.chunkId).toBe(chunkId);
      }),
    );
  });
});

describe("F2: support", () => {
  test("F2: a sentence that no passage says is cut, and said to be cut", () => {
    const answer = cite("The intake filter is rinsed weekly.", "Rust is prevented by zinc paint.");
    expect(answer.text).toBe("The intake filter is rinsed weekly. [2]");
    expect(answer.cutSentences).toEqual(["Rust is prevented by zinc paint."]);
  });

  test("F2: a wrong number is a veto, however well the words fit", () => {
    expect(cite("The Kestrel pump is serviced every 500 operating hours.").citations).toEqual([]);
  });

  test("F2: a name that stands nowhere in the passage is not supported", () => {
    expect(cite("Next to the Merlin, it is serviced every 400 operating hours.").citations).toEqual([]);
  });

  test("F2: a turned negation is not supported", () => {
    expect(cite("It is not serviced every 400 operating hours.").citations).toEqual([]);
  });

  test("F2: a sentence of stop words only is cut", () => {
    expect(cite("It is what it is.").cutSentences).toHaveLength(1);
  });

  test("F2: Chinese sentences are checked by their own words", () => {
    const chinese = packAll([makePassage("红隼水泵每运行400小时保养一次。密封圈每年更换。", { language: "zh" })]);
    const answer = citeSentences(
      ["红隼水泵每运行400小时需要保养一次。", "红隼水泵每运行500小时保养一次。", "滤网每周清洗。"],
      chinese,
      evenTermWeight,
    );
    expect(answer.citations.map(({ quote }) => quote)).toEqual(["红隼水泵每运行400小时保养一次。"]);
    expect(answer.cutSentences).toHaveLength(2);
  });
});

describe("quotes", () => {
  test("F2: the quote is the sentence that says it, at its place in the parsed text", () => {
    const [citation] = cite("It is serviced every 400 operating hours.").citations;
    expect(citation?.quote).toBe("It is serviced every 400 operating hours.");
    expect(citation?.span).toEqual([100 + pump.indexOf("It is"), 100 + pump.indexOf(" Never")]);
  });

  test("F5: the answer needs no JSON, no markers and no tidy end from the model", () => {
    const sentences = cleanGenerated(
      "Sure! Based on the passages, the intake filter is rinsed weekly.\n- A clogged filter raises error ERR-4711",
      false,
    );
    expect(citeSentences(sentences, packed, evenTermWeight).citations.map(({ marker }) => marker)).toEqual([2, 2]);
  });

  test("a quote is a verbatim substring of the parsed text, whatever the passage is", () => {
    const word = fc.constantFrom(
      "pump",
      "水泵",
      "Dr. ",
      "400",
      "filter",
      "。",
      ". ",
      "\n",
      "  ",
      "“",
      "”",
      "seal",
      "ERR-4711",
      "\u3000",
      "🙂",
    );
    const text = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(""));
    fc.assert(
      fc.property(text, fc.option(text, { nil: null }), fc.nat(50), (body, header, start) => {
        const parsed = "x".repeat(start) + body;
        const one = packAll([makePassage(body, { start, header })]);
        const sentences = cleanGenerated(body, false);
        for (const { quote, span } of citeSentences(sentences, one, evenTermWeight).citations)
          expect(parsed.slice(...span)).toBe(quote);
      }),
      { numRuns: 300 },
    );
  });

  test("H2: a row is quoted without the column names, but read with them", () => {
    const rows = "pump | 400\nfilter | 7";
    const table = packAll([makePassage(rows, { start: 50, header: "part | service hours" })]);
    const [citation] = citeSentences(["The pump has 400 service hours."], table, evenTermWeight).citations;
    expect(citation?.quote).toBe("pump | 400");
    expect(citation?.span).toEqual([50, 50 + "pump | 400".length]);
    expect(citeSentences(["The pump has 7 service hours."], table, evenTermWeight).citations).toEqual([]);
  });

  test("answer spans cover exactly their sentence and its markers", () => {
    const answer = cite("The intake filter is rinsed weekly.", "It is serviced every 400 operating hours.");
    expect(answer.citations.map(({ answerSpan }) => answer.text.slice(...answerSpan))).toEqual([
      "The intake filter is rinsed weekly. [2]",
      "It is serviced every 400 operating hours. [1]",
    ]);
  });
});

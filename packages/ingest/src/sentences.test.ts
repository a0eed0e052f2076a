import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitLines, splitSentences } from "./sentences.ts";

const split = (text: string): string[] => splitSentences(text).map(([start, end]) => text.slice(start, end));
const trimmed = (text: string): string[] => split(text).map((sentence) => sentence.trim());

describe("splitSentences", () => {
  test("splits English prose and keeps quotes with their sentence", () => {
    expect(trimmed("He said “Hi.” Then he left. Is it late? Yes!")).toEqual([
      "He said “Hi.”",
      "Then he left.",
      "Is it late?",
      "Yes!",
    ]);
  });

  test("does not split after abbreviations, initials and in numbers", () => {
    for (const text of [
      "Dr. Amara Osei keeps the records.",
      "See fig. 2 for the plan.",
      "It opened on Jan. 5 at noon.",
      "J. R. Tolkien wrote it.",
      "The value is 3.14 today.",
      "Some, e.g. this one, are old.",
    ])
      expect(trimmed(text)).toEqual([text]);
  });

  test("splits after an abbreviation that ends a sentence", () => {
    expect(trimmed("He works for Acme Inc. She does not.")).toEqual(["He works for Acme Inc.", "She does not."]);
  });

  test("splits Chinese at its own marks, with closing quotes and brackets", () => {
    expect(split("渡轮九点开船。真的吗？他说：“走吧！”然后走了。（见图2。）下一句。")).toEqual([
      "渡轮九点开船。",
      "真的吗？",
      "他说：“走吧！”",
      "然后走了。",
      "（见图2。）",
      "下一句。",
    ]);
  });

  test("gives an opening bracket to the sentence that it opens", () => {
    expect(split("これは本です。「はい。」と言った。")).toEqual(["これは本です。", "「はい。」", "と言った。"]);
  });

  test("partitions any text, blanks included", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ". ",
        "。",
        "“",
        "”",
        "（",
        "）",
        "\n",
        " ",
        "Dr.",
        "e.g.",
        "!",
        "？",
        "\uD83D\uDE00",
        "a",
        "字",
        "1",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join("");
        const spans = splitSentences(text);
        expect(spans.map(([start, end]) => text.slice(start, end)).join("")).toBe(text);
        for (const [start, end] of spans) expect(end).toBeGreaterThan(start);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test("gives no empty sentence for blanks at the beginning", () => {
    expect(split("\n \n One. Two.")).toEqual(["\n \n One. ", "Two."]);
  });
});

test("splitLines partitions listings by line and gives empty lines to the one before", () => {
  const text = "a\n\nb\nc";
  expect(splitLines(text).map(([start, end]) => text.slice(start, end))).toEqual(["a\n\n", "b\n", "c"]);
});

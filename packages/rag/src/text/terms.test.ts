import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentTerms, distinctKeys, indexTerms } from "./terms.ts";

const keysOf = (text: string): string[] => distinctKeys(contentTerms(text));

describe("content terms", () => {
  test("drop function words and the vocabulary of asking, in English and Chinese", () => {
    expect(keysOf("How often is the pump serviced?")).toEqual(["pump", "servic"]);
    expect(keysOf("How long is the long hose?")).toEqual(["long", "hose"]);
    expect(keysOf("How long is the crossing?")).toEqual(["cross"]);
    expect(keysOf("水泵多久保养一次？")).toContain("保养");
    expect(keysOf("水泵的保养周期是什么？")).not.toContain("的保");
  });

  test("keep identifiers whole and numbers without thousands marks", () => {
    expect(contentTerms("Does ERR-4711 occur at 1,000 hours?").map(({ key, kind }) => `${kind} ${key}`)).toEqual([
      "identifier err-4711",
      "word occur",
      "number 1000",
      "word hour",
    ]);
  });

  test("tell names by their capitals, but not at the start of a sentence", () => {
    const kinds = new Map(
      contentTerms("Pumps were sold. Bridges by Anna Kowalczyk").map(({ key, kind }) => [key, kind]),
    );
    expect(kinds.get("pump")).toBe("word");
    expect(kinds.get("bridg")).toBe("word");
    expect(kinds.get("kowalczyk")).toBe("name");
  });

  test("say where each term stands in the text", () => {
    const text = "The “Kestrel” 水泵 of 1,000 l";
    for (const { start, end } of contentTerms(text)) expect(text.slice(start, end).trim()).not.toBe("");
    expect(text.slice(...spanOf(text, "kestrel"))).toBe("Kestrel");
    expect(text.slice(...spanOf(text, "水泵"))).toBe("水泵");
  });
});

function spanOf(text: string, key: string): [number, number] {
  const term = contentTerms(text).find((candidate) => candidate.key === key)!;
  return [term.start, term.end];
}

describe("index terms", () => {
  test("hold every content term of the same text, whatever the text is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        const held = indexTerms(text);
        for (const { key } of contentTerms(text)) expect(held).toContain(key);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("水", "泵", "的", "是", "ERR-4711", " pumps", "1,000", "Kraków", ". ", "’s "), {
          maxLength: 20,
        }),
        (parts) => {
          const held = indexTerms(parts.join(""));
          for (const { key } of contentTerms(parts.join(""))) expect(held).toContain(key);
        },
      ),
    );
  });

  test("fold accents and inflection", () => {
    expect(indexTerms("Krakow's servicing")).toEqual(
      new Set([...indexTerms("Kraków’s servicing")].map((key) => key.replace("’", "'"))),
    );
  });
});

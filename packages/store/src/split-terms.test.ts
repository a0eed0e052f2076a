import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indexTerms, splitForIndex, splitForQuery } from "./split-terms.ts";

const query = (text: string) => splitForQuery(text).map(({ term }) => term);

describe("splitting for the index", () => {
  test.each([
    ["ERR-4711", "err4711 err 4711"],
    ["ERR4711", "err4711 err 4711"],
    ["err_4711", "err4711 err 4711"],
    ["v1.2.3", "v1.2.3 v 1.2.3 1 2 1.2 3"],
    ["fooBar", "foobar foo bar"],
    ["snake_case", "snakecas snake case"],
    ["HTTPServer", "httpserver http server"],
    ["1,000,000", "1000000"],
    ["2024-01-15", "2024.01.15 2024 01 2024.01 15"],
    ["C++ C# c", "cplusplu c csharp c c"],
    ["Einstein's", "einstein einstein s"],
    ["running caresses", "run caress"],
    ["École ÉCOLE Straße", "ecol ecol strass"],
    ["１２３", "123"],
    ["备份脚本", "备 备份 份 份脚 脚 脚本 本"],
    ["GitHub备份", "github git hub 备 备份 份"],
    ["カナ", "カ カナ ナ"],
    ["안녕", "안 안녕 녕"],
    ["see report.pdf.", "see report pdf reportpdf"],
    ["... !!! «»", ""],
  ])("E1 E2 %j gives %j", (text, terms) => {
    expect(splitForIndex(text)).toBe(terms);
  });

  test("E1 however an identifier is joined, its forms meet in one term", () => {
    for (const form of ["ERR-4711", "err4711", "ERR_4711", "err.4711", "Err/4711"])
      expect(indexTerms(`log: ${form}!`)).toContain("err4711");
    expect(indexTerms("2024/01/15")).toEqual(indexTerms("2024-01-15"));
  });

  test("E1 a word and a number of a query are also looked for in one", () => {
    expect(query("ERR 4711")).toEqual(["err", "4711", "err4711"]);
    expect(query("ISO 9001 audit")).toContain("iso9001");
    expect(query("4711 ERR")).toEqual(["4711", "err"]);
  });

  test("E2 every pair of a query is in the index of a text that holds it", () => {
    const dense = fc.string({
      unit: fc.constantFrom(..."备份脚本的数据库カタかなー한글ไทย"),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(dense, dense, dense, (before, wanted, after) => {
        const held = new Set(indexTerms(before + wanted + after));
        return query(wanted).every((term) => held.has(term));
      }),
      { seed: 1 },
    );
  });

  test("E1 every term of a query is in the index of a text that holds the same words", () => {
    const words = fc.string({ unit: fc.constantFrom(..."abXY019é-_./@:,'+#;备份"), maxLength: 30 });
    fc.assert(
      fc.property(words, (text) => {
        const held = new Set(indexTerms(text));
        return query(text).every((term) => held.has(term));
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  test("S12 no text gives a term with anything but letters, marks, digits and dots", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) =>
        [...indexTerms(text), ...query(text)].every((term) => /^[\p{L}\p{M}\p{N}.]+$/u.test(term)),
      ),
      { seed: 3, numRuns: 1000 },
    );
  });

  test("terms are bounded and long texts take time in proportion", () => {
    for (const text of [
      "a".repeat(300_000),
      "a-".repeat(150_000),
      "1.".repeat(20_000),
      "aB".repeat(100_000),
      "备".repeat(100_000),
    ])
      expect(indexTerms(text).every((term) => term.length <= 64)).toBe(true);
  });
});

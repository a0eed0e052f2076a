import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanCharacters, hyphenatedWords, joinLines, tidyLines, tidyProse } from "./normalize.ts";

const clean = (text: string): string => cleanCharacters(text).text;

describe("cleanCharacters", () => {
  test("folds radicals and compatibility ideographs, so that search finds them", () => {
    expect(clean("⼆⻛")).toBe("二风");
    expect(clean("\uF9D1")).toBe("六");
  });

  test("folds ligatures, full-width letters and half-width kana", () => {
    expect(clean("ﬁnd ＡＢＣ１２３ ｶﾞｷﾞ")).toBe("find ABC123 ガギ");
  });

  test("leaves what would change its meaning: superscripts, fractions, circled numbers, Chinese punctuation", () => {
    expect(clean("10² ½ ① ™，。：（）")).toBe("10² ½ ① ™，。：（）");
  });

  test("removes invisible characters and counts them, soft hyphens uncounted", () => {
    expect(cleanCharacters("pass\u200Bword\u00AD, \u202Eevil\u{E0041}")).toEqual({
      text: "password, evil",
      invisibleCount: 3,
    });
  });

  test("keeps joiners that hold emoji and Persian words together and drops stray ones", () => {
    expect(clean("👩\u200D🚀 می\u200Cخواهم")).toBe("👩\u200D🚀 می\u200Cخواهم");
    expect(clean("a\u200Db")).toBe("ab");
  });

  test("drops control characters and repairs lone surrogates", () => {
    expect(clean("a\u0000b\u0007c\uD800d")).toBe("abc\uFFFDd");
  });

  test("is idempotent and leaves well-formed text for any input", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        const once = clean(text);
        expect(once.isWellFormed()).toBe(true);
        expect(clean(once)).toBe(once);
      }),
      { seed: 7, numRuns: 150 },
    );
  });
});

describe("layout", () => {
  test("collapses blanks in prose and keeps single line breaks", () => {
    expect(tidyProse("  a \t b \n\n  c ")).toBe("a b\nc");
  });

  test("keeps the indentation of listings", () => {
    expect(tidyLines("\n\nif x:\n    y()  \n\n")).toBe("if x:\n    y()");
  });

  test("joins wrapped lines with a blank, and Chinese ones with nothing", () => {
    expect(joinLines(["The ferry", "leaves at nine."])).toBe("The ferry leaves at nine.");
    expect(joinLines(["渡轮九点", "开船。"])).toBe("渡轮九点开船。");
    expect(joinLines(["编号是", "HM2025"])).toBe("编号是 HM2025");
  });

  test("joins a word cut at the line end, and keeps the hyphen of a word written so elsewhere", () => {
    expect(joinLines(["they were trans-", "shipped"])).toBe("they were transshipped");
    const known = hyphenatedWords(["a well-known place"]);
    expect(joinLines(["it is well-", "known"], known)).toBe("it is well-known");
    expect(joinLines(["ISO-", "Norm"])).toBe("ISO- Norm");
  });

  test("takes linear time over long runs of letters and blanks", () => {
    const started = performance.now();
    hyphenatedWords(["x".repeat(300_000)]);
    tidyLines(`a${" ".repeat(300_000)}b`);
    tidyProse(`a${" ".repeat(300_000)}b`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

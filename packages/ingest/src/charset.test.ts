import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { decodeText } from "./charset.ts";

const CHINESE = "值班员在云雀码头记录：上午七时有雾，能见度二百五十米，首班停航。潮汐预报员的办公室在旧海关大楼二层。";
const TRADITIONAL =
  "值班員在雲雀碼頭記錄：上午七時有霧，能見度二百五十米，首班停航。潮汐預報員的辦公室在舊海關大樓二層。";
const JAPANESE = "渡し船は午前九時に出発します。霧が濃いときは欠航になります。切符売り場は二階にあります。";
const WESTERN = "Le café du port ferme à vingt-deux heures; l’été, il reste ouvert jusqu’à minuit. Prix : 4 €.";

describe("decodeText", () => {
  test.each([
    ["gb18030", CHINESE],
    ["big5", TRADITIONAL],
    ["shift_jis", JAPANESE],
    ["windows-1252", WESTERN],
    ["utf-8", CHINESE],
  ])("reads %s without being told", (charset, text) => {
    expect(decodeText(iconv.encode(text, charset)).text).toBe(text);
  });

  test("reads UTF-16 with a mark, and without one by its zero bytes", () => {
    expect(decodeText(Buffer.from("\uFEFFThe ferry", "utf16le"))).toMatchObject({
      text: "The ferry",
      charset: "utf-16le",
    });
    expect(decodeText(Buffer.from("The ferry leaves", "utf16le")).text).toBe("The ferry leaves");
    expect(decodeText(Buffer.from("The ferry leaves", "utf16le").swap16()).text).toBe("The ferry leaves");
  });

  test("strips the mark of UTF-8", () => {
    expect(decodeText(Buffer.from("\uFEFFabc")).text).toBe("abc");
  });

  test("believes what the document declares when the bytes are not UTF-8", () => {
    const bytes = iconv.encode("Аренда квартир", "windows-1251");
    expect(decodeText(bytes, "windows-1251").text).toBe("Аренда квартир");
    expect(decodeText(Buffer.from("Аренда"), "windows-1251").text).toBe("Аренда");
  });

  test("forgives one damaged character in UTF-8 and says so", () => {
    const bytes = Buffer.concat([Buffer.from(CHINESE), Buffer.from([0xff]), Buffer.from(CHINESE)]);
    const decoded = decodeText(bytes);
    expect(decoded.charset).toBe("utf-8");
    expect(decoded.warnings).toEqual(["1 damaged character could not be read."]);
  });

  test("refuses binary data", () => {
    const bytes = Buffer.from(Array.from({ length: 2_000 }, (_, at) => (at * 31) % 256));
    expect(() => decodeText(bytes)).toThrow(expect.objectContaining({ code: "document_format_unsupported" }));
  });
});

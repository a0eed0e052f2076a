import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { blockTexts, expectWellFormed, fixture, parseHostile, textOf } from "../testing/parsed-invariants.ts";
import { expandEmptyTags } from "./epub.ts";
import { parseDocument } from "./index.ts";
import { openZip, repack } from "./zip.ts";

const parse = (bytes: Buffer, name = "x") => parseDocument(bytes, { name, mediaType: null });
const text = (content: string): Buffer => Buffer.from(content);

describe("DOCX", () => {
  test("reads headings, numbered lists, tables, Chinese and the title", async () => {
    const parsed = await parse(fixture("maintenance.docx"));
    expectWellFormed(parsed);
    expect(parsed.title).toBe("Maintenance of the winches");
    expect(blockTexts(parsed)).toContain("2. Press 30 grams of grease into each of the six nipples.");
    const table = parsed.blocks.find(({ kind }) => kind === "table")!;
    expect(table).toMatchObject({
      header: "Season | Grease | Part number",
      headings: ["Greasing", "Grease by season"],
    });
    expect(textOf(parsed)).toContain("冬季使用一号钙基润滑脂，零件号GR-1-CA。");
  });

  test("S2 an entity bomb and an external entity in its XML do nothing", async () => {
    const zip = await openZip(fixture("maintenance.docx"));
    const files = new Map<string, Buffer>();
    for (const name of zip.names) files.set(name, (await zip.read(name))!);
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>';
    for (const part of ["docProps/core.xml", "word/document.xml"]) {
      const xml = files.get(part)!.toString("utf8").replace(/\?>/, `?>${bomb}`).replace("winches", "&b;&c;");
      files.set(part, text(xml));
    }
    const started = performance.now();
    const outcome = await parse(repack(files)).then((parsed) => textOf(parsed) + parsed.title, String);
    expect(outcome).not.toMatch(/root:|aaaaaaaaaa/);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("XLSX", () => {
  test("H2 reads every sheet, repeats headers and shows dates", async () => {
    const parsed = await parse(fixture("stores.xlsx"));
    expectWellFormed(parsed);
    expect(parsed.pages.map(({ label }) => label)).toEqual(["Spare parts", "仓库"]);
    expect(blockTexts(parsed)).toContain("CP-118-K | Impeller of the cooling pump | 2 | 2025-01-31");
    const row = parsed.blocks.find((_, at) => blockTexts(parsed)[at]?.startsWith("沙袋") === true);
    expect(row).toMatchObject({ kind: "row", header: "物品 | 数量 | 位置", headings: ["仓库"] });
  });

  test("H2: a row without its first cell keeps its columns, the head with an empty corner too", async () => {
    const zip = await openZip(fixture("stores.xlsx"));
    const files = new Map<string, Buffer>();
    for (const name of zip.names) files.set(name, (await zip.read(name))!);
    const sheet = files.get("xl/worksheets/sheet2.xml")!.toString("utf8");
    const cut = sheet.replace(/<c r="A1"[^>]*>.*?<\/c>/su, "");
    expect(cut.length).toBeLessThan(sheet.length);
    files.set("xl/worksheets/sheet2.xml", text(cut));
    const parsed = await parse(repack(files));
    expectWellFormed(parsed);
    expect(blockTexts(parsed)).toContain("| 数量 | 位置");
    const row = parsed.blocks.find((_, at) => blockTexts(parsed)[at]?.startsWith("沙袋") === true);
    expect(row).toMatchObject({ header: "| 数量 | 位置" });
  });

  test("visits only cells that exist: a claim of a million columns costs nothing", async () => {
    const zip = await openZip(fixture("stores.xlsx"));
    const files = new Map<string, Buffer>();
    for (const name of zip.names) files.set(name, (await zip.read(name))!);
    const sheet = files.get("xl/worksheets/sheet2.xml")!.toString("utf8");
    const far = '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData>';
    files.set(
      "xl/worksheets/sheet2.xml",
      text(sheet.replace("</sheetData>", far).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')),
    );
    const parsed = await parse(repack(files));
    expectWellFormed(parsed);
    expect(blockTexts(parsed).at(-1)).toContain("7");
  });
});

describe("EPUB", () => {
  test("reads chapters in spine order with their labels, empty XHTML elements included", async () => {
    const parsed = await parse(fixture("stories.epub"));
    expectWellFormed(parsed);
    expect(parsed.title).toBe("Stories of the Sound");
    expect(parsed.pages.map(({ label }) => label)).toEqual(["The wooden boat", "The night of the two moons"]);
    expect(parsed.blocks.at(-1)?.headings).toEqual(["The night of the two moons"]);
    expect(textOf(parsed)).toContain("Ada Hollin painted her name herself, in green.");
  });

  test("reports rights management as encryption, but not obfuscated fonts", async () => {
    const files = new Map<string, Buffer>();
    const zip = await openZip(fixture("stories.epub"));
    for (const name of zip.names) files.set(name, (await zip.read(name))!);
    const encryption = (algorithm: string): Buffer =>
      text(`<encryption><EncryptedData><EncryptionMethod Algorithm="${algorithm}"/></EncryptedData></encryption>`);
    const locked = new Map(files).set(
      "META-INF/encryption.xml",
      encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc"),
    );
    const fonts = new Map(files).set("META-INF/encryption.xml", encryption("http://www.idpf.org/2008/embedding"));
    await expect(parse(repack(locked))).rejects.toMatchObject({ code: "document_encrypted" });
    expect((await parse(repack(fonts))).title).toBe("Stories of the Sound");
  });

  test("expands empty elements but not void ones, in linear time", () => {
    expect(expandEmptyTags('<a id="x"/><br/><title />')).toBe('<a id="x"></a><br/><title ></title>');
    const started = performance.now();
    expandEmptyTags(`<${"a".repeat(200_000)}`);
    expandEmptyTags('<a "'.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

/** One entry, deflated, whose header may lie about its size. */
function archive(
  name: string,
  content: Buffer,
  claim: { size?: number; encrypted?: boolean; entries?: number } = {},
): Buffer {
  const packed = deflateRawSync(content);
  const stored = repack(new Map([[name, packed]]));
  const central = stored.lastIndexOf(Buffer.from("PK\u0001\u0002", "latin1"));
  for (const [method, sizes, flags] of [
    [8, 18, 6],
    [central + 10, central + 20, central + 8],
  ] as const) {
    stored.writeUInt16LE(8, method);
    stored.writeUInt32LE(packed.length, sizes);
    stored.writeUInt32LE(claim.size ?? content.length, sizes + 4);
    if (claim.encrypted === true) stored.writeUInt16LE(1, flags);
  }
  if (claim.entries !== undefined) stored.writeUInt16LE(claim.entries, stored.length - 12);
  return stored;
}

describe("S2 archives", () => {
  test("S2 refuses an entry that inflates two hundredfold, before inflating it", async () => {
    const started = performance.now();
    await expect(openZip(archive("xl/sheet.xml", Buffer.alloc(40_000_000)))).rejects.toMatchObject({
      code: "document_bomb",
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("S2 refuses a claim of ten gigabytes and of too many entries", async () => {
    await expect(openZip(archive("a", text("x"), { size: 4_000_000_000 }))).rejects.toMatchObject({
      code: "document_bomb",
    });
    await expect(openZip(archive("a", text("x"), { entries: 60_000 }))).rejects.toMatchObject({
      code: "document_bomb",
    });
  });

  test("S2 counts what is really inflated, also when the header lies", async () => {
    const zip = await openZip(archive("a", Buffer.alloc(5_000_000), { size: 1_000 }));
    await expect(zip.read("a")).rejects.toMatchObject({ code: "document_corrupt" });
    const limits = { maxEntries: 10, maxBytes: 6_000_000, maxRatio: 1e9, freeBytes: 0 };
    const counted = await openZip(archive("a", Buffer.alloc(5_000_000)), limits);
    expect((await counted.read("a"))?.length).toBe(5_000_000);
    await expect(counted.read("a")).rejects.toMatchObject({ code: "document_bomb" });
  });

  test("reports an encrypted entry as encrypted", async () => {
    await expect(openZip(archive("word/document.xml", text("x"), { encrypted: true }))).rejects.toMatchObject({
      code: "document_encrypted",
    });
  });

  test("S1 S2 names that climb out of the archive are never used as paths", async () => {
    expect(["document_corrupt", "document_format_unsupported"]).toContain(
      await parseHostile(archive("../../etc/passwd", text("x")), "a.docx"),
    );
  });

  test("S2 a zip that is no document is refused, nested ones included", async () => {
    const inner = archive("a.txt", text("x"));
    await expect(parse(archive("inner.zip", inner))).rejects.toMatchObject({ code: "document_format_unsupported" });
  });
});

import { describe, expect, test } from "vitest";
import { parseDocument } from "./parse/index.ts";
import { sniffContainer, textFormatOf } from "./sniff.ts";
import { fixture } from "./testing/parsed-invariants.ts";

const parse = (name: string, as = name, mediaType: string | null = null) =>
  parseDocument(fixture(name), { name: as, mediaType });

describe("S3: magic bytes decide, names and media types are hints", () => {
  test("S3 a web page called .pdf is read as a web page", async () => {
    await expect(parse("page-called-pdf.pdf", "x.pdf", "application/pdf")).resolves.toMatchObject({
      mediaType: "text/html",
    });
  });

  test("S3 a PDF called .txt is read as PDF", async () => {
    await expect(parse("two-columns.pdf", "x.txt", "text/plain")).resolves.toMatchObject({
      mediaType: "application/pdf",
    });
  });

  test("S3 zip-based formats are told apart by what they hold", async () => {
    const types = await Promise.all(
      ["maintenance.docx", "stores.xlsx", "stories.epub"].map(async (name) => (await parse(name, "x.zip")).mediaType),
    );
    expect(types.map((type) => /wordprocessing|spreadsheet|epub/.exec(type)?.[0])).toEqual([
      "wordprocessing",
      "spreadsheet",
      "epub",
    ]);
  });

  test("S3 pictures and presentations are refused by name", async () => {
    await expect(parse("picture.png", "notes.txt", "text/plain")).rejects.toMatchObject({
      code: "document_format_unsupported",
      message: expect.stringContaining("PNG"),
    });
    await expect(parse("slides.pptx", "x.docx")).rejects.toMatchObject({ code: "document_format_unsupported" });
  });

  test("an encrypted Office container is reported as encrypted, another old one as unsupported", async () => {
    await expect(sniffContainer(fixture("protected.docx"))).rejects.toMatchObject({ code: "document_encrypted" });
    const old = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(504)]);
    await expect(sniffContainer(old)).rejects.toMatchObject({ code: "document_format_unsupported" });
  });

  test("an empty file and an empty archive are reported as empty", async () => {
    await expect(parse("empty.txt")).rejects.toMatchObject({ code: "document_empty" });
    await expect(
      sniffContainer(Buffer.concat([Buffer.from("PK\u0005\u0006", "latin1"), Buffer.alloc(18)])),
    ).rejects.toMatchObject({ code: "document_empty" });
  });

  test("a PDF that lost its header is damaged, not text", async () => {
    const bytes = fixture("two-columns.pdf").subarray(9);
    await expect(sniffContainer(bytes)).rejects.toMatchObject({ code: "document_corrupt" });
  });
});

describe("textFormatOf", () => {
  const of = (text: string, name = "", mediaType: string | null = null) => textFormatOf(text, { name, mediaType });

  test("HTML shows itself, the rest follows the hints", () => {
    expect(of("<!DOCTYPE html><p>x", "a.txt")).toBe("html");
    expect(of("# Title", "a.md")).toBe("markdown");
    expect(of("a,b", "a.bin", "text/csv; charset=utf-8")).toBe("csv");
    expect(of("plain words")).toBe("text");
  });

  test("JSON without a name is recognised when it parses", () => {
    expect(of('{"a": 1}')).toBe("json");
    expect(of("{not json}")).toBe("text");
  });
});

test("takes prose that begins like a picture's magic bytes for text", async () => {
  for (const prose of [
    "BMP signalling shapes the early embryo of vertebrates.\n",
    "The widespread regulation of decay\n",
  ]) {
    expect(await sniffContainer(Buffer.from(prose))).toBe("text");
  }
  await expect(sniffContainer(Buffer.from("%!PS-Adobe-3.0\n%%Pages: 1\nshowpage\n"))).rejects.toMatchObject({
    code: "document_format_unsupported",
  });
  const picture = Buffer.concat([Buffer.from("BM"), Buffer.alloc(60)]);
  await expect(sniffContainer(picture)).rejects.toMatchObject({ code: "document_format_unsupported" });
});

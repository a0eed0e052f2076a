import { expect, test } from "vitest";
import { blockTexts, expectWellFormed, fixture, textOf } from "../testing/parsed-invariants.ts";
import { parseDocument } from "./index.ts";

const parse = (text: string) => parseDocument(Buffer.from(text), { name: "a.txt", mediaType: null });

test("re-flows hard-wrapped paragraphs and keeps the lines of everything else", async () => {
  const wrapped =
    "The ferry leaves the quay every forty minutes and\nit takes twenty-five minutes to cross the sound, in\nsummer and winter.";
  const address = "Harbour office\nQuay 1\nLarkspur";
  const parsed = await parse(`${wrapped}\n\n${address}\n`);
  expectWellFormed(parsed);
  expect(blockTexts(parsed)).toEqual([wrapped.replaceAll("\n", " "), address]);
});

test("takes underlined, numbered and chapter lines for headings, with their path", async () => {
  const parsed = await parse("Guide\n=====\n\n1.2 Opening hours\n\nFrom nine.\n\n第三章 潮汐\n\n每天两次。");
  expect(parsed.blocks.map(({ kind, level }) => [kind, level])).toEqual([
    ["heading", 1],
    ["heading", 2],
    ["paragraph", null],
    ["heading", 1],
    ["paragraph", null],
  ]);
  expect(parsed.blocks[2]?.headings).toEqual(["Guide", "1.2 Opening hours"]);
  expect(parsed.title).toBe("Guide");
});

test("separates list items", async () => {
  const parsed = await parse("Bring:\n- a coat that keeps you\n  warm\n- boots");
  expect(parsed.blocks.map(({ kind }) => kind)).toEqual(["paragraph", "list-item", "list-item"]);
  expect(blockTexts(parsed)[1]).toBe("- a coat that keeps you warm");
});

test.each(["duty-log.gb18030.txt", "duty-log.utf16le.txt"])("reads Chinese from %s", async (name) => {
  const parsed = await parseDocument(fixture(name), { name, mediaType: null });
  expectWellFormed(parsed);
  expect(parsed.language).toBe("zh");
  expect(textOf(parsed)).toContain("能见度二百五十米");
});

test("cuts long texts into pages of bounded length that still concatenate", async () => {
  const parsed = await parse(`${"One sentence after another. ".repeat(6_000)}\n\n${"短句。".repeat(30_000)}`);
  expectWellFormed(parsed);
  expect(parsed.pages.length).toBeGreaterThan(3);
  expect(Math.max(...parsed.pages.map(({ text }) => text.length))).toBeLessThanOrEqual(60_002);
});

test("a file of blanks holds no text", async () => {
  await expect(parse(" \n\n\t ")).rejects.toMatchObject({ code: "document_no_text" });
});

test("reports invisible characters", async () => {
  const parsed = await parse("Read\u200B this\u202E.");
  expect(parsed.warnings).toEqual(["2 invisible characters were removed."]);
});

import { expect, test } from "vitest";
import { blockTexts, expectWellFormed, fixture, textOf } from "../testing/parsed-invariants.ts";
import { parseDocument } from "./index.ts";

const parse = (name: string) => parseDocument(fixture(name), { name, mediaType: null });

test("D5 leaves out repeated headers, footers and page numbers", async () => {
  const parsed = await parse("service-bulletin.pdf");
  expectWellFormed(parsed);
  expect(parsed.pageCount).toBe(3);
  expect(textOf(parsed)).not.toMatch(/Service Bulletin 7|Page \d of 3/);
  expect(textOf(parsed)).toContain("HM-2025-0193");
});

test("F3 a paragraph that crosses a page border is one block, with regions on both pages", async () => {
  const parsed = await parse("service-bulletin.pdf");
  const text = textOf(parsed);
  const block = parsed.blocks.find(({ start, end }) => text.slice(start, end).startsWith("The lock keeper"))!;
  expect(text.slice(block.start, block.end)).toContain(
    "closes the lower gate for all traffic; between 380 and 412 centimetres only ships shorter than 32 metres may pass.",
  );
  expect(block.page).toBe(1);
  const pages = parsed.pages
    .flatMap(({ regions }) => regions)
    .filter(({ start, end }) => start < block.end && end > block.start);
  expect(new Set(pages.map(({ page }) => page))).toEqual(new Set([1, 2]));
});

test("gives each sentence boxes that lie on the page, in points from the top left", async () => {
  const parsed = await parse("service-bulletin.pdf");
  const text = textOf(parsed);
  const start = text.indexOf("Mooring lines are doubled");
  const end = text.indexOf(".", start) + 1;
  const boxes = parsed.pages[0]!.regions.filter((region) => region.start < end && region.end > start);
  expect(boxes.length).toBeGreaterThan(0);
  for (const { x, y, width, height } of boxes) {
    expect(x).toBeGreaterThan(70);
    expect(x + width).toBeLessThan(530);
    expect(y).toBeGreaterThan(80);
    expect(y + height).toBeLessThan(400);
  }
  expect(text.slice(boxes[0]!.start, boxes.at(-1)!.end)).toBe(text.slice(start, end));
});

test("finds headings by their letters", async () => {
  const parsed = await parse("service-bulletin.pdf");
  const texts = blockTexts(parsed);
  expect(texts.filter((_, at) => parsed.blocks[at]?.kind === "heading")).toEqual([
    "1. Winter berthing",
    "2. The sluice at Harl Lock",
    "3. Inspection of the radar",
    "4. Changes of staff",
  ]);
  expect(parsed.blocks.at(-1)?.headings).toEqual(["4. Changes of staff"]);
});

test("reads columns one after the other and joins words cut at line ends", async () => {
  const text = textOf(await parse("two-columns.pdf"));
  expect(text).toContain("the sound stays below fifteen degrees even in August");
  expect(text).toContain("laid on the sea floor twenty times at each station. All stations lie between the lighthouse");
});

test("reads Chinese without blanks at line ends", async () => {
  const parsed = await parse("chinese.pdf");
  expectWellFormed(parsed);
  expect(parsed.language).toBe("zh");
  expect(textOf(parsed)).toContain("大潮时水位可达四百一十二厘米，此时下闸门关闭，任何船只不得通过。");
});

test("C4 a password, damage and a missing text layer are told apart", async () => {
  await expect(parse("protected.pdf")).rejects.toMatchObject({ code: "document_encrypted" });
  await expect(parse("truncated.pdf")).rejects.toMatchObject({ code: "document_corrupt" });
  await expect(parse("image-only.pdf")).rejects.toMatchObject({
    code: "document_no_text",
    message: "PDF has no text layer (0 of 2 pages have text). Run OCR first.",
  });
});

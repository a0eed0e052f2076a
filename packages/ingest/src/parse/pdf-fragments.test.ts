import { expect, test } from "vitest";
import type { PdfBlock } from "./pdf-block.ts";
import { mergeFragments } from "./pdf-fragments.ts";

/** A block of lines 12 points apart from `y` on, 16 points high each, as PDFs with their own leading are. */
function block(
  y: number,
  texts: readonly string[],
  over: Partial<PdfBlock> & { x?: number; right?: number } = {},
): PdfBlock {
  const { x = 57, right = 510, size = 10, ...rest } = over;
  const lines = texts.map((text, at) => {
    const place = { x, y: y + 12 * at, width: right - x, height: 16 };
    return { text, x, y: place.y, right, bottom: place.y + 16, words: [{ text, size, item: at, ...place }] };
  });
  const frame = { top: y, bottom: lines.at(-1)!.bottom, size, rows: [], hasHeader: false, loose: false };
  return { kind: "paragraph", lines, ...frame, ...rest };
}
const textsOf = (blocks: readonly PdfBlock[]): string[] =>
  mergeFragments(blocks).map(({ lines }) => lines.map(({ text }) => text).join(" "));

test("a paragraph's first line that the layout model left out joins it again, in Latin and Chinese", () => {
  const latin = [block(70, ["The packages of the"], { x: 72, loose: true }), block(82, ["Debian archive are there."])];
  expect(textsOf(latin)).toEqual(["The packages of the Debian archive are there."]);
  const chinese = [block(70, ["本章说明如何安装"], { loose: true }), block(82, ["和配置软件包。"])];
  expect(textsOf(chinese)).toHaveLength(1);
});

test.each([
  ["stands apart", block(40, ["Chapter 5"], { loose: true })],
  ["is short", block(70, ["Chapter 5"], { loose: true, right: 120 })],
  ["ends a sentence", block(70, ["All of it was said."], { loose: true })],
  ["is set in other letters", block(70, ["A line above the text"], { loose: true, size: 14 })],
])("a loose line that %s stays by itself", (_, line) => {
  expect(mergeFragments([line, block(82, ["the text goes on."])])).toHaveLength(2);
});

test("a sentence cut where its font changes is one paragraph, and a new sentence is not", () => {
  expect(textsOf([block(70, ["It asks for the"]), block(82, ["kernel package."])])).toHaveLength(1);
  expect(textsOf([block(70, ["It asks."]), block(82, ["kernel package."])])).toHaveLength(2);
});

import { expect, test } from "vitest";
import type { PdfBlock } from "./pdf-block.ts";
import { mergeFragments } from "./pdf-fragments.ts";
import { pdfBlockOf as block } from "../testing/pdf-block-of.ts";

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

test("a Chinese line that fills the column without a full stop goes on, a short one does not", () => {
  const full = block(70, ["sudo 程序是为了使一个系统管理员可以给用户受限的权限并记录活动，只需要一个普通用"]);
  expect(textsOf([full, block(82, ["户的密码。"])])).toHaveLength(1);
  expect(textsOf([block(70, ["用户家目录"], { right: 110 }), block(82, ["户的密码。"])])).toHaveLength(2);
});

import { expect, test } from "vitest";
import { blockTexts, expectWellFormed, fixture } from "../testing/parsed-invariants.ts";
import { parseDocument } from "./index.ts";

const parse = (text: string | Buffer) => parseDocument(Buffer.from(text as string), { name: "a.md", mediaType: null });

test("gives plain text, heading paths and the front matter's title", async () => {
  const parsed = await parse(
    "---\ntitle: A guide\n---\n# One\n\nSome *bold* [link](http://x.example).\n\n## Two\n\n> Quoted.\n",
  );
  expectWellFormed(parsed);
  expect(parsed.title).toBe("A guide");
  expect(blockTexts(parsed)).toEqual(["One", "Some bold link.", "Two", "Quoted."]);
  expect(parsed.blocks.at(-1)).toMatchObject({ kind: "quote", headings: ["One", "Two"] });
});

test("keeps a table as rows under its header and a listing as it stands", async () => {
  const parsed = await parse("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n```js\nif (x) {\n  y();\n}\n```\n");
  expect(blockTexts(parsed)).toEqual(["a | b\n1 | 2\n3 | 4", "if (x) {\n  y();\n}"]);
  expect(parsed.blocks[0]).toMatchObject({ kind: "table", header: "a | b" });
  expect(parsed.blocks[0]?.sentences).toHaveLength(3);
  expect(parsed.blocks[1]?.kind).toBe("code");
});

test("numbers the items of ordered lists and leaves bullets out", async () => {
  const parsed = await parse("3. three\n4. four\n\n- dot\n- [x] done\n");
  expect(blockTexts(parsed)).toEqual(["3. three", "4. four", "dot", "[x] done"]);
});

test("joins soft line breaks: a blank in English, nothing in Chinese", async () => {
  expect(blockTexts(await parse("one\ntwo"))).toEqual(["one two"]);
  expect(blockTexts(await parse("渡轮九点\n开船。"))).toEqual(["渡轮九点开船。"]);
});

test("reads HTML inside and drops its scripts", async () => {
  expect(blockTexts(await parse("<div><p>Kept</p><script>gone()</script></div>\n"))).toEqual(["Kept"]);
});

test.each(["lorekeep-handbook.md", "lorekeep-handbook.zh.md"])("reads %s", async (name) => {
  const parsed = await parse(fixture(name));
  expectWellFormed(parsed);
  expect(parsed.language).toBe(name.includes("zh") ? "zh" : "en");
  const table = parsed.blocks.find(
    ({ start, end }, at) => blockTexts(parsed)[at]?.includes("ERR-4711") === true && end > start,
  );
  expect(table).toMatchObject({ kind: "table" });
});

test("reads long sources section by section without losing anything", async () => {
  const section = `## Part\n\n${"Words and more words in this paragraph. ".repeat(40)}\n\n\`\`\`\n# not a heading\n\`\`\`\n\n`;
  const parsed = await parse(section.repeat(300));
  expectWellFormed(parsed);
  expect(parsed.blocks.filter(({ kind }) => kind === "heading")).toHaveLength(300);
  expect(parsed.blocks.filter(({ kind }) => kind === "code")).toHaveLength(300);
});

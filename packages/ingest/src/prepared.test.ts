import { expect, test } from "vitest";
import { chunkPrepared } from "./prepared.ts";
import { countTokens } from "./testing/count-tokens.ts";
import { expectWellFormed, textOf } from "./testing/parsed-invariants.ts";

const OPTIONS = { countTokens, maxTokens: 20 };

test("H4 takes chunks as they are, with their pages", async () => {
  const chunks = [
    { text: "  First, as is.\nSecond line. ", page: 1 },
    { text: "第二段。", page: 2 },
    { text: "No page" },
  ];
  const { parsed, drafts } = await chunkPrepared(chunks, OPTIONS);
  expectWellFormed(parsed);
  expect(drafts.map(({ text }) => text)).toEqual(chunks.map(({ text }) => text));
  expect(drafts.map(({ page, pageEnd }) => [page, pageEnd])).toEqual([
    [1, 1],
    [2, 2],
    [null, null],
  ]);
  for (const { span, text, header } of drafts) {
    expect(textOf(parsed).slice(...span)).toBe(text);
    expect(header).toBeNull();
  }
  expect(parsed.pageCount).toBe(2);
});

test("H5 refuses a chunk that the model would cut", async () => {
  const chunks = [{ text: "fine" }, { text: "word ".repeat(40) }];
  await expect(chunkPrepared(chunks, OPTIONS)).rejects.toMatchObject({
    code: "context_too_long",
    details: { chunk: 1 },
  });
});

test("refuses chunks without text", async () => {
  await expect(chunkPrepared([{ text: "  " }], OPTIONS)).rejects.toMatchObject({ code: "document_empty" });
});

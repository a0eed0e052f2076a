import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChunkDraft, ParsedDocument } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import { chunkDocument } from "./chunk.ts";
import { contentHashOf, embeddedText } from "./embedded-text.ts";
import { parseDocument } from "./parse/index.ts";
import { countTokens } from "./testing/count-tokens.ts";
import { fixture, textOf } from "./testing/parsed-invariants.ts";

const OPTIONS = { maxTokens: 120, overlapTokens: 24, countTokens };
const read = (text: string | Buffer, name = "a.md"): Promise<ParsedDocument> =>
  parseDocument(Buffer.from(text as string), { name, mediaType: null });

/** Every chunk is within the limit and says the truth about itself; together they cover every visible character of the blocks. */
async function expectSound(parsed: ParsedDocument, drafts: readonly ChunkDraft[], maxTokens: number): Promise<void> {
  const text = textOf(parsed);
  const covered = new Uint8Array(text.length);
  const counts = await countTokens(drafts.map((draft) => embeddedText(draft)));
  drafts.forEach((draft, at) => {
    const body = text.slice(...draft.span);
    expect(draft.ordinal).toBe(at);
    expect(draft.text).toBe(draft.header === null ? body : `${draft.header}\n${body}`);
    expect(draft.tokenCount).toBe(counts[at]);
    expect(draft.tokenCount).toBeLessThanOrEqual(maxTokens);
    expect(draft.contentHash).toBe(contentHashOf(draft));
    covered.fill(1, ...draft.span);
  });
  for (const { start, end } of parsed.blocks)
    for (let at = start; at < end; at += 1) if (covered[at] === 0) expect(text[at]!.trim(), `offset ${at}`).toBe("");
}

describe("chunkDocument", () => {
  test.each([
    "lorekeep-handbook.md",
    "lorekeep-handbook.zh.md",
    "service-bulletin.pdf",
    "two-columns.pdf",
    "maintenance.docx",
    "stores.xlsx",
    "stories.epub",
    "bus.html",
    "crew.json",
    "readings.csv",
  ])("H5 chunks of %s stay within the embedder's tokens and cover the text", async (name) => {
    const parsed = await read(fixture(name), name);
    for (const maxTokens of [40, 120]) {
      const drafts = await chunkDocument(parsed, { ...OPTIONS, maxTokens });
      await expectSound(parsed, drafts, maxTokens);
    }
  });

  test("keeps a heading with what follows it", async () => {
    const parsed = await read(fixture("lorekeep-handbook.md"));
    const text = textOf(parsed);
    const headings = parsed.blocks
      .filter(({ kind }) => kind === "heading")
      .map(({ start, end }) => text.slice(start, end));
    for (const draft of await chunkDocument(parsed, OPTIONS))
      expect(headings).not.toContain(draft.text.split("\n").at(-1));
  });

  test("does not run one section into the next, unless the first is tiny", async () => {
    const parsed = await read(`# A\n\n${"Alpha text here. ".repeat(30)}\n\n# B\n\n${"Beta text here. ".repeat(30)}`);
    const drafts = await chunkDocument(parsed, { ...OPTIONS, maxTokens: 400 });
    expect(drafts.map(({ headings }) => headings)).toEqual([["A"], ["B"]]);
    const tiny = await chunkDocument(await read("# A\n\nShort.\n\n# B\n\nShort too.\n"), OPTIONS);
    expect(tiny).toHaveLength(1);
  });

  test("begins with whole sentences of the chunk before it, within the overlap", async () => {
    const sentences = Array.from({ length: 30 }, (_, at) => `Sentence number ${at} says something new.`);
    const drafts = await chunkDocument(await read(sentences.join(" ")), OPTIONS);
    expect(drafts.length).toBeGreaterThan(2);
    drafts.slice(1).forEach((draft, at) => {
      const before = drafts[at]!;
      expect(draft.span[0]).toBeLessThan(before.span[1]);
      expect(before.text.endsWith(draft.text.slice(0, before.span[1] - draft.span[0]).trim())).toBe(true);
      expect(draft.text).toMatch(/^Sentence number/);
    });
  });

  test("H2 no row is split, every later group repeats the header, and row 900 is found in one piece", async () => {
    const parsed = await read(fixture("readings.csv"), "readings.csv");
    const drafts = await chunkDocument(parsed, OPTIONS);
    const rows = new Set(textOf(parsed).split("\n"));
    for (const draft of drafts) {
      expect(draft.text).toMatch(/^Reading \| Station \| Date/);
      for (const line of draft.text.split("\n")) expect(rows).toContain(line);
    }
    const found = drafts.filter(({ text }) => text.includes("R-0900 |"));
    expect(found).toHaveLength(1);
    expect(found[0]!.text).toContain('R-0900 | Larkspur Quay | 2024-08-13 | 394 | 60 | Buoy 90 checked, "all well"');
    expect(found[0]!.header).toBe("Reading | Station | Date | Water level (cm) | Wind (km/h) | Remark");
  });

  test("H2 a long table of a document repeats its header too", async () => {
    const rows = Array.from({ length: 60 }, (_, at) => `| part ${at} | drawer ${at * 3} |`).join("\n");
    const drafts = await chunkDocument(await read(`| Part | Where |\n|---|---|\n${rows}\n`), OPTIONS);
    expect(drafts.length).toBeGreaterThan(3);
    expect(drafts[0]!.header).toBeNull();
    for (const draft of drafts) expect(draft.text).toMatch(/^Part \| Where\n/);
  });

  test("F3 a chunk over a page border names both pages", async () => {
    const parsed = await read(fixture("service-bulletin.pdf"), "a.pdf");
    const drafts = await chunkDocument(parsed, OPTIONS);
    const crossing = drafts.find(({ text }) => text.includes("between 380 and 412 centimetres"));
    expect(crossing).toMatchObject({ page: 1, pageEnd: 2 });
  });

  test("H5 cuts a sentence that no chunk can hold, and a row, without losing a character", async () => {
    for (const [source, name] of [
      ["word, and another ".repeat(300), "a.txt"],
      ["字".repeat(900), "a.txt"],
      ["😀".repeat(400), "a.txt"],
      [`name,text\nx,${"long ".repeat(500)}\n`, "a.csv"],
      [`${"header cell ".repeat(100)},b\n1,2\n`, "a.csv"],
      [`# ${"Heading ".repeat(200)}\n\nText.`, "a.md"],
    ] as const) {
      const parsed = await read(source, name);
      const drafts = await chunkDocument(parsed, OPTIONS);
      await expectSound(parsed, drafts, OPTIONS.maxTokens);
      for (const { text } of drafts) expect(text.isWellFormed()).toBe(true);
    }
  });

  test("H5 a tokenizer whose counts do not add up still gets no chunk over the limit", async () => {
    const superAdditive = async (texts: readonly string[]): Promise<number[]> =>
      texts.map((text) => Math.ceil(text.length ** 1.15 / 4));
    const parsed = await read(fixture("lorekeep-handbook.md"));
    const drafts = await chunkDocument(parsed, { ...OPTIONS, countTokens: superAdditive });
    for (const draft of drafts) expect((await superAdditive([draft.text]))[0]).toBeLessThanOrEqual(OPTIONS.maxTokens);
    expect(Math.max(...drafts.map(({ span }) => span[1]))).toBe(parsed.blocks.at(-1)!.end);
  });

  test("partitions documents of any structure", async () => {
    const block = fc.oneof(
      fc.integer({ min: 1, max: 4 }).map((level) => `${"#".repeat(level)} Heading`),
      fc.integer({ min: 1, max: 30 }).map((count) => "A sentence of some words. ".repeat(count)),
      fc.integer({ min: 1, max: 30 }).map((count) => "渡轮九点开船。".repeat(count)),
      fc.integer({ min: 1, max: 20 }).map((count) => `| a | b |\n|---|---|\n${"| 1 | two |\n".repeat(count)}`),
      fc.integer({ min: 1, max: 20 }).map((count) => `\`\`\`\n${"let x = 1;\n".repeat(count)}\`\`\``),
      fc.integer({ min: 1, max: 9 }).map((count) => "- item of a list\n".repeat(count)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(block, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 32, max: 200 }),
        fc.integer({ min: 0, max: 60 }),
        async (blocks, maxTokens, overlapTokens) => {
          const parsed = await read(blocks.join("\n\n"));
          await expectSound(parsed, await chunkDocument(parsed, { countTokens, maxTokens, overlapTokens }), maxTokens);
        },
      ),
      { seed: 9, numRuns: 60 },
    );
  });

  test("gives the event loop its turn and stops when told", async () => {
    const parsed = await read("A sentence of some words to count. ".repeat(20_000), "a.txt");
    let turns = 0;
    const controller = new AbortController();
    const timer = setInterval(() => {
      turns += 1;
      if (turns === 3) controller.abort();
    }, 1);
    try {
      await expect(chunkDocument(parsed, { ...OPTIONS, signal: controller.signal })).rejects.toMatchObject({
        code: "aborted",
      });
    } finally {
      clearInterval(timer);
    }
    expect(turns).toBeLessThan(15);
  });

  test("passes on what the counter throws", async () => {
    const failing = async (): Promise<number[]> => {
      throw new AppError("model_failed", "No.");
    };
    await expect(chunkDocument(await read("Text."), { ...OPTIONS, countTokens: failing })).rejects.toMatchObject({
      code: "model_failed",
    });
  });
});

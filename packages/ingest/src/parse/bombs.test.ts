/** S2 with the real parser child: what is made to exhaust it ends in text or a clean error, and the next file is read. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError, type Parser } from "@lorekeep/core";
import { recordingLogger } from "@lorekeep/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openParserPool } from "../parser-pool.ts";
import { HOSTILE_ARCHIVES, HOSTILE_PDFS, pixelBomb, wordFile } from "../testing/hostile-files.ts";
import { textOf } from "../testing/parsed-invariants.ts";

/** Alone each takes at most two seconds of computing; a busy machine may need long for them. */
const PATIENCE_MS = 300_000;
const ENDS = ["document_bomb", "document_corrupt", "document_no_text", "document_parse_memory", "parser_crashed"];
let pool: Parser;
let folder: string;
beforeAll(async () => {
  pool = openParserPool({ processes: 1, memoryBytes: 1_000_000_000, timeoutMs: 120_000, logger: recordingLogger() });
  folder = await mkdtemp(join(tmpdir(), "lorekeep-bombs-"));
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

/** The text that came of it, or the code of the error. */
async function read(bytes: Buffer): Promise<{ text: string } | { code: string }> {
  const path = join(folder, "file");
  await writeFile(path, bytes);
  try {
    return { text: textOf(await pool.parse({ path, name: "file", mediaType: null })) };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code };
    throw error;
  }
}

describe("S2 PDFs made to exhaust their reader", () => {
  test.each(Object.keys(HOSTILE_PDFS))("S2 %s", { timeout: PATIENCE_MS }, async (name) => {
    const outcome = await read(HOSTILE_PDFS[name]!());
    if ("code" in outcome) expect(ENDS).toContain(outcome.code);
    else expect(outcome.text).toBe("Harbour office hours");
    expect(await read(Buffer.from("Still here."))).toEqual({ text: "Still here." });
  });
});

const ARCHIVES: readonly (readonly [name: string, outcome: { text: string } | { code: string }])[] = [
  ["a million entries", { code: "document_bomb" }],
  ["a sheet that says it is gigabytes", { code: "document_bomb" }],
  ["a sheet that is a hundred megabytes and says it is a kilobyte", { code: "document_corrupt" }],
  ["a million equal shared strings", { code: "document_bomb" }],
  ["one long shared string, shown a hundred times", { code: "document_bomb" }],
  ["entities in shared strings", { text: "&i;" }],
  ["entities in a Word file", { code: "document_corrupt" }],
  ["a Word file whose text is a symbolic link", { text: "/etc/passwd" }],
  ["a Word file with a picture of 60,000 pixels a side", { text: "Harbour office hours" }],
  ["a book with a picture of 60,000 pixels a side", { text: "Harbour office hours" }],
  ["archives in archives", { code: "document_format_unsupported" }],
];

describe("S2 archives made to exhaust their reader", () => {
  test.each(ARCHIVES)("S2 %s", { timeout: PATIENCE_MS }, async (name, outcome) => {
    expect(await read(HOSTILE_ARCHIVES[name]!())).toEqual(outcome);
    expect(await read(wordFile("Still here."))).toEqual({ text: "Still here." });
  });

  test("S2 entities in a book are left unexpanded", { timeout: PATIENCE_MS }, async () => {
    const outcome = await read(HOSTILE_ARCHIVES["entities in a book"]!());
    expect("text" in outcome && outcome.text.length).toBeLessThan(40);
  });

  test(
    "S2 ten thousand rows with one cell at the far right keep their cells only",
    { timeout: PATIENCE_MS },
    async () => {
      const outcome = await read(HOSTILE_ARCHIVES["ten thousand rows with one cell at the far right"]!());
      expect("text" in outcome ? outcome.text.split("\n").length : outcome.code).toBe(10_000);
    },
  );

  test("S2 a picture that claims 60,000 pixels a side is never decoded", { timeout: PATIENCE_MS }, async () => {
    expect(await read(pixelBomb())).toEqual({ code: "document_format_unsupported" });
  });
});

describe("S2 text made to exhaust its reader", () => {
  test(
    "S2 entities that stand for a thousand million others stay as they are written",
    { timeout: PATIENCE_MS },
    async () => {
      const more = Array.from({ length: 9 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`);
      const outcome = await read(Buffer.from(`<!DOCTYPE a [<!ENTITY a0 "ha">${more.join("")}]><a>&a9;</a>`));
      expect("text" in outcome ? outcome.text.length : outcome.code).toBeLessThan(1_000);
    },
  );

  test("S2 brackets in brackets, a hundred thousand deep", { timeout: PATIENCE_MS }, async () => {
    const json = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const outcome = await read(Buffer.from(json));
    expect("code" in outcome ? ENDS : [outcome.text]).toContain("code" in outcome ? outcome.code : json);
    expect(await read(Buffer.from("Still here."))).toEqual({ text: "Still here." });
  });
});

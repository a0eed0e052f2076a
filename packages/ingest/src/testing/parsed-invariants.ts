/** What must hold for every parsed document, whatever the bytes; and the ways in which parsing may fail. */
import { readFileSync } from "node:fs";
import { AppError, type ParsedDocument } from "@lorekeep/core";
import { expect } from "vitest";
import { parseDocument } from "../parse/index.ts";

export const FIXTURES = new URL("../../../../fixtures/documents/", import.meta.url);
export const fixture = (name: string): Buffer => readFileSync(new URL(name, FIXTURES));

export const textOf = (parsed: ParsedDocument): string => parsed.pages.map((page) => page.text).join("");

/** Texts of all blocks, in order. */
export function blockTexts(parsed: ParsedDocument): string[] {
  const text = textOf(parsed);
  return parsed.blocks.map(({ start, end }) => text.slice(start, end));
}

export function expectWellFormed(parsed: ParsedDocument): void {
  let position = 0;
  for (const [ordinal, page] of parsed.pages.entries()) {
    expect(page.ordinal).toBe(ordinal);
    expect(page.start).toBe(position);
    position += page.text.length;
    for (const region of page.regions) {
      expect(region.start).toBeGreaterThanOrEqual(page.start);
      expect(region.end).toBeGreaterThan(region.start);
      expect(region.end).toBeLessThanOrEqual(position);
    }
  }
  expect(parsed.blocks.length).toBeGreaterThan(0);
  const text = textOf(parsed);
  expect(text.isWellFormed()).toBe(true);
  let end = 0;
  for (const block of parsed.blocks) {
    expect(block.start).toBeGreaterThanOrEqual(end);
    expect(block.end).toBeGreaterThan(block.start);
    expect(text.slice(end, block.start).trim()).toBe("");
    expect(block.sentences[0]?.[0]).toBe(block.start);
    expect(block.sentences.at(-1)?.[1]).toBe(block.end);
    block.sentences.slice(1).forEach((sentence, at) => expect(sentence[0]).toBe(block.sentences[at]![1]));
    end = block.end;
  }
  expect(text.slice(end).trim()).toBe("");
}

/** Text that holds together, or one of the codes that the parser port names; anything else fails the test. */
export async function parseHostile(bytes: Uint8Array, name: string): Promise<string> {
  try {
    expectWellFormed(await parseDocument(bytes, { name, mediaType: null }));
    return "text";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(CLEAN_CODES).toContain(error.code);
    return error.code;
  }
}

const CLEAN_CODES = [
  "document_empty",
  "document_encrypted",
  "document_corrupt",
  "document_format_unsupported",
  "document_no_text",
  "document_bomb",
  "document_parse_memory",
];

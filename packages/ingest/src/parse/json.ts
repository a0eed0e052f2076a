/**
 * JSON and JSON lines as text for people: one line a value, `path: value`, and each element of a list of records is a block
 * of its own. Numbers are shown as written, so that long ids keep their digits. The walk keeps its own stack.
 */
import { AppError } from "@lorekeep/core";
import type { DraftBlock, DraftDocument } from "./draft.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
const MAX_DEPTH = 200;

/** A file that is called JSON but holds lines of JSON is read as such. Throws document_corrupt, document_bomb. */
export function parseJsonText(source: string, format: "json" | "jsonl"): DraftDocument {
  if (format === "jsonl") return draftOf([readLines(source)]);
  try {
    return draftOf([readJson(source)]);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "document_corrupt" || !/\}[ \t\r]*\n\s*\{/.test(source))
      throw error;
    return draftOf([readLines(source)]);
  }
}

function readLines(source: string): Json[] {
  const records: Json[] = [];
  for (const line of source.split(/\r\n?|\n/)) if (line.trim() !== "") records.push(readJson(line));
  return records;
}

function readJson(source: string): Json {
  try {
    // The third argument is the text that the number was read from (ES2025); the result has only JSON's own shapes.
    return JSON.parse(source, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === "number" && context?.source !== undefined && String(value) !== context.source
        ? context.source
        : value,
    ) as Json;
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new AppError("document_bomb", "The JSON is nested too deeply to be read.", {}, { cause });
    throw new AppError("document_corrupt", "The file is not valid JSON.", {}, { cause });
  }
}

const isRecord = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function draftOf(roots: readonly Json[]): DraftDocument {
  const blocks: DraftBlock[] = [];
  let title: string | null = null;
  for (const root of roots) {
    if (isRecord(root) && typeof root.title === "string") title = root.title;
    pushValue(blocks, root, [], 0);
  }
  return { title, pageCount: null, pages: [{ page: null, label: null, blocks }], warnings: [] };
}

/** Lists of records and records of records open up into blocks; what is left is printed. */
function pushValue(blocks: DraftBlock[], value: Json, path: readonly string[], depth: number): void {
  if (depth > MAX_DEPTH) throw new AppError("document_bomb", "The JSON is nested too deeply to be read.", { depth });
  if (isList(value) && value.some(isRecord)) {
    if (path.length > 0) blocks.push({ kind: "heading", level: Math.min(6, path.length), text: path.join(" / ") });
    for (const item of value) {
      const lines: string[] = [];
      printValue(lines, item, "", depth + 1);
      pushLines(blocks, lines);
    }
    return;
  }
  if (!isRecord(value)) {
    const lines: string[] = [];
    printValue(lines, value, path.at(-1) ?? "", depth);
    pushLines(blocks, lines);
    return;
  }
  const plain: string[] = [];
  const nested: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (isRecord(item) || (isList(item) && item.some(isRecord))) nested.push([key, item]);
    else printValue(plain, item, key, depth + 1);
  }
  if (path.length > 0 && plain.length > 0)
    blocks.push({ kind: "heading", level: Math.min(6, path.length), text: path.join(" / ") });
  pushLines(blocks, plain);
  for (const [key, item] of nested) pushValue(blocks, item, [...path, key], depth + 1);
}

function pushLines(blocks: DraftBlock[], lines: readonly string[]): void {
  if (lines.length > 0) blocks.push({ kind: "paragraph", text: lines.join("\n") });
}

function printValue(lines: string[], value: Json, name: string, depth: number): void {
  if (depth > MAX_DEPTH) throw new AppError("document_bomb", "The JSON is nested too deeply to be read.", { depth });
  if (isRecord(value)) {
    for (const [key, item] of Object.entries(value))
      printValue(lines, item, name === "" ? key : `${name}.${key}`, depth + 1);
    return;
  }
  if (isList(value)) {
    if (value.every((item) => !isRecord(item) && !isList(item))) {
      const items = value.filter((item) => item !== null && item !== "").map(String);
      if (items.length > 0) lines.push(label(name, items.join(", ")));
    } else value.forEach((item, at) => printValue(lines, item, `${name}[${at}]`, depth + 1));
    return;
  }
  if (value !== null && value !== "") lines.push(label(name, String(value)));
}

const label = (name: string, text: string): string => (name === "" ? text : `${name}: ${text}`);

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readLayout, scrubPages } from "./scrub-pages.ts";

const PAGE_BYTES = 512;
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-scrub-"));
  path = join(folder, "a.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Small pages, so that there are several pointer-map pages; long values, so that there are overflow pages. */
function makeDatabase(vacuum: "INCREMENTAL" | "NONE"): void {
  const sqlite = new Database(path);
  sqlite.pragma(`page_size = ${PAGE_BYTES}`);
  sqlite.pragma(`auto_vacuum = ${vacuum}`);
  sqlite.exec("CREATE TABLE a (no INTEGER PRIMARY KEY, text TEXT); CREATE INDEX a_text ON a (text);");
  const insert = sqlite.prepare("INSERT INTO a (text) VALUES (?)");
  for (let at = 0; at < 300; at++) insert.run(`row ${at} ${"x".repeat((at * 37) % 900)}`);
  sqlite.close();
}

function scrubAll(): number {
  const file = openSync(path, "r+");
  try {
    const layout = readLayout(file);
    return scrubPages(file, layout, 1, layout.pageCount + 1);
  } finally {
    closeSync(file);
  }
}

function readRows(): unknown {
  const sqlite = new Database(path);
  try {
    expect(sqlite.pragma("integrity_check", { simple: true })).toBe("ok");
    return sqlite.prepare("SELECT * FROM a ORDER BY no").all();
  } finally {
    sqlite.close();
  }
}

/** Writes text into the gap of every page that looks like a leaf with room for it; returns how many. */
function soil(text: string): number {
  const bytes = readFileSync(path);
  const file = openSync(path, "r+");
  let soiled = 0;
  for (let start = PAGE_BYTES * 2; start < bytes.length; start += PAGE_BYTES) {
    const isLeaf = bytes[start] === 13;
    const gap = start + 8 + 2 * bytes.readUInt16BE(start + 3);
    const end = start + bytes.readUInt16BE(start + 5);
    if (!isLeaf || end - gap < text.length) continue;
    writeSync(file, text, gap);
    soiled += 1;
  }
  closeSync(file);
  return soiled;
}

describe("scrubbing", () => {
  test("A1 takes remains out of the gaps of pages and changes nothing else", () => {
    makeDatabase("INCREMENTAL");
    scrubAll();
    const clean = readFileSync(path);
    const rows = readRows();
    const soiled = soil("secret");
    expect(soiled).toBeGreaterThan(10);
    expect(readFileSync(path).includes("secret")).toBe(true);
    expect(scrubAll()).toBe(soiled);
    expect(readFileSync(path).equals(clean)).toBe(true);
    expect(scrubAll()).toBe(0);
    expect(readRows()).toEqual(rows);
  });

  test("leaves rows as they are, whatever SQLite had in the gaps", () => {
    makeDatabase("INCREMENTAL");
    const sqlite = new Database(path);
    sqlite.exec("DELETE FROM a WHERE no % 3 = 0; UPDATE a SET text = text || 'y' WHERE no % 2 = 0");
    sqlite.close();
    const rows = readRows();
    scrubAll();
    expect(readRows()).toEqual(rows);
  });

  test("refuses a file that has no pointer map", () => {
    makeDatabase("NONE");
    expect(scrubAll).toThrow(expect.objectContaining({ code: "database_incompatible" }));
  });
});

/**
 * Zeroes the unused middle of b-tree pages in a database file. `secure_delete` zeroes what is deleted where it stands,
 * but balancing a b-tree leaves copies of moved rows in the gap between a page's cell pointers and its cells; when such a
 * row is deleted later, the copy stays (https://www.sqlite.org/fileformat2.html#b_tree_pages). No reader ever looks there.
 *
 * The pointer map of an auto_vacuum file says for certain which pages are b-tree pages. The caller sees to it that the
 * file is the newest state: the write lock is held and the log is empty (compact.ts).
 */
import { readSync, writeSync } from "node:fs";
import { AppError } from "@lorekeep/core";

export interface FileLayout {
  readonly pageBytes: number;
  readonly usableBytes: number;
  readonly pageCount: number;
}

const HEADER_BYTES = 100;
const PENDING_BYTE = 0x40000000;
const POINTER_BYTES = 5;
/** Kinds of pages in the pointer map. */
const ROOT_PAGE = 1;
const TREE_PAGE = 5;
/** First byte of a b-tree page → length of its header. */
const TREE_HEADER_BYTES: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };
const PAGES_A_READ = 256;

/** Throws database_incompatible when the file is not a SQLite database with a pointer map. */
export function readLayout(file: number): FileLayout {
  const header = Buffer.alloc(HEADER_BYTES);
  readSync(file, header, 0, HEADER_BYTES, 0);
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const hasPointerMap = header.readUInt32BE(52) !== 0;
  if (header.toString("latin1", 0, 15) !== "SQLite format 3" || !hasPointerMap)
    throw new AppError("database_incompatible", "The database file has no pointer map, so it cannot be scrubbed.");
  return { pageBytes, usableBytes: pageBytes - header[20]!, pageCount: header.readUInt32BE(28) };
}

/** Scrubs pages [from, to) (1-based); returns how many had something in their gap. */
export function scrubPages(file: number, layout: FileLayout, from: number, to: number): number {
  const { pageBytes } = layout;
  const map = openPointerMap(file, layout);
  const pages = Buffer.alloc(PAGES_A_READ * pageBytes);
  let scrubbed = 0;
  for (let first = from; first < to; first += PAGES_A_READ) {
    const count = Math.min(PAGES_A_READ, to - first);
    readSync(file, pages, 0, count * pageBytes, (first - 1) * pageBytes);
    for (let at = 0; at < count; at++) {
      const pageNumber = first + at;
      if (!map.isTree(pageNumber)) continue;
      const gap = findGap(pages.subarray(at * pageBytes, (at + 1) * pageBytes), pageNumber);
      if (gap === null) continue;
      writeSync(file, Buffer.alloc(gap.length), 0, gap.length, (pageNumber - 1) * pageBytes + gap.start);
      scrubbed += 1;
    }
  }
  return scrubbed;
}

/** The gap of a b-tree page when anything but zeros is in it. */
function findGap(page: Buffer, pageNumber: number): { start: number; length: number } | null {
  const header = pageNumber === 1 ? HEADER_BYTES : 0;
  const headerBytes = TREE_HEADER_BYTES[page[header]!];
  if (headerBytes === undefined) return null;
  const start = header + headerBytes + 2 * page.readUInt16BE(header + 3);
  // 0 stands for 65536.
  const end = page.readUInt16BE(header + 5) || 65_536;
  if (end <= start || end > page.length) return null;
  return page.subarray(start, end).some((byte) => byte !== 0) ? { start, length: end - start } : null;
}

/** Which pages are b-tree pages; page 1 always is, and the map's own pages never are. */
function openPointerMap(file: number, { pageBytes, usableBytes }: FileLayout): { isTree(pageNumber: number): boolean } {
  const pagesPerMap = Math.floor(usableBytes / POINTER_BYTES) + 1;
  const pendingPage = Math.floor(PENDING_BYTE / pageBytes) + 1;
  const map = Buffer.alloc(pageBytes);
  let loaded = 0;
  return {
    isTree(pageNumber) {
      if (pageNumber === 1) return true;
      if (pageNumber === pendingPage) return false;
      let mapPage = Math.floor((pageNumber - 2) / pagesPerMap) * pagesPerMap + 2;
      if (mapPage === pendingPage) mapPage += 1;
      if (pageNumber <= mapPage) return false;
      if (mapPage !== loaded) {
        readSync(file, map, 0, pageBytes, (mapPage - 1) * pageBytes);
        loaded = mapPage;
      }
      const kind = map[POINTER_BYTES * (pageNumber - mapPage - 1)];
      return kind === ROOT_PAGE || kind === TREE_PAGE;
    },
  };
}

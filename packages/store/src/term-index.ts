/** Writes of the full-text index: terms in, rows out, and the merging that keeps it fast, in pieces of known size. */
import type { Database } from "better-sqlite3";
import { splitForIndex } from "./split-terms.ts";

export interface TermIndex {
  insert(chunk: { seq: number; generationNo: number; title: string; headings: string; text: string }): void;
  delete(seq: number): void;
  /** Merges about so many pages of 4 kB where segments have piled up; a few milliseconds for 64. */
  mergeSome(pages: number): void;
  /** One step towards a single segment without deleted terms; false when that is reached. */
  compactSome(pages: number): boolean;
}

/** The term that stands for a generation; users' terms never hold an underscore. */
export function scopeTerm(generationNo: number): string {
  return `g_${generationNo}`;
}

export function openTermIndex(sqlite: Database): TermIndex {
  const insert = sqlite.prepare("INSERT INTO chunk_terms (rowid, scope, title, headings, text) VALUES (?, ?, ?, ?, ?)");
  const remove = sqlite.prepare("DELETE FROM chunk_terms WHERE rowid = ?");
  // Bound numbers arrive as reals, which FTS5 does not take for a count.
  const merge = sqlite.prepare("INSERT INTO chunk_terms (chunk_terms, rank) VALUES ('merge', CAST(? AS INTEGER))");
  const totalChanges = sqlite.prepare("SELECT total_changes()").pluck();
  return {
    insert({ seq, generationNo, title, headings, text }) {
      insert.run(seq, scopeTerm(generationNo), splitForIndex(title), splitForIndex(headings), splitForIndex(text));
    },
    delete(seq) {
      remove.run(seq);
    },
    mergeSome(pages) {
      merge.run(pages);
    },
    compactSome(pages) {
      const before = totalChanges.get() as number;
      // Negative: merge whatever there is, not only levels that are full (https://sqlite.org/fts5.html#the_merge_command).
      merge.run(-pages);
      return (totalChanges.get() as number) - before >= 2;
    },
  };
}

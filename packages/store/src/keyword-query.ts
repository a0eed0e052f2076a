/** A user's words → an FTS5 expression. Every term is a quoted string, so operators in them are only text. */
import { splitForQuery } from "./split-terms.ts";
import type { QueryTerm } from "./split-terms.ts";
import { CHINESE_STOP_PAIRS, ENGLISH_STOP_WORDS } from "./stop-words.ts";

/** What a query asks for: its terms without stop words, unless nothing else is left. */
export function queryTerms(query: string): string[] {
  const terms = splitForQuery(query);
  const isShouted = !/\p{Ll}/u.test(query);
  const telling = terms.filter((term) => !isStopWord(term, isShouted));
  return (telling.length > 0 ? telling : terms).map(({ term }) => term);
}

/** `US` and `WHO` in a sentence of small letters are names, not pronouns. */
function isStopWord({ word }: QueryTerm, isShouted: boolean): boolean {
  if (CHINESE_STOP_PAIRS.has(word)) return true;
  if (!ENGLISH_STOP_WORDS.has(word.toLowerCase())) return false;
  const isName = !isShouted && word.length > 1 && word === word.toUpperCase();
  return !isName;
}

export function anyOf(terms: readonly string[]): string {
  return terms.map(quote).join(" OR ");
}

export function allOf(terms: readonly string[]): string {
  return terms.map(quote).join(" AND ");
}

function quote(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

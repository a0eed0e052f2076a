/**
 * Which passages say again what a better one says. Copies differ in case, spacing, a word or a closing line; templates differ in a
 * name or a number and look just as alike, yet say something else. So a passage repeats another when nearly all of its shingles
 * (runs of three words, or of three characters where there are no spaces: Broder 1997) are in it and what is left over is no name,
 * no number, no "not", no opposite and no word that it comes back to. Header rows of tables are left out: parts of one table share them by design.
 */
import type { Passage } from "@lorekeep/core";
import { passageBody } from "../passage-sentences.ts";
import { saysOpposite } from "../text/opposites.ts";
import { contentTerms, indexTerms } from "../text/terms.ts";
import type { Term } from "../text/terms.ts";

const SHINGLE_LENGTH = 3;
/** Share of a passage's shingles that the other one has. */
const REPEATS_FROM = 0.8;
/** Share of its distinct content terms that may be new; one always may. */
const NEW_TERMS_SHARE = 0.05;

const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}])[\p{L}\p{N}])+/gu;

const NEGATION = /\b(?:not?|never|without|cannot|neither|nor)\b|n['’]t\b|[不没沒非无無未勿]/giu;

interface Print {
  readonly shingles: ReadonlySet<string>;
  readonly terms: readonly Term[];
  readonly keys: ReadonlySet<string>;
  readonly negationCount: number;
}

/** The passages of which no better one says the same, in their order. `onRepeat` hears of the others. */
export function withoutRepeats(passages: readonly Passage[], onRepeat: (passage: Passage) => void): Passage[] {
  const kept: { readonly passage: Passage; readonly print: Print }[] = [];
  for (const passage of passages) {
    const print = printOf(passageBody(passage));
    const isRepeat = kept.some((better) => !areOverlapping(better.passage, passage) && repeats(print, better.print));
    if (isRepeat) onRepeat(passage);
    else kept.push({ passage, print });
  }
  return kept.map(({ passage }) => passage);
}

/** Whether `text` says nothing that `other` does not say. */
export function saysTheSame(text: string, other: string): boolean {
  return repeats(printOf(text), printOf(other));
}

/** Chunks of one document that share their overlap are merged, which says it once. */
function areOverlapping(left: Passage, right: Passage): boolean {
  return left.documentId === right.documentId && left.span[0] < right.span[1] && right.span[0] < left.span[1];
}

function repeats(print: Print, better: Print): boolean {
  let shared = 0;
  for (const shingle of print.shingles) if (better.shingles.has(shingle)) shared += 1;
  if (shared < REPEATS_FROM * print.shingles.size) return false;
  // A part of the better one has no wording of its own, so that it cannot turn it round.
  if (shared < print.shingles.size && turnsRound(print, better)) return false;
  const fresh = print.terms.filter(({ key }) => !better.keys.has(key));
  const freshKeys = new Set(fresh.map(({ key }) => key));
  if (freshKeys.size < fresh.length || fresh.some(({ kind }) => kind !== "word" && kind !== "pair")) return false;
  const termCount = new Set(print.terms.map(({ key }) => key)).size;
  return freshKeys.size <= Math.max(1, NEW_TERMS_SHARE * termCount);
}

function turnsRound({ keys, negationCount }: Print, better: Print): boolean {
  if (negationCount !== better.negationCount) return true;
  return saysOpposite([...keys], better.keys) || saysOpposite([...better.keys], keys);
}

function printOf(body: string): Print {
  const text = body.normalize("NFKC");
  const tokens = text.toLowerCase().match(TOKEN) ?? [];
  const shingles = new Set<string>();
  for (let at = 0; at + SHINGLE_LENGTH <= tokens.length; at += 1)
    shingles.add(tokens.slice(at, at + SHINGLE_LENGTH).join(" "));
  if (shingles.size === 0) shingles.add(tokens.join(" "));
  const negationCount = text.match(NEGATION)?.length ?? 0;
  return { shingles, terms: contentTerms(text), keys: indexTerms(text), negationCount };
}

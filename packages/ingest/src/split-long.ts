/**
 * A sentence that no chunk can hold is cut: at clauses, else at blanks, else between characters; never inside a surrogate
 * pair or before a combining mark. Nothing is lost: the pieces partition the text.
 */
import type { Span } from "@lorekeep/core";

const CLAUSE = /[,;:，、；：。！？.!?|)）\]】"”’\n—–]\s*/gu;
const BLANK = /\s+/gu;
const ATTACHED = /^(?:\p{M}|\u200D|\p{Emoji_Modifier})/u;

/** Cuts text into pieces of at most `maxLength` UTF-16 units; each cut is the last clause, blank or character that fits. */
export function* cutText(text: string, maxLength: number): Generator<Span> {
  let start = 0;
  while (text.length - start > maxLength) {
    const end = start + cutPoint(text.slice(start, start + maxLength + 4), maxLength);
    yield [start, end];
    start = end;
  }
  if (start < text.length) yield [start, text.length];
}

function cutPoint(window: string, maxLength: number): number {
  const half = Math.floor(maxLength / 2);
  return (
    lastEnd(window, CLAUSE, half, maxLength) ??
    lastEnd(window, BLANK, Math.floor(maxLength / 4), maxLength) ??
    safeCut(window, maxLength)
  );
}

function lastEnd(window: string, pattern: RegExp, from: number, to: number): number | null {
  let best: number | null = null;
  for (const match of window.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (end > to) break;
    if (end >= from) best = end;
  }
  return best;
}

function safeCut(window: string, maxLength: number): number {
  for (let at = maxLength; at > Math.max(1, maxLength - 16); at -= 1) {
    const isLow = /[\uDC00-\uDFFF]/.test(window[at] ?? "") && /[\uD800-\uDBFF]/.test(window[at - 1] ?? "");
    if (!isLow && !ATTACHED.test(window.slice(at, at + 2)) && window[at - 1] !== "\u200D") return at;
  }
  const isLow = /[\uDC00-\uDFFF]/.test(window[maxLength] ?? "");
  return isLow && maxLength > 1 ? maxLength - 1 : maxLength + (isLow ? 1 : 0);
}

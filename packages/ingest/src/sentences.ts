/**
 * Text → sentences, as half-open spans that partition it: nothing is dropped, blanks belong to the sentence before them.
 *
 * Unicode's own sentence rules (UAX #29, through Intl.Segmenter) do most of the work, Chinese and Japanese included; what
 * they get wrong is mended here: a dot after an abbreviation or an initial, a number after "fig." or "No.", and an opening
 * bracket left hanging before the sentence that it opens.
 */
import type { Language, Span } from "@lorekeep/core";

const segmenters = new Map<string, Intl.Segmenter>();
function segmenterFor(language: Language | undefined): Intl.Segmenter {
  const locale = language === "zh" ? "zh" : "en";
  let segmenter = segmenters.get(locale);
  if (segmenter === undefined) {
    segmenter = new Intl.Segmenter(locale, { granularity: "sentence" });
    segmenters.set(locale, segmenter);
  }
  return segmenter;
}

/** Never the end of a sentence when followed by anything on the same line. */
const TITLES =
  /(?:^|[\s("'“‘[（])(?:Dr|Mr|Mrs|Ms|Prof|Rev|Hon|Gen|Col|Lt|Capt|Sgt|St|Mt|vs|cf|viz|al|e\.\s?g|i\.\s?e|approx|ca|resp|incl|excl|Fig|Figs|Eq|Eqs|Sec|Secs|Ch|Tab|No|Nos|Vol|pp?|Art|Nr|bzw|z\.\s?B|d\.\s?h)\.\s*$/iu;
/** Ends a sentence unless a number, a lower-case word or punctuation follows. */
const SHORT_FORMS =
  /(?:^|[\s("'“‘[])(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Inc|Ltd|Co|Corp|Jr|Sr|etc|Ave|Rd|dept|est|min|max|hrs?|tel)\.\s*$/iu;
const INITIAL = /(?:^|[\s("'“‘.])\p{Lu}\.\s*$/u;
const COUNTRY_FORM = /(?:^|[\s("'“‘])(?:\p{Lu}\.){2,}\s*$/u;
const OPENERS = /[（〔［｛「『《〈【“‘(["']+$/u;
const ENDS_SENTENCE_CJK = /[。！？!?]\s*[）〕］｝」』》〉】”’)\]"']*\s*$/u;
const STARTS_CLOSER = /^[）〕］｝」』》〉】”’]+/u;
const LOOKBACK = 24;

function continues(before: string, after: string): boolean {
  if (/\n\s*$/.test(before)) return false;
  const tail = before.slice(-LOOKBACK);
  if (TITLES.test(tail)) return true;
  if (SHORT_FORMS.test(tail)) return /^[\s]*[\p{Nd}\p{Ll},;:)]/u.test(after);
  if (COUNTRY_FORM.test(tail))
    return /^\p{Lu}\p{L}*/u.test(after) && !/^(?:The|It|He|She|They|We|In|This|That|A|An)\b/.test(after);
  return INITIAL.test(tail) && /^\p{Lu}/u.test(after);
}

/** Where `text` between two breaks really ends: openers move to the next sentence, closers to this one. */
function adjust(text: string, start: number, end: number): number {
  const closers = STARTS_CLOSER.exec(text.slice(end, end + 8));
  if (closers !== null && ENDS_SENTENCE_CJK.test(text.slice(Math.max(start, end - 8), end)))
    return end + closers[0].length;
  const openers = OPENERS.exec(text.slice(Math.max(start, end - 8), end));
  if (openers !== null && end - openers[0].length > start && end < text.length) {
    const before = text.slice(Math.max(start, end - openers[0].length - 8), end - openers[0].length);
    if (ENDS_SENTENCE_CJK.test(before)) return end - openers[0].length;
  }
  return end;
}

/**
 * Spans of the sentences of `text`, in order; they partition [0, text.length). Empty text gives no span.
 * Offsets are UTF-16 code units. About 30 MB of text a second.
 */
export function splitSentences(text: string, language?: Language): Span[] {
  const spans: Span[] = [];
  if (text === "") return spans;
  let start = 0;
  for (const { index, segment } of segmenterFor(language).segment(text)) {
    const rawEnd = index + segment.length;
    if (rawEnd <= start) continue;
    const end = adjust(text, start, rawEnd);
    if (end < text.length && continues(text.slice(Math.max(start, end - LOOKBACK - 1), end), text.slice(end, end + 16)))
      continue;
    if (end <= start) continue;
    const blank = text.slice(start, end).trim() === "";
    const last = spans.at(-1);
    if (!blank) spans.push([start, end]);
    else if (last !== undefined) spans[spans.length - 1] = [last[0], end];
    if (!blank || last !== undefined) start = end;
  }
  return closePartition(spans, start, text.length);
}

/** Lines as sentences, for code, tables and lists of records; line breaks belong to the line before them. */
export function splitLines(text: string): Span[] {
  const spans: Span[] = [];
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf("\n", start);
    end = end < 0 ? text.length : end + 1;
    while (text[end] === "\n") end += 1;
    spans.push([start, end]);
    start = end;
  }
  return spans;
}

/** Blanks after the last sentence belong to it. */
function closePartition(spans: Span[], start: number, length: number): Span[] {
  if (start >= length) return spans;
  const last = spans.pop();
  spans.push(last === undefined ? [0, length] : [last[0], length]);
  return spans;
}

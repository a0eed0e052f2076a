/**
 * Which span is shown as the answer, and the sentences that hold it: the cell of a table that is asked for by its row and its column, else
 * what the reader marked. A mark in a line that only announces an answer, or in a
 * sentence about another identifier than the one asked for, is passed over; the next passage's is taken.
 */
import { holdsSpan } from "@lorekeep/core";
import type { Citation } from "@lorekeep/core";
import type { ShortAnswer } from "./answer-event.ts";
import { askedCell } from "./answers/asked-cell.ts";
import type { PackedPassage } from "./pack-context.ts";
import { passageSentences } from "./passage-sentences.ts";
import type { PassageSentence } from "./passage-sentences.ts";
import type { Question } from "./question.ts";
import type { PassageReading, Reading } from "./read-passages.ts";
import { MARK_FROM } from "./reader-weights.ts";
import { contentTerms } from "./text/terms.ts";

export interface Lead {
  readonly reading: Pick<PassageReading, "packed" | "span" | "text">;
  /** The neighbouring sentences that the span touches, mostly one: indexes among the passage's sentences, half-open. */
  readonly at: readonly [from: number, to: number];
}

/** The cell asked for, or the best mark that may stand as an answer; null without one. */
export function leadOf(
  question: Question,
  packed: readonly PackedPassage[],
  reading: Reading | null | undefined,
): Lead | null {
  const cell = askedCell(question, packed);
  if (cell !== null) return { reading: cell, at: [cell.at, cell.at + 1] };
  if (reading == null) return null;
  const others = strangersTo(question, packed);
  for (const candidate of reading.passages) {
    const { span } = candidate;
    if (span === null || candidate.score < MARK_FROM) continue;
    const sentences = passageSentences(candidate.packed.passage);
    const from = sentences.findIndex((sentence) => sentence.span[1] > span[0]);
    const to = sentences.findLastIndex((sentence) => sentence.span[0] < span[1]) + 1;
    if (from < 0 || to <= from) continue;
    const answers = (at: number): boolean => !isAnnouncement(sentences[at]!) && !others(sentences, at);
    if (Array.from({ length: to - from }, (_, i) => from + i).some(answers))
      return { reading: candidate, at: [from, to] };
  }
  return null;
}

export function shortAnswerOf({ packed, span, text }: Lead["reading"]): ShortAnswer | undefined {
  return span === null ? undefined : { text, chunkId: packed.passage.chunkId, span };
}

/** A mark that stands outside of what is cited is not the answer's: then undefined. */
export function citedShortAnswer(lead: Lead | null, citations: readonly Citation[]): ShortAnswer | undefined {
  const short = lead === null ? undefined : shortAnswerOf(lead.reading);
  if (lead === null || short === undefined) return undefined;
  const place = { documentId: lead.reading.packed.passage.documentId, span: short.span };
  return citations.some((citation) => holdsSpan(citation, place)) ? short : undefined;
}

/** A heading, a question, a table's head or a stub: such lines announce an answer, they are none. */
export function isAnnouncement({ kind, text }: PassageSentence): boolean {
  if (kind === "row") return false;
  if (kind === "column-names" || /[?？:：]$/u.test(text) || /^#{1,6}\s/.test(text)) return true;
  return !/[.!。！;；|]["”』」)]?$/u.test(text) && contentTerms(text).length < 4;
}

/**
 * A question about ERR-4711 is answered by a sentence that names it, or by one that goes on right after such a sentence without
 * naming another identifier. Where no sentence names it, every one may answer.
 */
function strangersTo(
  question: Question,
  packed: readonly PackedPassage[],
): (sentences: readonly PassageSentence[], at: number) => boolean {
  const wanted = question.terms.filter(({ kind }) => kind === "identifier").map(({ key }) => key);
  const names = (sentence: PassageSentence | undefined): boolean =>
    wanted.some((key) => sentence?.keys.has(key) === true);
  if (!packed.some(({ passage }) => passageSentences(passage).some(names))) return () => false;
  return (sentences, at) => {
    const sentence = sentences[at]!;
    if (names(sentence)) return false;
    const namesAnother = contentTerms(sentence.text).some(({ kind }) => kind === "identifier");
    return namesAnother || sentence.kind === "row" || !names(sentences[at - 1]);
  };
}

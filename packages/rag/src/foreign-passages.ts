/**
 * Passages in another language than the question. Words say nothing across languages, so a library of both would drown the one passage
 * that answers among many of the question's own language: it is judged, read and quoted by itself when it is the nearest in meaning.
 */
import type { Passage } from "@lorekeep/core";
import type { PackedContext } from "./pack-context.ts";
import type { Question } from "./question.ts";
import type { Reading } from "./read-passages.ts";

const isForeign = (question: Pick<Question, "language">, { language }: Pick<Passage, "language">): boolean =>
  language !== null && language !== "other" && language !== question.language;

/** Those of them, when the nearest in meaning is one of them and not all are; else none. */
export function foreignAmong(question: Pick<Question, "language">, passages: readonly Passage[]): Passage[] {
  const near = passages.filter(({ scores }) => scores.dense !== null);
  const nearest = near.toSorted((left, right) => right.scores.dense! - left.scores.dense!)[0];
  if (nearest === undefined || !isForeign(question, nearest)) return [];
  const foreign = passages.filter((passage) => isForeign(question, passage));
  return foreign.length === passages.length ? [] : foreign;
}

/** The context and what was read of it without the passages in the question's own language; as they are when none would be left. */
export function withoutOwnLanguage(
  question: Pick<Question, "language">,
  context: PackedContext,
  reading: Reading | null,
): { readonly context: PackedContext; readonly reading: Reading | null } {
  const packed = context.packed.filter(({ passage }) => isForeign(question, passage));
  if (packed.length === 0) return { context, reading };
  const passages = reading?.passages.filter((read) => isForeign(question, read.packed.passage)) ?? [];
  return { context: { ...context, packed }, reading: reading === null ? null : { ...reading, passages } };
}

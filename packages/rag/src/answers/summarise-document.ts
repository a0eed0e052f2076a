/**
 * A document → a summary in its own words: one or two central sentences for each section, in the order of the document, every one a
 * verbatim quote of its chunk. No generator: nothing can be in it that is not in the document.
 */
import type { Chunk, DocumentRecord, Passage } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import type { Run } from "../answer-run.ts";
import { passageSentences } from "../passage-sentences.ts";
import type { PassageSentence } from "../passage-sentences.ts";
import type { TermWeight } from "../text/term-weights.ts";
import { bagOf, centroidOf, pickCentral, rankCentral } from "./central-sentences.ts";
import type { Bag } from "./central-sentences.ts";
import type { AnswerPart } from "./lay-out-answer.ts";

/** A book is read from its beginning up to here. */
const MAX_CHUNKS = 600;
const CHUNKS_A_READ = 100;
const MAX_SECTIONS = 8;
const MAX_SENTENCES = 10;
/** Sections with more sentences than this may have two said of them. */
const LONG_SECTION = 12;
/** A document without headings is read in this many pieces at most. */
const PIECES = 4;
const PIECE_SENTENCES = 6;

export interface PlacedSentence {
  readonly passage: Passage;
  readonly sentence: PassageSentence;
}
interface Section {
  readonly heading: string | null;
  readonly items: readonly PlacedSentence[];
}

/** All live chunks of a document as passages that nobody searched for. Throws aborted. */
export async function readDocument(document: DocumentRecord, run: Run): Promise<Passage[]> {
  const passages: Passage[] = [];
  let cursor: string | undefined;
  do {
    throwIfAborted(run.signal);
    const page = await run.deps.passages.listChunks?.(document.id, { limit: CHUNKS_A_READ, cursor });
    passages.push(...(page?.items ?? []).map((chunk) => toPassage(chunk, document)));
    cursor = page?.nextCursor ?? undefined;
  } while (cursor !== undefined && passages.length < MAX_CHUNKS);
  return passages;
}

function toPassage(chunk: Chunk, document: DocumentRecord): Passage {
  const { id: chunkId, seq, documentId, collectionId, text, span, header, page, headings, tokenCount } = chunk;
  const { name: documentName, externalId, mediaType, language } = document;
  return {
    ...{ chunkId, seq, documentId, collectionId, text, span, header, page, headings, tokenCount },
    ...{ documentName, externalId, mediaType, language },
    scores: { dense: null, lexical: null, fused: 1 },
  };
}

/** `shown`: true for sentences that were said before ("show me more"). No parts when nothing is left to say. */
export function summarise(
  passages: readonly Passage[],
  weight: TermWeight,
  shown: (sentence: PassageSentence) => boolean = () => false,
): AnswerPart[] {
  const items = sentencesOf(passages);
  const whole = centroidOf(items.map(({ sentence }) => bagOf(sentence.readAs, weight)));
  const sections = sectionsOf(items);
  const said: Bag[] = items
    .filter(({ sentence }) => shown(sentence))
    .map(({ sentence }) => bagOf(sentence.readAs, weight));
  let left = MAX_SENTENCES - Math.min(sections.length, MAX_SECTIONS);
  const parts: AnswerPart[] = [];
  for (const { heading, items: inSection } of largest(sections)) {
    const isLong = inSection.length > LONG_SECTION && left > 0;
    const ranked = rankCentral(inSection, whole, weight).filter(({ item }) => !shown(item.sentence));
    const picked = pickCentral(ranked, said, isLong ? 2 : 1);
    said.push(...picked.map(({ bag }) => bag));
    if (picked.length > 1) left -= 1;
    const statements = picked
      .map(({ item }) => item)
      .toSorted((a, b) => a.sentence.span[0] - b.sentence.span[0])
      .map(({ passage, sentence }) => ({ text: sentence.readAs, passage, quote: sentence.text, span: sentence.span }));
    if (statements.length > 0) parts.push({ heading, form: "prose", statements });
  }
  return parts;
}

/** In reading order; what chunks repeat of each other is read once. */
function sentencesOf(passages: readonly Passage[]): PlacedSentence[] {
  let readUpTo = -1;
  return passages
    .toSorted((left, right) => left.span[0] - right.span[0])
    .flatMap((passage) => {
      const fresh = passageSentences(passage).filter(({ span }) => span[0] >= readUpTo);
      readUpTo = Math.max(readUpTo, ...fresh.map(({ span }) => span[1]));
      return fresh.map((sentence) => ({ passage, sentence }));
    });
}

/** By the shallowest level of headings that tells several sections apart; else pieces of even length without headings. */
function sectionsOf(items: readonly PlacedSentence[]): Section[] {
  const depth = Math.max(0, ...items.map(({ passage }) => passage.headings.length));
  for (let level = 0; level < depth; level++) {
    const sections = groupBy(items, ({ passage }) => passage.headings[level] ?? passage.headings.at(-1) ?? null);
    const named = sections.filter(({ heading }) => heading !== null);
    if (named.length >= 2) return sections;
  }
  const pieces = Math.min(PIECES, Math.ceil(items.length / PIECE_SENTENCES));
  const size = Math.ceil(items.length / Math.max(1, pieces));
  return Array.from({ length: pieces }, (_, at) => ({ heading: null, items: items.slice(at * size, (at + 1) * size) }));
}

function groupBy(items: readonly PlacedSentence[], headingOf: (item: PlacedSentence) => string | null): Section[] {
  const sections = new Map<string | null, PlacedSentence[]>();
  for (const item of items) {
    const heading = headingOf(item);
    const section = sections.get(heading);
    if (section === undefined) sections.set(heading, [item]);
    else section.push(item);
  }
  return [...sections].map(([heading, inSection]) => ({ heading, items: inSection }));
}

/** The sections that a short summary has room for, in the order of the document. */
function largest(sections: readonly Section[]): Section[] {
  const kept = new Set(sections.toSorted((a, b) => b.items.length - a.items.length).slice(0, MAX_SECTIONS));
  return sections.filter((section) => kept.has(section));
}

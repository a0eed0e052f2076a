/**
 * Takes what gone documents said out of a conversation, for every view of it and later out of its rows.
 *
 * Passages and citations of gone documents go. A sentence of an answer goes when it was cited to gone documents only, or
 * when it holds a word that only gone passages had: not in a passage that stays, not in what the user wrote. The second
 * rule is what covers answers without citations (stopped, or still streaming) and questions condensed from them. It may
 * take a harmless sentence along; a deleted secret that stays readable would be worse.
 */
import {
  passageMarkers,
  stem,
  type Citation,
  type DocumentId,
  type Message,
  type Passage,
  type Span,
  type TraceStep,
} from "@lorekeep/core";
import { indexTerms } from "./split-terms.ts";
import { ENGLISH_STOP_WORDS } from "./stop-words.ts";

const STOP_STEMS: ReadonlySet<string> = new Set([...ENGLISH_STOP_WORDS].map(stem));

export interface RestingMessage {
  readonly message: Message;
  /** Documents that this message quotes and that are gone. */
  readonly gone: ReadonlySet<DocumentId>;
}

/** The same messages without what is gone; untouched ones are the same objects. */
export function forgetQuotes(conversation: readonly RestingMessage[]): Message[] {
  if (conversation.every(({ gone }) => gone.size === 0)) return conversation.map(({ message }) => message);
  const forbidden = findForbiddenTerms(conversation);
  return conversation.map((resting) =>
    resting.message.role === "user" ? resting.message : forgetInMessage(resting, forbidden),
  );
}

function findForbiddenTerms(conversation: readonly RestingMessage[]): Set<string> {
  const forbidden = new Set<string>();
  const kept = new Set<string>();
  for (const { message, gone } of conversation) {
    if (message.role === "user") addTerms(message.text, kept);
    for (const passage of message.passages)
      addTerms(passageText(passage), gone.has(passage.documentId) ? forbidden : kept);
    for (const citation of message.citations)
      addTerms(`${citation.quote}\n${citation.documentName}`, gone.has(citation.documentId) ? forbidden : kept);
  }
  for (const term of kept) forbidden.delete(term);
  return forbidden;
}

function passageText(passage: Passage): string {
  return [passage.text, passage.documentName, ...passage.headings].join("\n");
}

function addTerms(text: string, terms: Set<string>): void {
  for (const term of indexTerms(text)) if (term.length > 1 && !STOP_STEMS.has(term)) terms.add(term);
}

function holds(text: string, forbidden: ReadonlySet<string>): boolean {
  return indexTerms(text).some((term) => forbidden.has(term));
}

function forgetInMessage({ message, gone }: RestingMessage, forbidden: ReadonlySet<string>): Message {
  const citations = message.citations.filter(({ documentId }) => !gone.has(documentId));
  const lost = message.citations.filter(({ documentId }) => gone.has(documentId));
  const markers = passageMarkers(message.passages);
  const unshown = markers.filter((_, at) => gone.has(message.passages[at]!.documentId));
  const cuts = findCuts(message.text, { lost, kept: citations, forbidden, unshown });
  // Quotes were all that it said: what is left of it only announced them.
  const isBare = message.extractive && lost.length > 0 && citations.length === 0;
  const text = isBare ? "" : cut(message.text, cuts);
  const condensed = message.condensedQuestion;
  return {
    ...message,
    text,
    citations: citations.map((citation) => ({ ...citation, answerSpan: shift(citation.answerSpan, cuts) })),
    shortAnswer: keepShortAnswer(message, gone),
    passages: keepPassages(message.passages, gone),
    condensedQuestion: condensed !== null && holds(condensed, forbidden) ? null : condensed,
    trace: message.trace.map((step) => forgetInTrace(step, forbidden)),
    reason: text === "" && message.text !== "" ? (message.reason ?? "sources_deleted") : message.reason,
  };
}

/** Those that stay keep the numbers by which the text cites them. */
function keepPassages(passages: readonly Passage[], gone: ReadonlySet<DocumentId>): readonly Passage[] {
  if (passages.every(({ documentId }) => !gone.has(documentId))) return passages;
  const markers = passageMarkers(passages);
  return passages
    .map((passage, at) => ({ ...passage, marker: markers[at]! }))
    .filter(({ documentId }) => !gone.has(documentId));
}

/** Verbatim of a passage: it goes with the passage, and when no passage is known to hold it. */
function keepShortAnswer(message: Message, gone: ReadonlySet<DocumentId>): Message["shortAnswer"] {
  const short = message.shortAnswer;
  if (!short) return short;
  const holder = [...message.passages, ...message.citations].find(({ chunkId }) => chunkId === short.chunkId);
  return holder !== undefined && !gone.has(holder.documentId) ? short : null;
}

interface Evidence {
  readonly lost: readonly Citation[];
  readonly kept: readonly Citation[];
  readonly forbidden: ReadonlySet<string>;
  /** Numbers of passages that go: a text that was stopped bears them without citations. */
  readonly unshown: readonly number[];
}

/** Ranges of the text to take out, ascending and apart from each other. */
function findCuts(text: string, { lost, kept, forbidden, unshown }: Evidence): Span[] {
  const lostMarkers = new Set([...lost.map(({ marker }) => marker), ...unshown]);
  for (const { marker } of kept) lostMarkers.delete(marker);
  const cuts: Span[] = [];
  for (const sentence of splitSentences(text, [...lost, ...kept])) {
    const cited = lost.some(({ answerSpan }) => overlaps(answerSpan, sentence));
    const held = kept.some(({ answerSpan, supported }) => supported && overlaps(answerSpan, sentence));
    if ((cited && !held) || holds(text.slice(...sentence), forbidden)) cuts.push(sentence);
    else cuts.push(...findMarkers(text, sentence, lostMarkers));
  }
  return cuts;
}

/** Sentences by punctuation, cut further where a citation's sentence begins or ends. They partition the text. */
function splitSentences(text: string, citations: readonly Citation[]): Span[] {
  const bounds = new Set([0, text.length]);
  for (const match of text.matchAll(/[.!?]+["')\]]*\s+|[。！？]+[”’」』）]*\s*|\n+/gu))
    bounds.add(match.index + match[0].length);
  for (const { answerSpan } of citations) {
    // Inside a citation's sentence there are no other bounds: an abbreviation's dot does not end it.
    for (const bound of bounds) if (bound > answerSpan[0] && bound < answerSpan[1]) bounds.delete(bound);
  }
  for (const { answerSpan } of citations)
    for (const bound of answerSpan) if (bound > 0 && bound < text.length) bounds.add(bound);
  const ordered = [...bounds].sort((a, b) => a - b);
  return ordered.slice(1).map((end, at) => [ordered[at]!, end] as const);
}

function findMarkers(text: string, [start, end]: Span, markers: ReadonlySet<number>): Span[] {
  if (markers.size === 0) return [];
  return [...text.slice(start, end).matchAll(/\s?\[(\d+)\]/g)]
    .filter((match) => markers.has(Number(match[1])))
    .map((match) => [start + match.index, start + match.index + match[0].length] as const);
}

function overlaps(a: Span, b: Span): boolean {
  return a[0] < b[1] && b[0] < a[1];
}

function cut(text: string, cuts: readonly Span[]): string {
  let kept = "";
  let position = 0;
  for (const [start, end] of cuts) {
    kept += text.slice(position, start);
    position = end;
  }
  kept += text.slice(position);
  return kept.trim() === "" ? "" : kept;
}

/** Where a span of the old text stands in the new one. */
function shift(span: Span, cuts: readonly Span[]): Span {
  const moved = (position: number) =>
    position -
    cuts.reduce(
      (removed, [start, end]) => removed + Math.max(0, Math.min(position, end) - Math.min(position, start)),
      0,
    );
  return [moved(span[0]), moved(span[1])];
}

function forgetInTrace(step: TraceStep, forbidden: ReadonlySet<string>): TraceStep {
  return { ...step, detail: forgetInValue(step.detail, forbidden) as TraceStep["detail"] };
}

function forgetInValue(value: unknown, forbidden: ReadonlySet<string>): unknown {
  if (typeof value === "string") return holds(value, forbidden) ? "" : value;
  if (Array.isArray(value)) return value.map((item) => forgetInValue(item, forbidden));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, forgetInValue(item, forbidden)]));
}

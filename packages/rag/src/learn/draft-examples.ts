/**
 * Documents → drafts of examples, by rule: no model writes training data here, so every question has a source that can be
 * pointed at, and every answer stands verbatim in its passage. Few and good: what does not turn into a question that a person
 * would ask is left out, and one rule or one document never fills the data set alone.
 */
import type { ExampleDraft, Language } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";
import { seededRandom, seedOf, shuffled } from "../evaluation/seeded-random.ts";
import { passageTitle } from "../prompt.ts";
import { contentTerms, distinctKeys } from "../text/terms.ts";
import { draftFromHeadings, draftFromQuestionLines } from "./draft-from-headings.ts";
import { draftFromSentences } from "./draft-from-sentences.ts";
import { draftFromLines, draftFromTable } from "./draft-from-tables.ts";
import type { Draft } from "./draft-from-tables.ts";
import { plainHeading, readPieces } from "./read-sections.ts";
import type { DraftDocument, DraftPassage } from "./read-sections.ts";

export interface DraftOptions {
  readonly limit?: number | undefined;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Found extends Draft {
  readonly passage: DraftPassage;
  readonly language: Language;
}

const MAX_SHARE_OF_RULE = 0.5;
const QUESTION_LENGTH: Readonly<Record<Language, readonly [number, number]>> = {
  en: [10, 160],
  zh: [5, 60],
  other: [10, 160],
};

/** Pending drafts, in the order of documents and passages; at most `limit`, spread over rules and passages by the seed. */
export function draftExamples(documents: readonly DraftDocument[], options: DraftOptions = {}): ExampleDraft[] {
  const { limit = Infinity, seed = 1, signal } = options;
  const shares = limit / Math.max(1, documents.length);
  const asked = new Set<string>();
  const drafts = documents.map((document) => {
    throwIfAborted(signal);
    const found = findDrafts(document).filter(({ question }) => !asked.has(question) && asked.add(question));
    // A document may fill up what shorter ones leave, but not more than twice its share.
    const kept = choose(found, Math.ceil(2 * shares), seedOf(document.documentId, seed));
    return kept.map((draft) => toExample(draft, document));
  });
  const all = drafts.flat();
  if (all.length <= limit) return all;
  const chosen = new Set(shuffled([...all.keys()], seededRandom(seed)).slice(0, limit));
  return all.filter((_, at) => chosen.has(at));
}

function findDrafts(document: DraftDocument): Found[] {
  const title = titleOf(document);
  const seen = new Set<string>();
  return document.passages.flatMap((passage) => {
    const language = detectLanguage(passage.text);
    if (language === "other") return [];
    return draftFromPassage(passage, title, language)
      .filter((draft) => isSound(draft, passage, language) && !seen.has(draft.question) && seen.add(draft.question))
      .map((draft) => ({ ...draft, passage, language }));
  });
}

function draftFromPassage(passage: DraftPassage, title: string | null, language: Language): Draft[] {
  const pieces = readPieces(passage);
  const bySection = pieces.flatMap((piece): Draft[] => {
    if (piece.kind === "table") return draftFromTable(piece, language);
    if (piece.kind === "heading") return [];
    return [...draftFromLines(piece.text, piece.heading, language), ...draftFromSentences(piece.sentences, language)];
  });
  const lines = draftFromQuestionLines(passage.text, language);
  return [...lines, ...draftFromHeadings(pieces, title, language), ...bySection];
}

/** The answer stands in the passage word for word, says something that the question does not, and both have a fair length. */
function isSound({ question, answer }: Draft, { text }: DraftPassage, language: Language): boolean {
  const [shortest, longest] = QUESTION_LENGTH[language];
  if (question.length < shortest || question.length > longest || !text.includes(answer)) return false;
  const known = new Set(distinctKeys(contentTerms(question)));
  return distinctKeys(contentTerms(answer)).some((key) => !known.has(key));
}

/** At most `count`, and no rule more than half of what the others allow. */
function choose(found: readonly Found[], count: number, seed: number): Found[] {
  if (found.length <= count) return [...found];
  const places = shuffled([...found.keys()], seededRandom(seed));
  const most = Math.max(1, Math.ceil(count * MAX_SHARE_OF_RULE));
  const used = new Map<string, number>();
  const first = places.filter((at) => {
    const rule = found[at]!.rule;
    used.set(rule, (used.get(rule) ?? 0) + 1);
    return used.get(rule)! <= most;
  });
  const chosen = [...first, ...places.filter((at) => !first.includes(at))].slice(0, count);
  return chosen.sort((left, right) => left - right).map((at) => found[at]!);
}

function toExample({ question, answer, passage, language }: Found, document: DraftDocument): ExampleDraft {
  const { documentId, name } = document;
  const title = passageTitle({ documentName: name, headings: passage.headings });
  return {
    externalId: `draft:${passage.chunkId}:${seedOf(question, 0).toString(36)}`,
    ...{ question, answer, rejectedAnswer: null, answerable: true, language },
    ...{ source: "document", group: documentId, split: "train", status: "pending", problems: [], messageId: null },
    passages: [{ title, text: passage.text, gold: true, documentId, chunkId: passage.chunkId }],
  };
}

/** The outermost heading that the whole document stands under, or the title that the parser found. */
function titleOf({ title, passages }: DraftDocument): string | null {
  const first = passages[0]?.headings[0];
  const isShared = first !== undefined && passages.every(({ headings }) => headings[0] === first);
  const found = plainHeading((isShared ? first : title) ?? "");
  return found === "" || found.length > 60 || /\.\p{L}{2,5}$/u.test(found) ? null : found;
}

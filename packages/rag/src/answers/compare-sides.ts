/**
 * "Compare A and B": each side is searched for by itself, so that the better known one does not crowd out the other, and is
 * answered in a cited part of its own. Two rows of equally headed tables become one table. A side that the passages say nothing
 * about is said to be missing; nothing is made up for it.
 */
import type { Language } from "@lorekeep/core";
import { rankSentences } from "../extract.ts";
import type { RankedSentence } from "../extract.ts";
import { leadOf } from "../lead.ts";
import type { PackedPassage } from "../pack-context.ts";
import type { PassageSentence } from "../passage-sentences.ts";
import type { Question } from "../question.ts";
import type { Reading } from "../read-passages.ts";
import type { SentenceMeaning } from "../sentence-meaning.ts";
import { coverage } from "../text/term-weights.ts";
import { indexTerms } from "../text/terms.ts";
import type { Side } from "./asked-for.ts";
import { toStatement } from "./further-sentences.ts";
import type { AnswerPart, Statement } from "./lay-out-answer.ts";

/** One side as it was searched for and read. */
export interface ReadSide {
  readonly side: Side;
  /** The name alone: what a sentence must be about. */
  readonly named: Question;
  /** The name with what both are compared by. */
  readonly asked: Question;
  readonly packed: readonly PackedPassage[];
  readonly reading: Reading | null;
  /** Measured where question and passages have no words in common. */
  readonly meaning?: SentenceMeaning | undefined;
}

const STATEMENTS_A_SIDE = 3;
/** Share of the name's telling words that a sentence must have in it, before it or above it. */
const NAMED_FROM = 0.6;
const NEARLY_FROM = 0.55;
const MEANS_FROM = 0.5;

/** Parts for both sides; null when nothing (more) is known of either. */
export function compareSides(
  sides: readonly [ReadSide, ReadSide],
  language: Language,
  isShown: (sentence: PassageSentence) => boolean = () => false,
): AnswerPart[] | null {
  const [left, right] = sides.map((side) => sentencesAbout(side)) as [RankedSentence[], RankedSentence[]]; // two in, two out
  const fresh = [left, right].map((ranked) => ranked.filter(({ sentence }) => !isShown(sentence)));
  if (fresh.every((ranked) => ranked.length === 0)) return null;
  const table = asTable(left, right, isShown);
  if (table !== null) return [table];
  const taken = new Set<string>();
  return sides.map(({ side, packed, reading, asked }, at): AnswerPart => {
    const statements = chooseStatements(fresh[at]!, leadSpan(asked, packed, reading), taken);
    const isKnown = [left, right][at]!.length > 0;
    return { heading: side.name, form: "prose", statements, otherwise: silence(side.name, language, isKnown) };
  });
}

/** Best first: those that name the side, or stand right after or under something that does. */
function sentencesAbout({ named, asked, packed, meaning }: ReadSide): RankedSentence[] {
  const ranked = rankSentences(asked, packed, meaning);
  const best = ranked[0]?.score ?? 0;
  return ranked.filter((item) => {
    if (item.features.isAnnouncement === 1 || item.score < NEARLY_FROM * best) return false;
    return meaning === undefined ? isAbout(named, item, ranked) : item.features.meaning >= MEANS_FROM;
  });
}

function isAbout(named: Question, item: RankedSentence, all: readonly RankedSentence[]): boolean {
  const { passage } = item.packed;
  const before = all.find((other) => other.packed === item.packed && other.at === item.at - 1);
  const own = item.sentence.keys;
  const above = indexTerms([passage.documentName, ...passage.headings].join("\n"));
  const around = new Set([...own, ...above, ...(item.sentence.kind === "row" ? [] : (before?.sentence.keys ?? []))]);
  return coverage(named.keys, item.sentence.kind === "row" ? own : around, named.weight) >= NAMED_FROM;
}

function leadSpan(asked: Question, packed: readonly PackedPassage[], reading: Reading | null) {
  const lead = leadOf(asked, packed, reading);
  return lead === null ? null : { packed: lead.reading.packed, span: lead.reading.span! };
}

/** What the reader marked, then the best; a document's sentences in their order. */
function chooseStatements(
  ranked: readonly RankedSentence[],
  lead: { packed: PackedPassage; span: readonly [number, number] } | null,
  taken: Set<string>,
): Statement[] {
  const isLead = ({ packed, sentence }: RankedSentence): boolean =>
    lead !== null && packed === lead.packed && sentence.span[0] < lead.span[1] && lead.span[0] < sentence.span[1];
  const ordered = [...ranked.filter(isLead), ...ranked.filter((item) => !isLead(item))];
  const keyOf = ({ packed, sentence }: RankedSentence): string => `${packed.passage.documentId}:${sentence.span[0]}`;
  const free = ordered.filter((item) => !taken.has(keyOf(item)));
  const chosen = (free.length > 0 ? free : ordered).slice(0, STATEMENTS_A_SIDE);
  for (const item of chosen) taken.add(keyOf(item));
  const documents = chosen.map(({ packed }) => packed.passage.documentId);
  const place = ({ packed }: RankedSentence): number => documents.indexOf(packed.passage.documentId);
  return chosen.toSorted((a, b) => place(a) - place(b) || a.sentence.span[0] - b.sentence.span[0]).map(toStatement);
}

/** When the best that is known of both are rows under the same column names. */
function asTable(
  left: readonly RankedSentence[],
  right: readonly RankedSentence[],
  isShown: (sentence: PassageSentence) => boolean,
): AnswerPart | null {
  const rows = [left[0], right[0]];
  const tables = rows.map((row) => row?.sentence.table);
  const columns = tables[0]?.columns;
  if (columns === undefined || tables[1] === undefined || columns.join("\n") !== tables[1].columns.join("\n"))
    return null;
  if (rows.every((row) => row !== undefined && isShown(row.sentence))) return null;
  const statements = rows.map((row) => ({
    ...toStatement(row!),
    cells: row!.sentence.table!.cells,
  }));
  return { heading: null, form: "table", columns, statements };
}

function silence(name: string, language: Language, isKnown: boolean): string {
  if (language === "zh") return isKnown ? `关于“${name}”没有更多内容。` : `文档中没有找到关于“${name}”的内容。`;
  return isKnown ? `There is nothing more about “${name}”.` : `Nothing about “${name}” was found in the documents.`;
}

/**
 * The cell of a table that a question asks for: its row is named whole ("Malaysia") and one column is ("2017"). A reader that learned
 * from prose takes the first number of a row or a sentence that sounds like the question; where both names are said there is
 * nothing to guess. Strict, since it is believed before the reader. F1 of the short answer to TAT-QA's span questions about tables (Zhu et
 * al. 2021), each asked of its own document: 0.34 → 0.67 on 40 questions over reports in Markdown that were looked at while the rule was
 * made; on 40 others, asked once it was mostly settled, 0.675 with it. The first 40 over tables in CSV files, with the reading of empty
 * cells: 0.18 → 0.49.
 */
import type { Span } from "@lorekeep/core";
import type { PackedPassage } from "../pack-context.ts";
import { passageSentences } from "../passage-sentences.ts";
import type { PassageSentence } from "../passage-sentences.ts";
import type { Question } from "../question.ts";
import { cellSpan, YEAR } from "../table-rows.ts";
import { coverage } from "../text/term-weights.ts";
import { contentTerms, distinctKeys, indexTerms } from "../text/terms.ts";

export interface AskedCell {
  readonly packed: PackedPassage;
  /** Of the row among the passage's sentences. */
  readonly at: number;
  /** Of the cell in the parsed text. */
  readonly span: Span;
  readonly text: string;
}

/** Row and column together say this much of the question; with what stands around them, this much. */
const NAMED_FROM = 0.4;
const SAID_FROM = 0.75;
/** What has to be reckoned from several cells, or is no cell at all. */
const RECKONED =
  /\b(?:change[ds]?|increase[ds]?|decrease[ds]?|differences?|growth|grew|grow|decline[ds]?|averages?|ratio|sum|between|combined|together|compared?|why|explain|describe|includes?|represents?)\b|\bhow (?:do|does|did|is|are|was|were|can)\b|变化|變化|增加|减少|減少|增长|增長|下降|差|平均|比例|合计|合計|为什么|為什麼|为何|為何|如何|怎么|怎麼/iu;
/** A person or a place, which no number is. */
const ASKS_NAME = /^\s*(?:and |but |so )?(?:who|whom|whose|where)\b|[谁誰]|哪[里裡儿兒]/iu;
/** Footnotes and units beside a name. */
const ASIDE = /[(（][^)）]*[)）]|[*†‡:：]/gu;

/** Null when none or more than one is asked for as clearly. */
export function askedCell(question: Question, packed: readonly PackedPassage[]): AskedCell | null {
  const found = new Map<string, AskedCell & Named>();
  const asked = indexTerms(question.text);
  for (const item of packed) {
    const { documentId, documentName, headings, text } = item.passage;
    const rows = passageSentences(item.passage).map((row, at) => ({ at, cell: cellOf(row, question, asked) }));
    if (rows.every(({ cell }) => cell === null)) continue;
    const around = indexTerms([documentName, ...headings, text].join("\n"));
    if (coverage(question.keys, around, question.weight) < SAID_FROM) continue;
    // Chunks may share rows.
    for (const { at, cell } of rows)
      if (cell !== null) found.set(`${documentId}:${cell.span[0]}`, { ...cell, packed: item, at });
  }
  const [best, ...others] = [...found.values()].sort((left, right) => right.said - left.said);
  if (best === undefined || best.said < NAMED_FROM || others.some((other) => rivals(best, other))) return null;
  return best;
}

/** "Past due" is no rival of "Total past due" where the total is asked for; a row with a name of its own is. */
const rivals = (best: Named, other: Named): boolean =>
  other.said >= best.said || !other.named.every((key) => best.named.includes(key));

interface Named extends Pick<AskedCell, "span" | "text"> {
  readonly named: readonly string[];
  readonly said: number;
}

function cellOf(row: PassageSentence, question: Question, asked: ReadonlySet<string>): Named | null {
  const { table } = row;
  if (table === undefined) return null;
  const { columns, cells } = table;
  const label = cells[0]!;
  const named = keysOf(label);
  if (named.length === 0 || !named.every((key) => asked.has(key))) return null;
  const own = new Set(named);
  const rest = question.text.replace(label, " ");
  if (RECKONED.test(rest)) return null;
  const matched = columns.map((name, at) =>
    at === 0 || cells[at] === ""
      ? []
      : keysOf(name).filter((key) => question.keys.includes(key) && (!own.has(key) || rest !== question.text)),
  );
  const strength = matched.map((keys) => keys.reduce((sum, key) => sum + question.weight(key), 0));
  const strongest = Math.max(...strength);
  const column = strength.indexOf(strongest);
  if (strongest === 0 || strength.lastIndexOf(strongest) !== column) return null;
  // Asked for 2017, a row that knows 2018 and 2019 says nothing.
  const held = new Set([...named, ...matched[column]!]);
  const years = question.keys.filter((key) => YEAR.test(key));
  if (years.some((year) => !held.has(year))) return null;
  const said = coverage(question.keys, held, question.weight);
  const [from, to] = cellSpan(row.text, column);
  const text = row.text.slice(from, to);
  if (ASKS_NAME.test(question.text) && !/\p{L}/u.test(text)) return null;
  return { span: [row.span[0] + from, row.span[0] + to], text, named, said };
}

const keysOf = (name: string): string[] => distinctKeys(contentTerms(name.replace(ASIDE, " ")));

/**
 * Rows of tables and lines "key: value" → questions for one cell each. The column's name decides how a person would ask for
 * it; a column whose name gives no natural question is left alone.
 */
import type { Language } from "@lorekeep/core";
import type { Piece } from "./read-sections.ts";

export interface Draft {
  readonly question: string;
  /** Verbatim text of the passage. */
  readonly answer: string;
  readonly rule: "table" | "row" | "definition" | "fact" | "heading" | "faq";
}

type Table = Extract<Piece, { kind: "table" }>;
const MAX_ROWS = 6;
/** Of a table that goes on from the chunk before. */
const MAX_CONTINUED_ROWS = 1;
const MAX_CELLS_PER_ROW = 2;
const YEAR_OR_DATE = /^(?:\d{4}|\d{1,2} \p{L}+ \d{4}|\d{4}-\d{2}-\d{2})$/u;
const NUMERIC = /^[\d.,\s]+(?:\s*[%\p{L}/²³°]{1,12})?$/u;
const PRICE = /^\p{Sc}?\s?\d+(?:,\d{3})*[.,]\d{2}\s?\p{Sc}?$/u;
const PARTICIPLE =
  /^(?:built|founded|opened|launched|created|established|released|introduced|completed|invented|born)$/i;
/** Rows that are kinds of something rather than things. */
const TAKES_FOR =
  /^(?:season|month|year|day|size|class|level|type|ticket|category|quarter|period|age|group|step|option|case)s?$/i;
const REMEDY = /^(?:what to do|action|remedy|solution|fix|how to fix(?: it)?|resolution|measure)$/i;

export function draftFromTable(table: Table, language: Language): Draft[] {
  const rows = evenly(
    table.rows.filter(([key]) => key !== undefined && isName(key)),
    table.continues ? MAX_CONTINUED_ROWS : MAX_ROWS,
  );
  return rows.flatMap((row, at) => {
    const drafts = table.columns.flatMap((column, place): Draft[] => {
      const value = row[place];
      if (place === 0 || value === undefined || value === "" || value === "-" || value === "–") return [];
      const ask = language === "zh" ? askChinese : askEnglish;
      const question = ask({ subject: row[0]!, kind: table.columns[0]!, column, value });
      return question === null ? [] : [{ question, answer: value, rule: "table" }];
    });
    // Other columns in other rows, so that a table is asked about all over.
    return [...drafts.slice(at % Math.max(1, drafts.length)), ...drafts].slice(
      0,
      Math.min(MAX_CELLS_PER_ROW, drafts.length),
    );
  });
}

interface Cell {
  readonly subject: string;
  /** Name of the first column: what the subject is. */
  readonly kind: string;
  readonly column: string;
  readonly value: string;
}

/** A corner without a name says nothing. */
const oneOf = (kind: string): string => (kind === "" ? "" : `the ${lowerFirst(kind)} `);

function askEnglish({ subject, kind, column, value }: Cell): string | null {
  const name = lowerFirst(column.replace(/\s*\([^)]*\)/g, "").trim());
  if (name === "" || /[?:;]|\d/.test(name) || name.split(" ").length > 4) return null;
  if (REMEDY.test(name)) return `What should I do about ${subject}?`;
  if (/^(?:meaning|stands for)$/.test(name)) return `What does ${subject} mean?`;
  if (/^(?:description|definition|what it is)$/.test(name)) return `What is ${subject}?`;
  if (name === "in stock") return `How many ${subject} are in stock?`;
  if (/^(?:cause|reason)$/.test(name)) return `What is the cause of ${subject}?`;
  if (PARTICIPLE.test(name)) return YEAR_OR_DATE.test(value) ? `When was ${subject} ${name}?` : null;
  if (PRICE.test(value)) return `How much is ${oneOf(kind)}“${subject}” (${name})?`;
  if (/^(?:contact|responsible|owner|manager|head|captain|author|person)\b/.test(name))
    return `Who is the ${name} of ${subject}?`;
  if (/^(?:date|time|departure|arrival|deadline)$/.test(name)) return `What is the ${name} of ${subject}?`;
  const isPlural = /^\p{Ll}+[^su]s\b/u.test(name);
  if (isPlural && /^[\d.,]+$/.test(value))
    return name.includes(" ") ? `How many ${name} are given for ${subject}?` : `How many ${name} does ${subject} have?`;
  // Adverbs and verbs make no "What is the …": only what looks like a noun is asked for.
  if (
    isPlural ||
    /ly$|ed$|^(?:one|is|has|can|remark|note|comment|yes|no|other|in|on|at|by|per|from|to|for|with|as|if)\b/.test(name)
  )
    return null;
  return `What is the ${name} ${TAKES_FOR.test(kind) ? `for “${subject}”` : `of ${subject}`}?`;
}

function askChinese({ subject, column, value }: Cell): string | null {
  const name = column.replace(/\s*[(（][^)）]*[)）]/g, "").trim();
  if (name === "" || name.length > 12 || /[?？:：]/.test(name)) return null;
  if (/^(?:含义|意思|含義)$/.test(name)) return `${subject}是什么意思？`;
  if (/^(?:说明|說明|描述)$/.test(name)) return `${subject}是什么？`;
  if (/处理|解决|办法|措施|處理|解決|對策|对策/.test(name)) return `遇到${subject}应该怎么办？`;
  if (/原因/.test(name)) return `${subject}的原因是什么？`;
  if (/备注|備註|其他/.test(name)) return null;
  if (PRICE.test(value)) return `${subject}${name}要多少钱？`;
  if (/年份/.test(name)) return `${subject}的${name}是哪一年？`;
  if (/日期|时间|時間/.test(name)) return `${subject}的${name}是什么时候？`;
  if (/^载/.test(name)) return `${subject}能${name}多少？`;
  if (/负责人|联系人|作者|姓名|負責人/.test(name)) return `${subject}的${name}是谁？`;
  return `${subject}的${name}是${NUMERIC.test(value) ? "多少" : "什么"}？`;
}

/** Lines "Key: value" of a paragraph that has at least two of them; the heading says whose they are. */
export function draftFromLines(text: string, heading: string, language: Language): Draft[] {
  const pairs = text.split("\n").flatMap((line) => {
    const match = /^(?:[-*•·]\s*)?([^:：|?？]{2,40})(?:: |：)\s*(\S.{0,160})$/u.exec(line.trim());
    return match === null ? [] : [{ key: match[1]!.trim(), value: match[2]!.trim() }];
  });
  // The heading must be a short name, or the question reads like a form.
  if (pairs.length < 2 || heading === "" || /[?？,，:：]/.test(heading) || heading.split(" ").length > 5) return [];
  return pairs.slice(0, MAX_ROWS).flatMap(({ key, value }): Draft[] => {
    if (/[.!,，。；;]/u.test(key) || key.split(" ").length > 4 || /^(?:q|a|问|答|note|注意|warning)$/iu.test(key))
      return [];
    const question =
      language === "zh"
        ? `${heading}的${key}是${NUMERIC.test(value) ? "多少" : "什么"}？`
        : `What ${/[^su]s$/.test(key) ? "are" : "is"} the ${lowerFirst(key)} of ${heading}?`;
    return [{ question, answer: value, rule: "row" }];
  });
}

/** Lower case unless it is an acronym or an inner capital says that it is a name. */
export function lowerFirst(text: string): string {
  return /^\p{Lu}(?:\p{Ll}|$|\s)/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** What stands in the first column names something: letters, not too long, no sentence. */
const isName = (key: string): boolean => /\p{L}/u.test(key) && key.length <= 60 && !/[.!?。！？]$/u.test(key);

export function evenly<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)]!);
}

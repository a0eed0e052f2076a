/**
 * Quoted statements in parts with headings → answer text in markdown, with a citation for every statement. Passages are numbered in
 * the order in which they are first cited. A citation covers its own statement and nothing beside it: headings, a note and what
 * we say ourselves are never claimed to be somebody's words.
 */
import { holdsSpan } from "@lorekeep/core";
import type { Citation, Passage, Span } from "@lorekeep/core";
import type { CitedAnswer } from "../cite.ts";
import type { PackedPassage } from "../pack-context.ts";

/** A verbatim piece of a passage, and how it is read out. */
export interface Statement {
  readonly text: string;
  readonly passage: Passage;
  /** What it is cited by, where the passage was merged from several chunks. */
  readonly chunk?: Passage | undefined;
  readonly quote: string;
  readonly span: Span;
  /** A row's cells, where the part is a table. */
  readonly cells?: readonly string[] | undefined;
}

export interface AnswerPart {
  readonly heading: string | null;
  readonly form: "prose" | "list" | "table";
  readonly columns?: readonly string[] | undefined;
  readonly statements: readonly Statement[];
  /** Our own words, said when there are no statements. */
  readonly otherwise?: string | undefined;
}

export interface LaidOutAnswer extends CitedAnswer {
  /** [n] is the n-th of these. */
  readonly passages: readonly Passage[];
}

/** `packed`: passages that have their numbers already; others get the next ones. */
export function layOutAnswer(parts: readonly AnswerPart[], packed: readonly PackedPassage[] = []): LaidOutAnswer {
  const passages = packed.map(({ passage }) => passage);
  const citations: Citation[] = [];
  let text = "";
  const markerOf = ({ passage, span }: Statement): number => {
    const { chunkId, documentId } = passage;
    // One chunk may have been merged with other neighbours elsewhere: what is cited holds the quote.
    const known = passages.findIndex((each) => each.chunkId === chunkId && holdsSpan(each, { documentId, span }));
    return known >= 0 ? known + 1 : passages.push(passage);
  };
  const say = (before: string, statement: Statement, after: string): void => {
    const { passage, chunk = passage, quote, span } = statement;
    const { chunkId, documentId, documentName, page } = chunk;
    const marker = markerOf(statement);
    text += before;
    const start = text.length;
    const said = statement.cells === undefined ? statement.text : cellsAsText(statement.cells);
    text += `${said} [${marker}]`;
    const answerSpan: Span = [start, text.length];
    text += after;
    citations.push({
      marker,
      chunkId,
      documentId,
      documentName,
      page,
      quote,
      span,
      answerSpan,
      supported: true,
      support: 1,
    });
  };
  for (const part of parts) {
    if (part.statements.length === 0 && part.otherwise === undefined) continue;
    if (text !== "") text += "\n\n";
    if (part.heading !== null) text += `### ${part.heading}\n\n`;
    if (part.statements.length === 0) text += part.otherwise!;
    if (part.form === "table" && part.columns !== undefined) text += tableHead(part.columns);
    for (const [at, statement] of part.statements.entries()) {
      if (part.form === "table") say("\n| ", statement, " |");
      else if (part.form === "list") say(at === 0 ? "- " : "\n- ", statement, "");
      else say(at === 0 ? "" : " ", statement, "");
    }
  }
  return { text, citations, passages, cutSentences: [], support: citations.length === 0 ? 0 : 1 };
}

function tableHead(columns: readonly string[]): string {
  return `| ${columns.map(escapeCell).join(" | ")} |\n|${" --- |".repeat(columns.length)}`;
}
const cellsAsText = (cells: readonly string[]): string => cells.map(escapeCell).join(" | ");
const escapeCell = (cell: string): string => cell.replaceAll("|", "\\|");

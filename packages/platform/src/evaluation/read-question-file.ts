/**
 * A file of questions → questions. JSON lines in the form of datasets and of evaluation sets (`answers`, `doc_id`, `gold_docs`), or a
 * table with a header: question, answer, and if wanted answerable and document. An empty answer means: not in the documents.
 */
import { AppError, newQuestionSchema } from "@lorekeep/core";
import type { NewQuestion } from "@lorekeep/core";
import { readCsvRows } from "@lorekeep/ingest";
import type { z } from "zod";

export type ReadQuestion = z.output<typeof newQuestionSchema>;

/** Names that a column may have, in lower case. */
const COLUMNS = {
  question: ["question", "query", "问题", "提问"],
  answer: ["answer", "expected", "答案", "回答"],
  answerable: ["answerable", "可回答"],
  document: ["document", "doc_id", "file", "文档", "文件"],
  id: ["id"],
} as const;
type Column = keyof typeof COLUMNS;
const NO = new Set(["0", "no", "false", "n", "否", "不"]);

/** Throws request_invalid that names the line. */
export function readQuestionFile(name: string, source: string): ReadQuestion[] {
  return /\.(?:csv|tsv)$/i.test(name) ? readTable(source) : readLines(source);
}

function readLines(source: string): ReadQuestion[] {
  return source.split(/\r?\n/).flatMap((line, at) => {
    if (line.trim() === "") return [];
    let value: unknown;
    try {
      value = JSON.parse(line.replace(/^\uFEFF/, ""));
    } catch {
      throw refuse(at + 1, "is not JSON. Each line is one object with a question");
    }
    return [parseQuestion(value, at + 1)];
  });
}

function readTable(source: string): ReadQuestion[] {
  const [head = [], ...rows] = readCsvRows(source);
  const names = head.map((field) => field.trim().toLowerCase());
  const place = (column: Column): number => names.findIndex((name) => COLUMNS[column].some((known) => known === name));
  const [question, answer] = [place("question"), place("answer")];
  if (question < 0 || answer < 0)
    throw new AppError("request_invalid", "The first row must name the columns `question` and `answer`.");
  const [answerable, document, id] = [place("answerable"), place("document"), place("id")];
  return rows.map((row, at) => {
    const field = (column: number): string => (column < 0 ? "" : (row[column] ?? "").trim());
    const said = field(answer);
    const isAnswerable = said !== "" && !NO.has(field(answerable).toLowerCase());
    const value: NewQuestion = {
      question: field(question),
      answer: isAnswerable ? said : null,
      answerable: isAnswerable,
      ...(field(id) === "" ? {} : { id: field(id) }),
      ...(field(document) === "" ? {} : { doc_id: field(document) }),
    };
    return parseQuestion(value, at + 2);
  });
}

function parseQuestion(value: unknown, line: number): ReadQuestion {
  const parsed = newQuestionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw refuse(line, `is no question${where}: ${issue?.message ?? "wrong shape"}`);
}

const refuse = (line: number, what: string): AppError =>
  new AppError("request_invalid", `Line ${line} ${what}.`, { line });

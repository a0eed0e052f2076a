/**
 * A folder → an evaluation set. Two forms: `docs.jsonl` + `qa.jsonl` (questions with answers), or BEIR's `corpus.jsonl` +
 * `queries.jsonl` + `qrels.tsv`; names with a half in them (`qa.public.jsonl`, `queries.test.jsonl`) are taken too.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@lorekeep/core";

export interface EvalDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface EvalQuestion {
  readonly id: string;
  readonly question: string;
  /** Gold answers; empty when unknown or unanswerable. */
  readonly answers: readonly string[];
  /** null: the set does not say. */
  readonly answerable: boolean | null;
  /** Document id → relevance. */
  readonly relevance: ReadonlyMap<string, number>;
}

export interface EvalSet {
  readonly documents: readonly EvalDocument[];
  readonly questions: readonly EvalQuestion[];
}

type Row = Readonly<Record<string, unknown>>;

/** Throws request_invalid with the file, and the line, that cannot be read. */
export async function loadEvalSet(folder: string): Promise<EvalSet> {
  const names = (await readdir(folder)).sort();
  const find = (...stems: string[]): string | undefined => {
    for (const stem of stems)
      for (const pattern of [`^${stem}`, `^${stem}\\.(?:test|public|dev)`, `^${stem}\\.[^.]+`, `^.+\\.${stem}`]) {
        const name = names.find((candidate) => new RegExp(`${pattern}\\.(?:jsonl|tsv)$`).test(candidate));
        if (name !== undefined) return join(folder, name);
      }
    return undefined;
  };
  const documentsFile = find("docs", "corpus");
  const questionsFile = find("qa");
  const queriesFile = find("queries");
  const qrelsFile = find("qrels");
  if (documentsFile === undefined) throw invalid(`${folder} holds no docs.jsonl (or corpus.jsonl).`);
  const documents = (await readJsonLines(documentsFile)).map(readDocument);
  if (questionsFile !== undefined)
    return { documents, questions: (await readJsonLines(questionsFile)).map(readQuestion) };
  if (queriesFile === undefined || qrelsFile === undefined)
    throw invalid(`${folder} holds neither qa.jsonl nor queries.jsonl with qrels.tsv.`);
  return { documents, questions: await readBeirQuestions(queriesFile, qrelsFile) };
}

async function readBeirQuestions(queriesFile: string, qrelsFile: string): Promise<EvalQuestion[]> {
  const relevance = new Map<string, Map<string, number>>();
  for (const line of (await readFile(qrelsFile, "utf8")).split("\n")) {
    const [queryId, documentId, score] = line.trim().split("\t");
    if (queryId === undefined || documentId === undefined || score === undefined || queryId === "query-id") continue;
    const judged = relevance.get(queryId) ?? new Map<string, number>();
    relevance.set(queryId, judged.set(documentId, Number(score)));
  }
  return (await readJsonLines(queriesFile)).flatMap((row) => {
    const id = text(row._id ?? row.id);
    const judged = relevance.get(id);
    // Queries without a judgement belong to another half.
    if (judged === undefined) return [];
    return [{ id, question: text(row.text ?? row.question), answers: [], answerable: null, relevance: judged }];
  });
}

function readDocument(row: Row): EvalDocument {
  return { id: text(row._id ?? row.id), title: text(row.title), text: text(row.text) };
}

function readQuestion(row: Row): EvalQuestion {
  const gold = Array.isArray(row.gold_docs) ? row.gold_docs.map(text) : row.doc_id == null ? [] : [text(row.doc_id)];
  const answers = Array.isArray(row.answers) ? row.answers.map(text).filter((answer) => answer !== "") : [];
  return {
    id: text(row.id ?? row._id),
    question: text(row.question),
    answers,
    answerable: typeof row.answerable === "boolean" ? row.answerable : null,
    relevance: new Map(gold.map((id) => [id, 1])),
  };
}

async function readJsonLines(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, line] of (await readFile(file, "utf8")).split("\n").entries()) {
    if (line.trim() === "") continue;
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (cause) {
      throw invalid(`${file}, line ${index + 1}, is not JSON.`, { cause });
    }
    if (typeof row !== "object" || row === null) throw invalid(`${file}, line ${index + 1}, is not an object.`);
    rows.push(row as Row); // an object, as just checked; each field is read leniently
  }
  return rows;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function invalid(message: string, options?: ErrorOptions): AppError {
  return new AppError("request_invalid", message, {}, options);
}

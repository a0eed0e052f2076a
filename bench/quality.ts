/**
 * `npm run bench -- quality` with LOREKEEP_BENCH_SETS=FOLDER: retrieval and answers of this installation on public question sets, through
 * `lorekeep eval`'s own instrument. Answers are asked of articles only that neither reader nor adapter was trained on.
 */
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluateFolder } from "@lorekeep/platform";
import type { EvalReport, Platform } from "@lorekeep/platform";
import { loadQuestionSet, lot } from "../scripts/train/reader-data.ts";
import { round, withHouse } from "./house.ts";
import type { BenchResult } from "./result.ts";

/** Questions asked of each set at most, drawn by lot. */
const QUESTIONS = Number(process.env["LOREKEEP_BENCH_QUESTIONS"] ?? 150);
/** As in the training scripts. */
const HELD_OUT_SHARE = 0.13;

type Row = BenchResult["rows"][number];

export async function run(): Promise<BenchResult> {
  const sets = process.env["LOREKEEP_BENCH_SETS"];
  if (sets === undefined) throw new Error("Say where the question sets lie: LOREKEEP_BENCH_SETS=FOLDER");
  const folder = await mkdtemp(join(tmpdir(), "lorekeep-quality-"));
  const rows: Row[] = [];
  await withHouse(async (platform) => {
    const worker = await platform.startWorker();
    for (const name of ["squad2", "cmrc2018", "drcd"])
      rows.push(rowOf(name, await measure(platform, await questionFolder(sets, name, folder), true)));
    rows.push(rowOf("scifact", await measure(platform, await scifactFolder(sets, folder), false)));
    await worker.close();
  });
  return {
    name: `Quality on public sets, at most ${QUESTIONS} questions each`,
    rows,
    notes: [
      "Answers: articles kept out of every training. F1 of the short answer where there is one; Chinese by characters.",
    ],
  };
}

const measure = (platform: Platform, folder: string, answers: boolean): Promise<EvalReport> =>
  evaluateFolder(platform, { folder, answers });

const drawn = <Item extends { readonly id: string }>(items: readonly Item[]): Item[] =>
  [...items].sort((a, b) => lot(`quality/${a.id}`) - lot(`quality/${b.id}`)).slice(0, QUESTIONS);

async function questionFolder(sets: string, name: string, into: string): Promise<string> {
  const folder = join(into, name);
  await mkdir(folder);
  await copyFile(join(sets, name, "docs.public.jsonl"), join(folder, "docs.jsonl"));
  const { heldOut } = await loadQuestionSet(sets, name, HELD_OUT_SHARE);
  await writeFile(
    join(folder, "qa.jsonl"),
    drawn(heldOut)
      .map((row) => JSON.stringify(row))
      .join("\n"),
  );
  return folder;
}

async function scifactFolder(sets: string, into: string): Promise<string> {
  const folder = join(into, "scifact");
  await mkdir(folder);
  await copyFile(join(sets, "scifact", "corpus.jsonl"), join(folder, "docs.jsonl"));
  const judgements = await readFile(join(sets, "scifact", "qrels.train.tsv"), "utf8");
  const queries = (await readFile(join(sets, "scifact", "queries.train.jsonl"), "utf8"))
    .split("\n")
    .filter((line) => line !== "");
  const kept = drawn(queries.map((line) => ({ line, id: String((JSON.parse(line) as { _id: string })._id) })));
  await writeFile(join(folder, "queries.jsonl"), kept.map(({ line }) => line).join("\n"));
  const ids = new Set(kept.map(({ id }) => id));
  const [head, ...lines] = judgements.trim().split("\n");
  await writeFile(
    join(folder, "qrels.tsv"),
    [head, ...lines.filter((line) => ids.has(line.split("\t")[0]!))].join("\n"),
  );
  return folder;
}

function rowOf(set: string, report: EvalReport): Row {
  const { lexical, dense, hybrid, answerF1, fullAnswerF1, refusal, citationPrecision, unsupportedShare } = report;
  const shown = (value: number | undefined): string | number => (value === undefined ? "" : round(value, 3));
  return {
    set,
    questions: report.questionCount,
    "nDCG words": round(lexical.ndcgAt10, 3),
    "nDCG vectors": round(dense.ndcgAt10, 3),
    "nDCG hybrid": round(hybrid.ndcgAt10, 3),
    "answer F1": shown(answerF1),
    "full F1": shown(fullAnswerF1),
    "refused right": shown(refusal?.right),
    "refused wrong": shown(refusal?.wrong),
    "citation precision": shown(citationPrecision),
    unsupported: shown(unsupportedShare),
  };
}

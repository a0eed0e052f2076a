/**
 * `node scripts/train/judge-reader.ts --data FOLDER`: the served reader (merged, int8) on articles that it was not trained on: span
 * F1, right against random passages, answerable against adversarial questions, and ranking by relevance. `--card` writes
 * the figures into the reader's card; `--scores FILE` writes what the verdict is calibrated on. Thresholds are the best of each set, as in the trial that set the bars.
 */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Reader } from "@lorekeep/core";
import { defaultModelsFolder, openReader } from "@lorekeep/models";
import { answerF1, mean } from "@lorekeep/rag";
import { loadQuestionSet, lot, WordSearch } from "./reader-data.ts";
import type { QuestionSet } from "./reader-data.ts";
import { silentLogger } from "./silent-logger.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    reader: { type: "string", default: "packages/models/readers/reader-e5-small.safetensors" },
    questions: { type: "string", default: "150" },
    card: { type: "boolean", default: false },
    /** Writes {id, score}, a line each, of all held-out SQuAD 2.0 questions with their paragraphs: for bench/calibrate-stated.ts. */
    scores: { type: "string" },
    /** Share of the articles that the reader was not trained on. */
    apart: { type: "string", default: "0.13" },
  },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
const reader = await openReader({
  name: "judged",
  basePath: join(defaultModelsFolder(process.env), "multilingual-e5-small", "e5-small-q4.bin"),
  readerPath: resolve(values.reader),
  modelsFolder: await mkdtemp(join(tmpdir(), "lorekeep-judge-")),
  threads: 0,
  logger: silentLogger,
});

/** Mean of the two rates at the best threshold, and where it lies. */
function bestBalanced(right: readonly number[], wrong: readonly number[]): { balanced: number; threshold: number } {
  let best = { balanced: 0.5, threshold: 0 };
  for (const threshold of [...right, ...wrong]) {
    const balanced =
      (mean(right.map((score) => (score >= threshold ? 1 : 0))) +
        mean(wrong.map((score) => (score < threshold ? 1 : 0)))) /
      2;
    if (balanced > best.balanced) best = { balanced, threshold };
  }
  return best;
}

async function judge(set: QuestionSet, served: Reader) {
  const drawn = [...set.heldOut].sort((a, b) => lot(`judge/${a.id}`) - lot(`judge/${b.id}`));
  const answerable = drawn.filter(({ answerable: yes }) => yes).slice(0, Number(values.questions));
  const adversarial = drawn.filter(({ answerable: yes }) => !yes).slice(0, Number(values.questions));
  const documents = [...set.documents.values()];
  const words = new WordSearch(documents);
  const textOf = (id: string): string => set.documents.get(id)!.text;
  const f1: number[] = [];
  const [own, random, hard]: [number[], number[], number[]] = [[], [], []];
  const ranks: Record<"words" | "score" | "relevance" | "mixed", number[]> = {
    words: [],
    score: [],
    relevance: [],
    mixed: [],
  };
  for (const { id, question, answers, doc_id } of answerable) {
    const found = words.search(question, 6);
    const other = documents[Math.floor(lot(`judge/random/${id}`) * documents.length)]!._id;
    const ids = [...new Set([doc_id, other, ...found])];
    const read = await served.read(question, ids.map(textOf));
    const at = new Map(ids.map((key, i) => [key, read[i]!]));
    f1.push(answerF1(at.get(doc_id)!.text, answers));
    own.push(at.get(doc_id)!.score);
    if (other !== doc_id) random.push(at.get(other)!.score);
    if (!found.includes(doc_id)) continue;
    const rank = (order: readonly string[]): number => 1 / (1 + order.indexOf(doc_id));
    const by = (value: (key: string) => number): string[] => [...found].sort((a, b) => value(b) - value(a));
    const relevance = by((key) => at.get(key)!.relevance ?? 0);
    ranks.words.push(rank(found));
    ranks.score.push(rank(by((key) => at.get(key)!.score)));
    ranks.relevance.push(rank(relevance));
    ranks.mixed.push(rank(by((key) => 1 / (2 + found.indexOf(key)) + 1 / (2 + relevance.indexOf(key)))));
  }
  for (const { question, doc_id } of adversarial) hard.push((await served.read(question, [textOf(doc_id)]))[0]!.score);
  return {
    questions: answerable.length,
    spanF1: mean(f1),
    rightAgainstRandom: bestBalanced(own, random),
    ...(hard.length === 0 ? {} : { adversarial: bestBalanced(own, hard) }),
    mrrOfWordSearchTop6: Object.fromEntries(Object.entries(ranks).map(([way, values_]) => [way, mean(values_)])),
  };
}

const figures: Record<string, unknown> = {};
for (const name of ["squad2", "cmrc2018", "drcd"]) {
  figures[name] = await judge(await loadQuestionSet(values.data, name, Number(values.apart)), reader);
  console.log(name, JSON.stringify(figures[name]));
}
if (values.scores !== undefined) {
  const { heldOut, documents } = await loadQuestionSet(values.data, "squad2", Number(values.apart));
  const rows: string[] = [];
  for (const { id, question, doc_id } of heldOut) {
    const [read] = await reader.read(question, [documents.get(doc_id)!.text]);
    rows.push(JSON.stringify({ id, score: read!.score }));
  }
  await writeFile(values.scores, `${rows.join("\n")}\n`);
}
const texts = [...(await loadQuestionSet(values.data, "squad2", Number(values.apart))).documents.values()]
  .slice(0, 20)
  .map(({ text }) => text);
const startedAt = performance.now();
await reader.read("Who built the first steam engine?", texts);
const batchMs = Math.round(performance.now() - startedAt);
console.log(`20 passages: ${batchMs} ms`);
await reader.close();
if (values.card) {
  const path = resolve(values.reader).replace(/\.safetensors$/, ".card.json");
  const card = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  await writeFile(path, `${JSON.stringify({ ...card, heldOut: figures, twentyPassagesMs: batchMs }, null, 2)}\n`);
}
process.exit(0);

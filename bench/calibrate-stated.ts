/**
 * Fits the second half of the verdict, "does the passage state what is asked?" (packages/rag/src/stated-weights.ts), on SQuAD 2.0's
 * answerable and adversarial questions with their paragraphs: `node bench/calibrate-stated.ts --data FOLDER [--scores FILE] [--write]`.
 * Two models: by words alone, and with the words' meanings compared by the default embedder. FILE holds a reader's scores {id, score}, one
 * JSON a line, of questions whose articles that reader was not trained on. Figures leave one article out at a time, and say how many
 * answerable questions of other kinds (manuals, medicine) would be refused; what is written is fitted on all of SQuAD.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Embedder, Passage } from "@lorekeep/core";
import { defaultModelsFolder, findInstalled, findModel, openEmbedder, type EmbedderEntry } from "@lorekeep/models";
import { alignWords, type WordAlignment } from "../packages/rag/src/align-words.ts";
import { fitLogistic } from "../packages/rag/src/calibration/logistic.ts";
import type { PackedPassage } from "../packages/rag/src/pack-context.ts";
import { readQuestion, type Question } from "../packages/rag/src/question.ts";
import { statedFeatures } from "../packages/rag/src/stated-features.ts";
import type { StatedFeatures } from "../packages/rag/src/stated-features.ts";
import { makePassage } from "../packages/rag/src/testing/passages.ts";
import { termWeightsFrom, type TermWeight } from "../packages/rag/src/text/term-weights.ts";
import { indexTerms } from "../packages/rag/src/text/terms.ts";
import { HELD_OUT_SHARE } from "../scripts/train/answering-data.ts";
import { loadQuestionSet } from "../scripts/train/reader-data.ts";
import { silentLogger } from "../scripts/train/silent-logger.ts";
import { percentile } from "./figures.ts";
import { jsonLines } from "./json-lines.ts";

/**
 * Share of answerable questions that the working point refuses: few, since short questions over mixed chunks, as of handbooks, are refused
 * several times as often (0.05 here was every fifth of them). A collection may ask for more.
 */
const WRONGLY_REFUSED = { words: 0.02, aligned: 0.015 };
const EMBEDDER = "multilingual-e5-small";
/** Of another set's passage: about what a chunk holds. */
const OTHER_CHARACTERS = 1500;
const OTHER_QUESTIONS = 300;
/** Beside meaning, coverage is free: who asks for something else in the passage's own words covers it better than who paraphrases. */
const signOf = (name: keyof StatedFeatures, names: readonly string[]): 1 | 0 | -1 =>
  name === "sentenceCoverage" && names.includes("likeness") ? 0 : SIGNS[name];
const SIGNS: Readonly<Record<keyof StatedFeatures, 1 | -1>> = {
  ...{
    sentenceCoverage: 1,
    spread: -1,
    missing: -1,
    missingExact: -1,
    opposite: -1,
    negation: -1,
    terms: 1,
    reader: 1,
    leastAlike: 1,
    likeness: 1,
  },
};
const WORDS = ["sentenceCoverage", "spread", "missing", "missingExact", "opposite", "negation", "terms"] as const;
const WITH_READER = [...WORDS, "reader"] as const;
const ALIGNED = [...WORDS, "leastAlike", "likeness"] as const;

interface Row {
  readonly article: string;
  readonly isAnswerable: boolean;
  readonly features: StatedFeatures;
  readonly isRead: boolean;
}

type Align = (question: Question, passage: Passage) => Promise<WordAlignment | null>;

async function loadRows(folder: string, scores: ReadonlyMap<string, number>, align: Align): Promise<Row[]> {
  const documents = new Map(
    jsonLines<{ _id: string; title: string; text: string }>(join(folder, "squad2", "docs.public.jsonl")).map((one) => [
      one._id,
      one,
    ]),
  );
  const weight = weightsOver([...documents.values()].map(({ text }) => text));
  const asked = jsonLines<{ id: string; question: string; answerable: boolean; doc_id: string }>(
    join(folder, "squad2", "qa.public.jsonl"),
  );
  const rows: Row[] = [];
  for (const { id, question: text, answerable, doc_id } of asked) {
    const { title, text: paragraph } = documents.get(doc_id)!;
    const passage: Passage = makePassage(paragraph, { document: title.replaceAll("_", " ") });
    const score = scores.get(id);
    const packed: PackedPassage = { marker: 1, passage, text: paragraph };
    const reading = score === undefined ? null : { packed, score };
    const question = readQuestion(text, weight);
    const features = statedFeatures(question, [passage], reading, await align(question, passage));
    rows.push({ article: title, isAnswerable: answerable, features, isRead: score !== undefined });
  }
  return rows;
}

/** Answerable questions of other sets with the passage that answers them: what a verdict fitted on SQuAD does elsewhere. */
async function loadOthers(folder: string, align: Align): Promise<Row[]> {
  const faq = jsonLines<{ question_en: string; answer_en: string }>(join(folder, "debian-docs", "faq.public.jsonl"));
  const medicine = jsonLines<{ question: string; answer: string }>(join(folder, "medquad", "dev.public.jsonl"));
  const papers = jsonLines<{ question: string; context: string[] }>(join(folder, "pubmedqa", "train.public.jsonl"));
  const sets = {
    "a manual's questions": faq.map(({ question_en, answer_en }) => [question_en, answer_en] as const),
    medicine: medicine.map(({ question, answer }) => [question, answer] as const),
    abstracts: papers.map(({ question, context }) => [question, context.join(" ")] as const),
  };
  const rows: Row[] = [];
  for (const [article, pairs] of Object.entries(sets)) {
    const taken = pairs
      .slice(0, OTHER_QUESTIONS)
      .map(([text, answer]) => [text, answer.slice(0, OTHER_CHARACTERS)] as const);
    const weight = weightsOver(taken.map(([, answer]) => answer));
    for (const [text, answer] of taken) {
      const [question, passage] = [readQuestion(text, weight), makePassage(answer)];
      const features = statedFeatures(question, [passage], null, await align(question, passage));
      rows.push({ article, isAnswerable: true, features, isRead: false });
    }
  }
  return rows;
}

function weightsOver(texts: readonly string[]): TermWeight {
  const frequencies = new Map<string, number>();
  for (const text of texts) for (const key of indexTerms(text)) frequencies.set(key, (frequencies.get(key) ?? 0) + 1);
  return termWeightsFrom({ documentCount: texts.length, frequencies });
}

/** Aligns by the real embedder; the vectors of a text are computed once. */
async function openAlign(): Promise<{ align: Align; close: () => Promise<void> }> {
  const model = await findInstalled(findModel(EMBEDDER) as EmbedderEntry, defaultModelsFolder(process.env));
  if (model === null) throw new Error(`${EMBEDDER} is not there: npm run lorekeep -- models pull ${EMBEDDER}`);
  const embedder = await openEmbedder(model, { threads: 0, logger: silentLogger });
  const kept = new Map<string, ReturnType<NonNullable<Embedder["embedTokens"]>>>();
  const embedTokens: Embedder["embedTokens"] = (texts, options) => {
    const key = `${options.kind}:${texts.join("\0")}`;
    const made = kept.get(key) ?? embedder.embedTokens!(texts, options);
    kept.set(key, made);
    return made;
  };
  return {
    align: (question, passage) => alignWords(question, passage, { ...embedder, embedTokens }),
    close: () => embedder.close(),
  };
}

const fit = (rows: readonly Row[], names: readonly (keyof StatedFeatures)[]) => {
  const answerable = rows.filter(({ isAnswerable }) => isAnswerable).length;
  return fitLogistic(
    rows.map(({ features }) => names.map((name) => features[name])),
    rows.map(({ isAnswerable }) => (isAnswerable ? 1 : 0)),
    {
      rowWeights: rows.map(
        ({ isAnswerable }) => rows.length / 2 / (isAnswerable ? answerable : rows.length - answerable),
      ),
      signs: names.map((name) => signOf(name, names)),
    },
  );
};
type Fit = ReturnType<typeof fit>;
const scoreOf = ({ features }: Row, { bias, weights }: Fit, names: readonly (keyof StatedFeatures)[]): number =>
  names.reduce((sum, name, at) => sum + weights[at]! * features[name], bias);

/** Every article judged by a model of the others: shares refused of the adversarial at fixed shares of the answerable. */
function report(rows: readonly Row[], names: readonly (keyof StatedFeatures)[], others: readonly Row[] = []): void {
  const judged = [...Map.groupBy(rows, ({ article }) => article)].flatMap(([article, own]) => {
    const model = fit(
      rows.filter((row) => row.article !== article),
      names,
    );
    return own.map((row) => ({ isAnswerable: row.isAnswerable, score: scoreOf(row, model, names) }));
  });
  const of = (isAnswerable: boolean): number[] =>
    judged.filter((one) => one.isAnswerable === isAnswerable).map(({ score }) => score);
  const [right, wrong] = [of(true), of(false)];
  const all = fit(rows, names);
  const elsewhere = [...Map.groupBy(others, ({ article }) => article)].map(
    ([name, own]) => [name, own.map((row) => scoreOf(row, all, names))] as const,
  );
  console.log(`${names.join(", ")}: ${rows.length} questions`);
  for (const share of [0.015, 0.02, 0.05, 0.1, 0.12, 0.15, 0.2, 0.3, 0.4]) {
    const at = percentile(right, 100 * share);
    const refused = wrong.filter((score) => score < at).length / wrong.length;
    const balanced = (refused + 1 - share) / 2;
    const wronglyThere = elsewhere.map(
      ([name, scores]) => ` · ${name} ${(scores.filter((score) => score < at).length / scores.length).toFixed(3)}`,
    );
    console.log(
      `  wrongly refused ${share.toFixed(2)} · refused ${refused.toFixed(3)} · balanced ${balanced.toFixed(3)}${wronglyThere.join("")}`,
    );
  }
}

/** Two articles kept apart, as the answering adapter is judged: fitted, and the threshold chosen, on the others. */
async function reportKeptApart(folder: string, rows: readonly Row[], names: readonly (keyof StatedFeatures)[]) {
  const { heldOut, documents } = await loadQuestionSet(folder, "squad2", HELD_OUT_SHARE);
  const titles = new Set(heldOut.map(({ doc_id }) => documents.get(doc_id)!.title));
  const isApart = ({ article }: Row): boolean => titles.has(article) || titles.has(article.replaceAll("_", " "));
  const [apart, others] = [rows.filter(isApart), rows.filter((row) => !isApart(row))];
  const model = fit(others, names);
  const balancedAt = (judged: readonly Row[], threshold: number): number => {
    const share = (isAnswerable: boolean): number => {
      const asked = judged.filter((row) => row.isAnswerable === isAnswerable);
      return asked.filter((row) => scoreOf(row, model, names) >= threshold === isAnswerable).length / asked.length;
    };
    return (share(true) + share(false)) / 2;
  };
  const best = (judged: readonly Row[]): number =>
    judged
      .map((row) => scoreOf(row, model, names))
      .reduce((left, right) => (balancedAt(judged, right) > balancedAt(judged, left) ? right : left));
  const [chosen, own] = [balancedAt(apart, best(others)), balancedAt(apart, best(apart))];
  console.log(
    `${names.length} features, ${[...titles].join(" and ")} kept apart (${apart.length} questions): balanced ${chosen.toFixed(3)} at the threshold best for the others, ${own.toFixed(3)} at its own best`,
  );
}

function written(rows: readonly Row[], names: readonly (keyof StatedFeatures)[], wronglyRefused: number) {
  const model = fit(rows, names);
  const right = rows.filter(({ isAnswerable }) => isAnswerable).map((row) => scoreOf(row, model, names));
  const bias = model.bias - percentile(right, 100 * wronglyRefused);
  const round = (value: number): number => Math.round(value * 10_000) / 10_000;
  return { bias: round(bias), weights: Object.fromEntries(names.map((name, at) => [name, round(model.weights[at]!)])) };
}

const { values } = parseArgs({
  options: { data: { type: "string" }, scores: { type: "string" }, write: { type: "boolean", default: false } },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
const scores = values.scores === undefined ? [] : jsonLines<{ id: string; score: number }>(values.scores);
const { align, close } = await openAlign();
const rows = await loadRows(values.data, new Map(scores.map(({ id, score }) => [id, score])), align);
const others = await loadOthers(values.data, align);
await close();
report(rows, WORDS, others);
report(rows, ALIGNED, others);
await reportKeptApart(values.data, rows, WORDS);
await reportKeptApart(values.data, rows, ALIGNED);
const read = rows.filter(({ isRead }) => isRead);
if (read.length > 0) for (const names of [WORDS, ["reader"] as const, WITH_READER, ALIGNED]) report(read, names);
const models = {
  en: written(rows, WORDS, WRONGLY_REFUSED.words),
  [`en-${EMBEDDER}`]: written(rows, ALIGNED, WRONGLY_REFUSED.aligned),
};
console.log(JSON.stringify(models, null, 2));
if (values.write) {
  const path = new URL("../packages/rag/src/stated-weights.ts", import.meta.url);
  const table = /STATED_WEIGHTS: Readonly<Record<string, StatedModel>> = \{[\s\S]*?\n\};/;
  const source = readFileSync(path, "utf8");
  writeFileSync(
    path,
    source.replace(
      table,
      `STATED_WEIGHTS: Readonly<Record<string, StatedModel>> = ${JSON.stringify(models, null, 2)};`,
    ),
  );
}

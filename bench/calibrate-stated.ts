/**
 * Fits the second half of the verdict, "does the passage state what is asked?" (packages/rag/src/stated-weights.ts), on SQuAD 2.0's
 * answerable and adversarial questions with their paragraphs: `node bench/calibrate-stated.ts --data FOLDER [--scores FILE] [--write]`.
 * FILE holds a reader's scores {id, score}, one JSON a line, of questions whose articles that reader was not trained on. Figures leave one article out at a time; what is written is fitted on all.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Passage } from "@lorekeep/core";
import { fitLogistic } from "../packages/rag/src/calibration/logistic.ts";
import type { PackedPassage } from "../packages/rag/src/pack-context.ts";
import { readQuestion } from "../packages/rag/src/question.ts";
import { statedFeatures } from "../packages/rag/src/stated-features.ts";
import type { StatedFeatures } from "../packages/rag/src/stated-features.ts";
import { makePassage } from "../packages/rag/src/testing/passages.ts";
import { termWeightsFrom } from "../packages/rag/src/text/term-weights.ts";
import { indexTerms } from "../packages/rag/src/text/terms.ts";
import { percentile } from "./figures.ts";
import { jsonLines } from "./json-lines.ts";

/** Share of answerable questions that the working point refuses: few, since paraphrase looks like absence to words. A collection may ask for more. */
const WRONGLY_REFUSED = 0.02;
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
  },
};
const WORDS = ["sentenceCoverage", "spread", "missing", "missingExact", "opposite", "negation", "terms"] as const;
const WITH_READER = [...WORDS, "reader"] as const;

interface Row {
  readonly article: string;
  readonly isAnswerable: boolean;
  readonly features: StatedFeatures;
  readonly isRead: boolean;
}

function loadRows(folder: string, scores: ReadonlyMap<string, number>): Row[] {
  const documents = new Map(
    jsonLines<{ _id: string; title: string; text: string }>(join(folder, "squad2", "docs.public.jsonl")).map((one) => [
      one._id,
      one,
    ]),
  );
  const frequencies = new Map<string, number>();
  for (const { text } of documents.values())
    for (const key of indexTerms(text)) frequencies.set(key, (frequencies.get(key) ?? 0) + 1);
  const weight = termWeightsFrom({ documentCount: documents.size, frequencies });
  return jsonLines<{ id: string; question: string; answerable: boolean; doc_id: string }>(
    join(folder, "squad2", "qa.public.jsonl"),
  ).map(({ id, question, answerable, doc_id }) => {
    const { title, text } = documents.get(doc_id)!;
    const passage: Passage = makePassage(text, { document: title.replaceAll("_", " ") });
    const score = scores.get(id);
    const packed: PackedPassage = { marker: 1, passage, text };
    const reading = score === undefined ? null : { packed, score };
    const features = statedFeatures(readQuestion(question, weight), [passage], reading);
    return { article: title, isAnswerable: answerable, features, isRead: score !== undefined };
  });
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
      signs: names.map((name) => SIGNS[name]),
    },
  );
};
type Fit = ReturnType<typeof fit>;
const scoreOf = ({ features }: Row, { bias, weights }: Fit, names: readonly (keyof StatedFeatures)[]): number =>
  names.reduce((sum, name, at) => sum + weights[at]! * features[name], bias);

/** Every article judged by a model of the others: shares refused of the adversarial at fixed shares of the answerable. */
function report(rows: readonly Row[], names: readonly (keyof StatedFeatures)[]): void {
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
  console.log(`${names.join(", ")}: ${rows.length} questions`);
  for (const share of [0.02, 0.05, 0.1, 0.12, 0.15, 0.2, 0.3, 0.4]) {
    const at = percentile(right, 100 * share);
    const refused = wrong.filter((score) => score < at).length / wrong.length;
    const balanced = (refused + 1 - share) / 2;
    console.log(
      `  wrongly refused ${share.toFixed(2)} · refused ${refused.toFixed(3)} · balanced ${balanced.toFixed(3)}`,
    );
  }
}

function written(rows: readonly Row[], names: readonly (keyof StatedFeatures)[]) {
  const model = fit(rows, names);
  const right = rows.filter(({ isAnswerable }) => isAnswerable).map((row) => scoreOf(row, model, names));
  const bias = model.bias - percentile(right, 100 * WRONGLY_REFUSED);
  const round = (value: number): number => Math.round(value * 10_000) / 10_000;
  return { bias: round(bias), weights: Object.fromEntries(names.map((name, at) => [name, round(model.weights[at]!)])) };
}

const { values } = parseArgs({
  options: { data: { type: "string" }, scores: { type: "string" }, write: { type: "boolean", default: false } },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
const scores = values.scores === undefined ? [] : jsonLines<{ id: string; score: number }>(values.scores);
const rows = loadRows(values.data, new Map(scores.map(({ id, score }) => [id, score])));
report(rows, WORDS);
const read = rows.filter(({ isRead }) => isRead);
if (read.length > 0) {
  report(read, WORDS);
  report(read, ["reader"]);
  report(read, WITH_READER);
}
const models = { en: written(rows, WORDS), ...(read.length === 0 ? {} : { "en-reader": written(read, WITH_READER) }) };
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

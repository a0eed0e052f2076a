/**
 * Fits the weights of support (packages/rag/src/citation/support-weights.ts): `node bench/calibrate-support.ts FOLDER [--write]`.
 *
 * FOLDER holds public sets: squad2, cmrc2018, drcd (docs.public.jsonl, qa.public.jsonl), scifact (corpus.jsonl, queries.train.jsonl,
 * evidence.train.jsonl), multihop-mini (hotpotqa.docs.jsonl) and mtrag-un (docs.public.jsonl, tasks.public.jsonl). Every other article trains. Prints
 * both, by kind of sentence; writes only when told to. About two minutes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { splitSentences } from "@lorekeep/ingest";
import { loadEvalSet } from "@lorekeep/rag";
import type { EvalDocument, EvalSet } from "@lorekeep/rag";
import { fitSupport, judgeSample, measureSupport } from "../packages/rag/src/calibration/fit-support.ts";
import type { JudgedSample } from "../packages/rag/src/calibration/fit-support.ts";
import { samplesOfPassage, statementOf } from "../packages/rag/src/calibration/fit-support-samples.ts";
import type { SupportSample } from "../packages/rag/src/calibration/fit-support-samples.ts";
import { SUPPORT_MODEL } from "../packages/rag/src/citation/support-weights.ts";
import type { SupportModel } from "../packages/rag/src/citation/support-weights.ts";
import { readStretches } from "../packages/rag/src/cite.ts";
import { seededRandom } from "../packages/rag/src/evaluation/seeded-random.ts";
import { makePassage, packAll } from "../packages/rag/src/testing/passages.ts";
import { termWeightsFrom } from "../packages/rag/src/text/term-weights.ts";
import type { EvidenceText } from "../packages/rag/src/citation/evidence.ts";
import type { TermWeight } from "../packages/rag/src/text/term-weights.ts";
import { indexTerms } from "../packages/rag/src/text/terms.ts";
import { jsonLines } from "./json-lines.ts";
import { sample as drawSample } from "./refusal-samples.ts";

interface Halves {
  readonly train: JudgedSample[];
  readonly test: JudgedSample[];
  /** Told only: people's own wordings, most of which no comparison of words can judge. */
  readonly told: JudgedSample[];
}

const WEIGHTS_FILE = new URL("../packages/rag/src/citation/support-weights.ts", import.meta.url);
const PASSAGES = 50;
const MOST_DOCUMENTS = 400;
const TOLD = 150;
/** Documents whose words are counted: enough to tell common ones from rare ones. */
const COUNTED = 150;
const MOST_TEXT = 3000;
const SIBLINGS = 4;
type Row = Readonly<Record<string, unknown>>;

const rowsOf = (...path: string[]): Row[] => jsonLines(join(...path));

function weightsOf(all: readonly EvalDocument[]): TermWeight {
  const documents = drawSample(all, COUNTED, "weights", ({ id }) => id);
  const frequencies = new Map<string, number>();
  for (const { text } of documents)
    for (const key of indexTerms(text)) frequencies.set(key, (frequencies.get(key) ?? 0) + 1);
  return termWeightsFrom({ documentCount: documents.length, frequencies });
}

/** As served: a chunk of the document with its name. Long ones are cut, so that a stretch has as many rivals as in serving. */
function stretchesOf({ title, text }: EvalDocument): EvidenceText[] {
  const packed = packAll([makePassage(text.slice(0, MOST_TEXT), { document: title, language: null })]);
  return packed.flatMap(readStretches).map(({ evidence }) => evidence);
}

function add(
  half: JudgedSample[],
  document: EvalDocument,
  weight: TermWeight,
  samples: readonly SupportSample[],
): void {
  const stretches = stretchesOf(document);
  half.push(...samples.map((one) => judgeSample(one, stretches, weight)));
}

/** Paragraphs and abstracts: their own sentences changed, and their questions answered rightly and wrongly. */
function addTexts(halves: Halves, set: EvalSet, suffix: string): void {
  const weight = weightsOf(set.documents);
  const random = seededRandom(7);
  const byTitle = Map.groupBy(set.documents, ({ title }) => title);
  const chosen = drawSample(set.documents.slice(0, MOST_DOCUMENTS), PASSAGES, "support", ({ id }) => id);
  const titles = [...new Set(chosen.map(({ title }) => title))].sort();
  for (const document of chosen) {
    const siblings = byTitle.get(document.title)!.filter(({ id }) => id !== document.id);
    const near = siblings.length > 0 ? siblings : set.documents;
    const others = drawSample(near.slice(0, COUNTED), SIBLINGS, document.id, ({ id }) => id).map(({ text }) => text);
    const title = document.title.replaceAll("_", " ");
    const samples = samplesOfPassage(document.text, { title, others, random });
    const asked = set.questions.filter(({ relevance, answers }) => relevance.has(document.id) && answers.length > 0);
    for (const { question, answers } of asked) {
      const right = statementOf(question, answers[0]!);
      if (right !== null) samples.push({ kind: "statement", isSupported: true, sentence: right });
      const wrong = asked.find(
        (other) => kindOf(other.answers[0]!) === kindOf(answers[0]!) && !overlaps(other.answers, answers),
      );
      const said = wrong === undefined ? null : statementOf(question, wrong.answers[0]!);
      if (said !== null) samples.push({ kind: "wrong answer", isSupported: false, sentence: said });
    }
    const half = titles.indexOf(document.title) % 2 === 0 ? halves.train : halves.test;
    const named = samples.map((one) => ({ ...one, kind: `${one.kind} ${suffix}` }));
    add(half, document, weight, named);
  }
}

const kindOf = (answer: string): string => (/\d/.test(answer) ? "number" : /^\p{Lu}/u.test(answer) ? "name" : "other");
const overlaps = (left: readonly string[], right: readonly string[]): boolean =>
  left.some((one) => right.some((other) => one.includes(other) || other.includes(one)));

function loadHotpot(folder: string): EvalDocument[] {
  return rowsOf(folder, "hotpotqa.docs.jsonl").map((row) => ({
    ...{ id: String(row._id), title: String(row.title), text: String(row.text) },
  }));
}

/** Claims that experts found supported or contradicted by sentences of an abstract. */
function addScifact(halves: Halves, folder: string): void {
  const judgements = rowsOf(folder, "evidence.train.jsonl").slice(0, TOLD);
  const documents = new Map(
    rowsOf(folder, "corpus.jsonl").map((row) => [
      String(row._id),
      { id: String(row._id), title: String(row.title), text: String(row.text) },
    ]),
  );
  const weight = weightsOf([...documents.values()].slice(0, 10 * COUNTED));
  addTexts(halves, { documents: [...documents.values()].slice(0, MOST_DOCUMENTS), questions: [] }, "en");
  const claims = new Map(rowsOf(folder, "queries.train.jsonl").map((row) => [String(row._id), String(row.text)]));
  const judged = new Map(judgements.map((row) => [`${String(row.claim_id)} ${String(row.doc_id)}`, row]));
  for (const { claim_id, doc_id, label } of judged.values()) {
    const document = documents.get(String(doc_id));
    const sentence = claims.get(String(claim_id));
    if (document === undefined || sentence === undefined) continue;
    const isSupported = label === "SUPPORT";
    add(halves.told, document, weight, [{ kind: "scifact en", sentence, isSupported }]);
  }
}

/** Reference answers of people to questions about product documentation: their sentences, and those about another page. */
function addReferenceAnswers(halves: Halves, folder: string): void {
  const documents = new Map(
    rowsOf(folder, "docs.public.jsonl").map((row) => [
      String(row._id),
      { id: String(row._id), title: "", text: String(row.text) },
    ]),
  );
  const weight = weightsOf([...documents.values()]);
  for (const { answerability, targets, gold_docs } of rowsOf(folder, "tasks.public.jsonl").slice(0, TOLD)) {
    const golds = (gold_docs as string[]).flatMap((id) => documents.get(id) ?? []);
    if (answerability !== "ANSWERABLE" || golds.length === 0) continue;
    const text = golds.map((gold) => gold.text).join("\n");
    const answer = (targets as string[])[0] ?? "";
    const sentences = splitSentences(answer)
      .map(([start, end]) => answer.slice(start, end).trim())
      .filter((sentence) => sentence.length > 30 && !/[?:]$/.test(sentence));
    const known = { id: golds[0]!.id, title: "", text };
    add(
      halves.told,
      known,
      weight,
      sentences.map((sentence) => ({ kind: "reference en", sentence, isSupported: true })),
    );
  }
}

const withoutZeros = (model: SupportModel): SupportModel => ({
  ...model,
  weights: Object.fromEntries(Object.entries(model.weights).filter(([, weight]) => weight !== 0)),
});

function writeWeights(model: SupportModel, counts: string): void {
  const source = readFileSync(WEIGHTS_FILE, "utf8");
  const from = source.indexOf("import type");
  const at = source.indexOf("export const SUPPORT_MODEL");
  const header = `/**
 * How support.ts weighs its features. Written by bench/calibrate-support.ts on ${new Date().toISOString().slice(0, 10)} from public texts (SQuAD 2.0, HotpotQA,
 * SciFact, CMRC 2018, DRCD; ${counts}), split by document; do not edit by hand.
 */\n`;
  writeFileSync(
    WEIGHTS_FILE,
    `${header}${source.slice(from, at)}export const SUPPORT_MODEL: SupportModel = ${JSON.stringify(withoutZeros(model))};\n`,
  );
  console.log("Written. Run prettier over it.");
}

const [folder, flag] = process.argv.slice(2);
if (folder === undefined) throw new Error("node bench/calibrate-support.ts FOLDER [--write]");
const halves: Halves = { train: [], test: [], told: [] };
for (const [name, suffix] of [
  ["squad2", "en"],
  ["cmrc2018", "zh"],
  ["drcd", "zh"],
] as const)
  addTexts(halves, await loadEvalSet(join(folder, name)), suffix);
addTexts(halves, { documents: loadHotpot(join(folder, "multihop-mini")), questions: [] }, "en");
addScifact(halves, join(folder, "scifact"));
addReferenceAnswers(halves, join(folder, "mtrag-un"));
console.log(`${halves.train.length} sentences train, ${halves.test.length} test`);
const model = fitSupport(halves.train, SUPPORT_MODEL);
console.log(model);
for (const [name, half] of Object.entries(halves)) console.log(name, measureSupport(half as JudgedSample[], model));
if (flag === "--write") writeWeights(model, `${halves.train.length} sentences`);

/**
 * Fits the weights of the refusal (packages/rag/src/refusal-weights.ts): `node bench/calibrate-refusal.ts FOLDER [--write]`.
 *
 * FOLDER holds public sets: squad2, cmrc2018 and drcd (docs.public.jsonl + qa.public.jsonl) and debian-docs/faq.public.jsonl.
 * Questions are asked of the corpus that answers them and of one that does not, in collections of 15 to 500 paragraphs, through
 * the real pipeline with the real embedder. Train and test share no document. Prints both, writes only when told to; takes
 * about half an hour on two cores. The models with a reader's say are kept: bench/calibrate-reader.ts fits those.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Embedder } from "@lorekeep/core";
import { defaultModelsFolder, openModels } from "@lorekeep/models";
import { loadEvalSet } from "@lorekeep/rag";
import type { EvalDocument, EvalSet } from "@lorekeep/rag";
import { fitRefusal, measureRefusal } from "../packages/rag/src/calibration/fit-refusal.ts";
import type { RefusalFit, RefusalSample } from "../packages/rag/src/calibration/fit-refusal.ts";
import { REFUSAL_WEIGHTS } from "../packages/rag/src/refusal-weights.ts";
import { silentLogger } from "../scripts/train/silent-logger.ts";
import { collectSamples, isEven, questionOf, sample as drawSample } from "./refusal-samples.ts";
import type { WorldQuestion } from "./refusal-samples.ts";

interface World {
  readonly name: string;
  readonly isTraining: boolean;
  readonly documents: readonly EvalDocument[];
  readonly on: readonly string[];
  readonly off: readonly string[];
}

const EMBEDDER = "multilingual-e5-small";
const WEIGHTS_FILE = new URL("../packages/rag/src/refusal-weights.ts", import.meta.url);
/** A fixed, even-handed sample: by the hash of the text. */
const sample = (texts: readonly string[], count: number, salt: string): string[] =>
  drawSample(texts, count, salt, (text) => text);

/** Halves of one set by title, each asked its own questions and the other half's, and small collections cut from them. */
function worldsOf(name: string, set: EvalSet, smallCount: number): World[] {
  const titleOf = new Map(set.documents.map(({ id, title }) => [id, title]));
  const titles = [...new Set(titleOf.values())];
  const isTrainingTitle = new Map(
    titles.map((title) => [title, titles.length > 20 ? isEven(title) : titles.indexOf(title) % 2 === 0]),
  );
  const asked = set.questions.filter(({ answerable }) => answerable !== false);
  const questionsOf = (holds: (title: string) => boolean): string[] =>
    asked
      .filter(({ relevance }) => [...relevance.keys()].every((id) => holds(titleOf.get(id) ?? "")))
      .map(({ question }) => question);
  return [true, false].flatMap((isTraining): World[] => {
    const own = (title: string): boolean => isTrainingTitle.get(title) === isTraining;
    const documents = set.documents.filter(({ title }) => own(title));
    const half: World = {
      ...{ name, isTraining, documents },
      on: sample(questionsOf(own), 150, "on"),
      off: sample(
        questionsOf((title) => !own(title)),
        100,
        "off",
      ),
    };
    const small = Array.from({ length: smallCount }, (_, index): World => {
      const chosen = sample(titles.filter(own), titles.length > 20 ? 15 : 1, `${name} ${index}`);
      const holds = (title: string): boolean => chosen.includes(title);
      return {
        ...{ name: `${name}-small`, isTraining, documents: documents.filter(({ title }) => holds(title)) },
        on: sample(questionsOf(holds), 40, "on"),
        off: sample(
          questionsOf((title) => own(title) && !holds(title)),
          40,
          "off",
        ),
      };
    });
    return [half, ...small];
  });
}

/** Product documentation in two languages: even sections' questions train, odd ones test; also asked across the languages. */
function faqWorlds(file: string, strangers: { en: readonly string[]; zh: readonly string[] }): World[] {
  const rows = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>);
  return (["en", "zh"] as const).flatMap((corpus) => {
    const documents = rows.map((row) => ({ id: row.id!, title: "Debian FAQ", text: row[`answer_${corpus}`]! }));
    return (["en", "zh"] as const).flatMap((asking) =>
      [true, false].map((isTraining): World => ({
        ...{ name: `faq-${asking}-in-${corpus}`, isTraining, documents },
        on: rows.filter((_, index) => (index % 2 === 0) === isTraining).map((row) => row[`question_${asking}`]!),
        off: sample(strangers[asking], 60, `${corpus} ${isTraining}`),
      })),
    );
  });
}

async function collect(world: World, embedder: Embedder): Promise<RefusalSample[]> {
  const asked = (kind: "on" | "off"): WorldQuestion[] => world[kind].map((text) => ({ text, kind, group: text }));
  const { name, documents } = world;
  const collected = await collectSamples({ name, documents, questions: [...asked("on"), ...asked("off")] }, embedder);
  return collected.map((one) => ({
    question: questionOf(one),
    passages: one.passages,
    isOnCorpus: one.kind === "on",
  }));
}

function writeWeights({ models, scale }: RefusalFit): void {
  const source = readFileSync(WEIGHTS_FILE, "utf8");
  const others = /"all-MiniLM-L6-v2": \{[^}]*\},/.exec(source)?.[0] ?? "";
  const start = source.indexOf("export const REFUSAL_WEIGHTS");
  const withReader = Object.fromEntries(Object.entries(REFUSAL_WEIGHTS).filter(([name]) => name.endsWith("-reader")));
  const tables = [
    `export const REFUSAL_WEIGHTS: Readonly<Record<string, RefusalModel>> = ${JSON.stringify({ ...models, ...withReader })};\n`,
    `export const COSINE_SCALES: Readonly<Record<string, CosineScale>> = {"${EMBEDDER}": ${JSON.stringify(scale)}, ${others}};\n`,
  ];
  writeFileSync(WEIGHTS_FILE, source.slice(0, start) + tables.join("\n"));
  console.log("Written. Run prettier over it.");
}

const [folder, flag] = process.argv.slice(2);
if (folder === undefined) throw new Error("node bench/calibrate-refusal.ts FOLDER [--write]");
const [squad, cmrc, drcd] = await Promise.all(
  ["squad2", "cmrc2018", "drcd"].map((name) => loadEvalSet(join(folder, name))),
);
const strangers = {
  en: squad!.questions.map(({ question }) => question),
  zh: cmrc!.questions.map(({ question }) => question),
};
const worlds = [
  ...worldsOf("squad2", squad!, 4),
  ...worldsOf("cmrc2018", cmrc!, 2),
  ...worldsOf("drcd", drcd!, 2),
  ...faqWorlds(join(folder, "debian-docs", "faq.public.jsonl"), strangers),
];
const models = openModels({
  ...{
    folder: defaultModelsFolder(process.env),
    source: "auto",
    sourceFolder: null,
    offline: false,
    embedder: EMBEDDER,
  },
  ...{ generator: "smollm2-135m-instruct", openaiApiKey: null, threads: 0, parallelAnswers: 1, logger: silentLogger },
});
const embedder = await models.embedder(EMBEDDER);
const [train, test]: [RefusalSample[], RefusalSample[]] = [[], []];
for (const world of worlds) {
  const samples = await collect(world, embedder);
  (world.isTraining ? train : test).push(...samples);
  console.log(
    `${world.name} (${world.isTraining ? "train" : "test"}): ${world.documents.length} documents, ${samples.length} questions`,
  );
}
const fit = fitRefusal(train);
for (const name of Object.keys(fit.models))
  console.log(name, { train: measureRefusal(train, fit, name), test: measureRefusal(test, fit, name) });
if (flag === "--write") writeWeights(fit);
await models.close();

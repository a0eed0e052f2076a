/**
 * Fits what the reader's marks weigh (packages/rag/src/reader-weights.ts) and its say in the refusal (the `-reader` models of
 * refusal-weights.ts): `node bench/calibrate-reader.ts --data FOLDER [--write] [--questions N]`. FOLDER holds public sets: squad2, cmrc2018, drcd,
 * debian-docs, medquad, pubmedqa. Figures are of halves by document, each measured with weights of the other; what is written
 * is fitted on both. Samples are kept in node_modules/.cache, so that another reader is calibrated in minutes.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Reader } from "@lorekeep/core";
import { defaultModelsFolder, openModels } from "@lorekeep/models";
import { fitRefusal, measureRefusal } from "../packages/rag/src/calibration/fit-refusal.ts";
import type { RefusalSample } from "../packages/rag/src/calibration/fit-refusal.ts";
import { fitSpans, measureSpans } from "../packages/rag/src/calibration/fit-spans.ts";
import type { MarkedQuestion } from "../packages/rag/src/calibration/fit-spans.ts";
import { packContext } from "../packages/rag/src/pack-context.ts";
import { readPassages } from "../packages/rag/src/read-passages.ts";
import type { Reading } from "../packages/rag/src/read-passages.ts";
import { COSINE_SCALES, REFUSAL_WEIGHTS } from "../packages/rag/src/refusal-weights.ts";
import { readerWorlds } from "./reader-worlds.ts";
import { silentLogger } from "../scripts/train/silent-logger.ts";
import { collectSamples, isEven, questionOf, sample } from "./refusal-samples.ts";
import type { WorldSample } from "./refusal-samples.ts";

const EMBEDDER = "multilingual-e5-small";
const CACHE = join(import.meta.dirname, "../node_modules/.cache/lorekeep-train/reader-samples");
const WEIGHTS = new URL("../packages/rag/src/", import.meta.url);

interface ReadSample extends WorldSample {
  readonly reading: Reading;
}

/** What `make` gives, kept as JSON under this name. */
async function kept<Value>(name: string, make: () => Promise<Value>): Promise<Value> {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, `${name}.json`);
  if (!existsSync(file)) {
    const startedMs = performance.now();
    writeFileSync(file, JSON.stringify(await make()));
    console.log(`${name}: ${Math.round(performance.now() - startedMs)} ms`);
  }
  return JSON.parse(readFileSync(file, "utf8")) as Value; // written by `make`
}

async function loadSamples(folder: string, reader: Reader): Promise<ReadSample[]> {
  // Every packed passage is read: what an early stop would save is a question for the figures.
  const patient: Reader = { ...reader, read: (question, passages) => reader.read(question, passages) };
  const samples: ReadSample[] = [];
  for (const world of await readerWorlds(folder)) {
    if (values.without.split(",").includes(world.name)) continue;
    const all = await kept(world.name, async () => collectSamples(world, await models.embedder(EMBEDDER)));
    const collected = [...Map.groupBy(all, ({ kind }) => kind).values()].flatMap((kind) =>
      sample(kind, count, "read", ({ text }) => text),
    );
    const readings = await kept(`${world.name}-${count}-${reader.fingerprint}`, async () => {
      const made: Reading[] = [];
      for (const one of collected) {
        const { packed } = await packContext(one.passages, { passageCount: 6 });
        made.push(await readPassages(questionOf(one).text, packed, patient));
      }
      return made;
    });
    samples.push(...collected.map((one, at) => ({ ...one, reading: readings[at]! })));
  }
  return samples;
}

const toRefusal = (one: ReadSample): RefusalSample => ({
  question: questionOf(one),
  passages: one.passages,
  isOnCorpus: one.kind === "on",
  isAdversarial: one.kind === "adversarial",
  reading: one.reading,
});
const toMarked = (samples: readonly ReadSample[]): MarkedQuestion[] =>
  samples.flatMap(({ kind, answers, reading }) =>
    kind === "on" && answers !== undefined ? [{ answers, marks: reading.passages }] : [],
  );

const shown = (figures: Record<string, number>): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(3)}`)
    .join(" · ");

function report(samples: readonly ReadSample[]): void {
  const halves = [true, false].map((even) => samples.filter(({ group }) => isEven(`half ${group}`) === even));
  for (const [at, test] of halves.entries()) {
    const train = halves[1 - at]!;
    const weights = fitSpans(toMarked(train));
    console.log(`half ${at + 1}: weights`, weights);
    for (const world of new Set(test.map(({ world: name }) => name))) {
      const marked = toMarked(test.filter((one) => one.world === world));
      if (marked.length === 0) continue;
      const byScore = measureSpans(marked, { score: 1, relevance: 0, share: 0 });
      const byRank = measureSpans(marked, { score: 0, relevance: 0, share: 1 });
      console.log(
        `  ${world}`,
        shown({ questions: marked.length, fitted: measureSpans(marked, weights), byScore, byRank }),
      );
    }
    const scale = COSINE_SCALES[EMBEDDER]!;
    const fit = fitRefusal(train.map(toRefusal), scale);
    for (const name of Object.keys(fit.models)) {
      const asked = test.map(toRefusal);
      console.log(`  ${name}`, shown(measureRefusal(asked, fit, name)));
      const plain = name.replace(/-reader$/, "");
      const unread = asked.map(({ reading: _reading, ...rest }) => rest);
      console.log(`    without it`, shown(measureRefusal(unread, { models: REFUSAL_WEIGHTS, scale }, plain)));
    }
  }
}

function write(samples: readonly ReadSample[], reader: Reader): void {
  const spans = new URL("reader-weights.ts", WEIGHTS);
  const calibrated = { name: reader.name, fingerprint: reader.fingerprint };
  const source = readFileSync(spans, "utf8")
    .replace(/(CALIBRATED_READER = )\{[^}]*\}/, `$1${JSON.stringify(calibrated)}`)
    .replace(/(SPAN_WEIGHTS = )\{[^}]*\}/, `$1${JSON.stringify(fitSpans(toMarked(samples)))}`);
  writeFileSync(spans, source);
  const refusals = new URL("refusal-weights.ts", WEIGHTS);
  const { models: fitted } = fitRefusal(samples.map(toRefusal), COSINE_SCALES[EMBEDDER]);
  const all = JSON.stringify({ ...REFUSAL_WEIGHTS, ...fitted });
  const table = /REFUSAL_WEIGHTS: Readonly<Record<string, RefusalModel>> = \{[\s\S]*?\n\};/;
  const before = readFileSync(refusals, "utf8");
  writeFileSync(refusals, before.replace(table, `REFUSAL_WEIGHTS: Readonly<Record<string, RefusalModel>> = ${all};`));
  console.log("Written. Run prettier over both files.");
}

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    write: { type: "boolean", default: false },
    /** Of each kind and world. */
    questions: { type: "string", default: "100" },
    /** Names of worlds to leave out, with commas between. */
    without: { type: "string", default: "" },
  },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
const count = Number(values.questions);
const models = openModels({
  ...{ folder: defaultModelsFolder(process.env), source: "auto", sourceFolder: null, offline: false },
  ...{ embedder: EMBEDDER, generator: "smollm2-135m-instruct", openaiApiKey: null, threads: 0, parallelAnswers: 1 },
  logger: silentLogger,
});
const { reader, reason } = await models.reader();
if (reader === undefined) throw new Error(reason ?? "There is no reader.");
const read = await loadSamples(values.data, reader);
report(read);
if (values.write) write(read, reader);
await models.close();

/**
 * `npm run train:reader -- --data FOLDER`: trains the reader that the box comes with, with the product's own trainer, and
 * writes the file that serves and its card. FOLDER holds squad2, cmrc2018 and drcd (docs.public.jsonl, qa.public.jsonl).
 * Interrupted, it goes on at its last checkpoint.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { defaultModelsFolder, encodeReaderFile, openPairTokenizer, readE5Weights } from "@lorekeep/models";
import { prepareReader, readerParameters, train } from "@lorekeep/tune";
import type { ReaderExample } from "@lorekeep/tune";
import { printProgress } from "./print-progress.ts";
import { loadQuestionSet, readerExamples } from "./reader-data.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string", default: "packages/models/readers/reader-e5-small.safetensors" },
    work: { type: "string", default: "node_modules/.cache/lorekeep-train/reader" },
    rank: { type: "string", default: "32" },
    epochs: { type: "string", default: "1" },
    "learning-rate": { type: "string", default: "0.001" },
    "max-steps": { type: "string" },
    "max-tokens": { type: "string", default: "320" },
    /** Share of the English questions asked again in a form that their passage does not answer; the shipped reader had none. */
    altered: { type: "string", default: "0" },
    /** Share of the articles to keep apart. */
    apart: { type: "string", default: "0.13" },
    threads: { type: "string", default: "0" },
    seed: { type: "string", default: "7" },
    spin: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
  },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
const rank = Number(values.rank);
const alpha = 2 * rank;

const base = join(defaultModelsFolder(process.env), "multilingual-e5-small", "e5-small-q4.bin");
const tokenizer = await openPairTokenizer(base);
const { shape, tensors } = await readE5Weights(base);
const options = { shape, rank, alpha, recompute: false };
// Only the first token type is used: one segment.
const trained = new Map([...tensors, ["emb.type", tensors.get("emb.type")!.slice(0, shape.hidden)]]);
const files = await prepareReader(values.work, trained, options);

const examples: ReaderExample[] = [];
const validation: ReaderExample[] = [];
const counts: Record<string, unknown> = {};
for (const [name, retrievedNegatives, randomNegatives, altered] of [
  ["squad2", 0.5, 0.2, Number(values.altered)],
  ["cmrc2018", 0.3, 0.12, 0],
  ["drcd", 0.2, 0.1, 0],
] as const) {
  const set = await loadQuestionSet(values.data, name, Number(values.apart));
  const shared = { altered, tokenizer, maxTokens: Number(values["max-tokens"]), retrievedNegatives, randomNegatives };
  const own = readerExamples(set, set.train, shared);
  examples.push(...own);
  validation.push(...readerExamples(set, set.heldOut.filter((_, i) => i % 4 === 0).slice(0, 60), shared));
  counts[name] = {
    questions: set.train.length,
    examples: own.length,
    withoutAnswer: own.filter(({ answer }) => answer === null).length,
    heldOutQuestions: set.heldOut.length,
  };
}
const tokens = examples.reduce((sum, { ids }) => sum + ids.length, 0);
console.error(`${examples.length} examples, ${tokens} tokens, ${validation.length} held out for validation`, counts);

const recipe = {
  learningRate: Number(values["learning-rate"]),
  warmupSteps: 40,
  epochs: Number(values.epochs),
  ...(values["max-steps"] === undefined ? {} : { maxSteps: Number(values["max-steps"]) }),
  // Four small batches make a step: 1,024 tokens stay in the caches.
  batchTokens: 1024,
  accumulate: 4,
  weightDecay: 0.01,
  clipNorm: 1,
  seed: Number(values.seed),
  schedule: "linear" as const,
  validateEverySteps: 200,
  patience: 0,
};
const startedAt = performance.now();
const result = await train({
  files,
  taskModule: new URL("../../packages/tune/src/encoder/reader-task.ts", import.meta.url),
  taskExport: "readerTask",
  examples,
  validation,
  recipe,
  threads: Number(values.threads),
  memoryMode: "fast",
  lanes: 2,
  isSpinning: values.spin,
  checkpointFolder: join(values.work, "checkpoints"),
  checkpointEverySeconds: 120,
  resume: !values.fresh,
  onProgress: printProgress(10),
});

const hash = createHash("sha256");
for await (const part of createReadStream(base)) hash.update(part as Buffer);
const learnt = new Map(
  readerParameters(options)
    .filter(({ name }) => name.startsWith("layer."))
    .map(({ name, shape: dims }) => [name, { shape: dims, values: result.parameters.get(name)! }]),
);
const headPart = (name: string): Float32Array =>
  Float32Array.from([...result.parameters.get(`span.${name}`)!, ...result.parameters.get(`relevance.${name}`)!]);
learnt.set("head.weight", { shape: [3, shape.hidden], values: headPart("weight") });
learnt.set("head.bias", { shape: [3], values: headPart("bias") });
const card = {
  name: "reader-e5-small",
  base: "multilingual-e5-small (MIT)",
  data: "SQuAD 2.0 (CC BY-SA 4.0), CMRC 2018 (CC BY-SA 4.0), DRCD (CC BY-SA 3.0): public halves, split by article",
  counts,
  recipe: { ...recipe, rank, alpha, maxTokens: Number(values["max-tokens"]) },
  steps: result.steps,
  bestStep: result.bestStep,
  validation: result.validationSeries,
  tokens,
  tokensPerSecond: Math.round(result.tokensPerSecond),
  minutes: Math.round((performance.now() - startedAt) / 6000) / 10,
};
await mkdir(dirname(values.out), { recursive: true });
const recipeLine = `npm run train:reader, seed ${values.seed}, ${examples.length} examples, ${result.steps} steps`;
await writeFile(
  values.out,
  encodeReaderFile({ rank, alpha, outputs: 3, baseSha256: hash.digest("hex"), recipe: recipeLine, tensors: learnt }),
);
await writeFile(values.out.replace(/\.safetensors$/, ".card.json"), `${JSON.stringify(card, null, 2)}\n`);
console.error(`Wrote ${values.out} in ${card.minutes} min.`);

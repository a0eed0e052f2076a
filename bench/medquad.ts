/**
 * `npm run bench -- medquad` with LOREKEEP_BENCH_SETS=FOLDER: does a fine-tune on a field of its own (MedQuAD: consumers' questions
 * about diseases) win on diseases it never saw? The product's own corridor: examples with passages → tokens → LoRA → adapter file →
 * the gate's instrument, with paired bootstrap. Answers are the first sentences of what the source says, so that what is learnt is
 * which passage answers and how such answers begin.
 *
 * The run's folder (LOREKEEP_BENCH_DATA) is kept: interrupted, training goes on at its checkpoint.
 */
import { createReadStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { text as readText } from "node:stream/consumers";
import { configSchema } from "@lorekeep/core";
import type { ChatMessage, Gate } from "@lorekeep/core";
import { buildTrainingMessages, runGate, STOP_STRINGS } from "@lorekeep/rag";
import type { AskedExample, GateChoice } from "@lorekeep/rag";
import { createTrainingControl, writeGgufAdapter } from "@lorekeep/tune";
import type { FineTunePhase } from "@lorekeep/tune";
import { openLocalTrainer } from "../packages/platform/src/adaptation/local-trainer.ts";
import { recipeOf } from "../packages/platform/src/adaptation/recipe.ts";
import { countWith } from "../packages/platform/src/adaptation/training-examples.ts";
import type { ScoreAnswers, TokenCounter, TokenExample } from "../packages/platform/src/adaptation/trainer.ts";
import { shuffled, seededRandom } from "../packages/rag/src/evaluation/seeded-random.ts";
import { round } from "./figures.ts";
import { silentLogger } from "../scripts/train/silent-logger.ts";
import type { BenchResult } from "./result.ts";

const MODEL = "smollm2-135m-instruct";
const MAX_TOKENS = 448;
const TRAIN = Number(process.env["LOREKEEP_BENCH_TRAIN"] ?? 140);
const HELD_OUT = Number(process.env["LOREKEEP_BENCH_QUESTIONS"] ?? 40);
const EPOCHS = 1;
const PASSAGE_CHARACTERS = 420;
const ANSWER_CHARACTERS = 260;
const SEED = 3;

interface Told {
  readonly question: string;
  readonly answer: string;
  readonly focus: string;
  readonly qtype: string;
}

export async function run(): Promise<BenchResult> {
  const sets = process.env["LOREKEEP_BENCH_SETS"];
  if (sets === undefined) throw new Error("Say where the question sets lie: LOREKEEP_BENCH_SETS=FOLDER");
  const folder = process.env["LOREKEEP_BENCH_DATA"] ?? "node_modules/.cache/lorekeep-medquad";
  await mkdir(folder, { recursive: true });
  const signal = new AbortController().signal;
  const train = examplesOf(await readLines(join(sets, "medquad", "train.public.jsonl.gz")), TRAIN);
  // Split by disease when the set was made: none is on two sides.
  const heldOut = examplesOf(await readLines(join(sets, "medquad", "dev.public.jsonl")), HELD_OUT);
  const config = configSchema.parse({ dataFolder: folder, port: 0, logLevel: "silent" });
  const models = { generator: () => Promise.reject(new Error("The bench opens its own.")) } as never; // nothing else is asked
  const base = await openLocalTrainer({ config, models, logger: silentLogger }).openBase(MODEL);
  const tokenizer = await base.tokenizer();
  const startedAt = performance.now();
  const say = (words: string): void => console.error(`${round((performance.now() - startedAt) / 60_000)} min ${words}`);
  const file = join(folder, "medquad.gguf");
  let [gate, speed, steps]: [Gate | null, number, number] = [null, 0, 0];
  await base.train({
    recipe: recipeOf({ dataset: "medquad", rank: 8, epochs: EPOCHS, learningRate: 5e-4, maxTokens: MAX_TOKENS }),
    ...{ folder: join(folder, "run"), control: createTrainingControl(), signal },
    tokenise: async () => ({ train: await tokenise(train, tokenizer), validation: [], droppedCount: 0 }),
    exportAdapter: async (adapter, learnt) => {
      [speed, steps] = [learnt.tokensPerSecond, learnt.steps];
      await writeGgufAdapter(file, adapter);
      return "medquad.gguf";
    },
    judge: async (_name, score) => (gate = await judge({ heldOut, file, tokenizer, score, say })),
    onPhase: (phase: FineTunePhase) => say(phase),
    onPlan: (plan) => say(`${plan.steps} steps, ${plan.tokens} tokens, ${plan.memoryMode}`),
    onStep: ({ step, loss }) => step % 10 === 0 && say(`step ${step}, loss ${loss?.toFixed(3) ?? "–"}`),
    onValidation: () => undefined,
  });
  await tokenizer.close();
  return report(gate!, { minutes: (performance.now() - startedAt) / 60_000, speed, steps });
}

async function readLines(path: string): Promise<Told[]> {
  const bytes = path.endsWith(".gz")
    ? await readText(createReadStream(path).pipe(createGunzip()))
    : await readFile(path, "utf8");
  return bytes
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Told); // the set's NOTE says so
}

/** Drawn by lot, one a disease: the right passage among one of another question, mostly of another disease. */
function examplesOf(rows: readonly Told[], count: number): AskedExample[] {
  const usable = rows.filter(({ answer }) => answer.length >= 80);
  const drawn = shuffled(usable, seededRandom(SEED));
  const seen = new Set<string>();
  const chosen = drawn.filter(({ focus }) => !seen.has(focus) && seen.add(focus)).slice(0, count);
  return chosen.map(({ question, answer, focus }, at) => {
    const other = drawn[(at * 7919 + 13) % drawn.length]!;
    const passage = (title: string, text: string, gold: boolean) => ({
      ...{ title, text: cut(text, PASSAGE_CHARACTERS), gold, documentId: null, chunkId: null },
    });
    return {
      ...{ question, answer: cut(answer, ANSWER_CHARACTERS), answerable: true, language: "en" },
      passages: [passage(focus, answer, true), passage(other.focus, other.answer, false)],
    };
  });
}

/** Whole sentences that fit, else whole words. */
function cut(text: string, characters: number): string {
  const plain = text.replace(/\s+/g, " ").trim();
  if (plain.length <= characters) return plain;
  const head = plain.slice(0, characters);
  const end = head.lastIndexOf(". ");
  return end > 60 ? head.slice(0, end + 1) : head.slice(0, head.lastIndexOf(" "));
}

async function tokenise(examples: readonly AskedExample[], tokenizer: TokenCounter): Promise<TokenExample[]> {
  const count = countWith(tokenizer);
  const built = await Promise.all(
    examples.map((example) => buildTrainingMessages(example, { maxTokens: MAX_TOKENS, count, seed: SEED })),
  );
  return built.flatMap((made) => (made === null ? [] : [toTokens(made, tokenizer)]));
}

const toTokens = (
  made: { messages: readonly ChatMessage[]; target: string },
  tokenizer: TokenCounter,
): TokenExample => ({
  prompt: tokenizer.promptTokenIds(made.messages),
  answer: tokenizer.answerTokenIds(made.target),
});

interface Judging {
  readonly heldOut: readonly AskedExample[];
  readonly file: string;
  readonly tokenizer: TokenCounter;
  readonly score: ScoreAnswers;
  readonly say: (words: string) => void;
}

/** Greedy, with serving's prompt, engine and stop strings. */
async function judge({ heldOut, file, tokenizer, score, say }: Judging): Promise<Gate> {
  const { defaultModelsFolder, findInstalled, findModel, openGenerator } = await import("@lorekeep/models");
  const installed = await findInstalled(findModel(MODEL)!, defaultModelsFolder(process.env));
  const generator = await openGenerator({
    ...{ name: MODEL, fingerprint: MODEL, modelPath: join(installed!.folder, "model.gguf"), logger: silentLogger },
    ...{ contextTokens: 2048, languages: ["en"], threads: 0, parallelAnswers: 1 },
  });
  const signal = new AbortController().signal;
  const answer = async (messages: readonly ChatMessage[], { adapter, maxTokens }: GateChoice) => {
    const startedMs = performance.now();
    let [text, tokens, unfinished] = ["", 0, false];
    const use = adapter ? { path: file, scale: 1 } : null;
    for await (const event of generator.generate({
      messages,
      maxTokens,
      temperature: 0,
      stop: STOP_STRINGS,
      adapter: use,
    }))
      if (event.type === "text-delta") text += event.text;
      else [tokens, unfinished] = [event.usage.completionTokens, event.reason === "length"];
    return { text, tokens, ms: performance.now() - startedMs, unfinished };
  };
  try {
    return await runGate({
      ...{ examples: heldOut, general: [], generate: answer, seed: SEED },
      lossOf: (items, { adapter }) =>
        score(
          items.map((item) => toTokens(item, tokenizer)),
          adapter,
          signal,
        ),
      build: { maxTokens: MAX_TOKENS, count: countWith(tokenizer), seed: SEED },
      onProgress: (done, total) => done % 10 === 0 && say(`answer ${done} of ${total}`),
    });
  } finally {
    await generator.close();
  }
}

function report(gate: Gate, run: { minutes: number; speed: number; steps: number }): BenchResult {
  const row = (figure: "loss" | "rougeL" | "f1" | "citationSupport") => {
    const { mean, interval } = gate.differences[figure]!;
    const [low, high] = interval;
    const isReal = low > 0 || high < 0;
    return {
      figure,
      base: round(gate.base[figure] ?? Number.NaN, 3),
      adapter: round(gate.adapter[figure] ?? Number.NaN, 3),
      difference: round(mean, 3),
      "95 %": `${low.toFixed(3)} … ${high.toFixed(3)}`,
      beyond: isReal ? "yes" : "no",
    };
  };
  return {
    name: `MedQuAD by disease: ${TRAIN} diseases learnt, ${gate.exampleCount} others asked`,
    rows: (["loss", "rougeL", "f1", "citationSupport"] as const).map(row),
    notes: [
      `${run.steps} steps at ${round(run.speed, 0)} tokens/s; ${round(run.minutes)} min in all. Bar: loss and ROUGE-L better beyond the interval.`,
      "MedQuAD (Ben Abacha and Demner-Fushman 2019), CC BY 4.0. Not medical advice.",
    ],
  };
}

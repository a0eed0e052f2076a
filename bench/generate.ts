/**
 * Tokens a second through our generator against node-llama-cpp used bare: same model file, prompt, threads and context, greedy,
 * interleaved. The bound is 1: what our queue, stop strings, streaming and thread governor cost.
 */
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { getLlama, LlamaLogLevel, type LlamaContextSequence } from "node-llama-cpp";
import type { Generator } from "@lorekeep/core";
import { defaultModelsFolder, findInstalled, findModel, openGenerator } from "../packages/models/src/index.ts";
import { round } from "./figures.ts";
import type { BenchResult } from "./result.ts";
import { silentLogger } from "../scripts/train/silent-logger.ts";

const MODEL = "smollm2-135m-instruct";
const QUESTION = "Tell a long story about a pump that was serviced every 400 hours.";
const MESSAGES = [
  { role: "system", content: "You tell stories." },
  { role: "user", content: QUESTION },
] as const;
const TOKENS = 64;
const ROUNDS = 5;
/** A sample is cut here: on a busy machine bare threads can take seconds a token. */
const LIMIT_MS = 5_000;

export async function run(): Promise<BenchResult> {
  const model = await findInstalled(findModel(MODEL)!, defaultModelsFolder(process.env));
  if (model === null) throw new Error(`${MODEL} is not there: npm run lorekeep -- models pull ${MODEL}`);
  const modelPath = join(model.folder, "model.gguf");
  const rows: BenchResult["rows"][number][] = [];
  for (const threads of new Set([1, availableParallelism()])) rows.push(...(await compare(modelPath, threads)));
  return {
    name: `Generation: ${MODEL}, at most ${TOKENS} tokens, greedy`,
    rows,
    notes: [
      `Median of ${ROUNDS} interleaved rounds, timed from the first token; load ${round(loadavg()[0]!)} on ${availableParallelism()} cores.`,
      "One thread shows what our pipeline costs. With more, on a busy machine, ours may be far above 1: it gives up threads that would only wait for each other.",
    ],
  };
}

async function compare(modelPath: string, threads: number): Promise<BenchResult["rows"]> {
  const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel: LlamaLogLevel.error });
  const raw = await llama.loadModel({ modelPath });
  const context = await raw.createContext({ sequences: 1, contextSize: 2048, batchSize: 256, threads });
  const sequence = context.getSequence();
  const generator = await openGenerator({
    name: MODEL,
    fingerprint: MODEL,
    modelPath,
    contextTokens: 2048,
    languages: ["en"],
    threads,
    parallelAnswers: 1,
    logger: silentLogger,
  });
  const prompt = raw.tokenize(
    `<|im_start|>system\nYou tell stories.<|im_end|>\n<|im_start|>user\n${QUESTION}<|im_end|>\n<|im_start|>assistant\n`,
    true,
  );
  const [bare, ours]: [Sample[], Sample[]] = [[], []];
  for (let i = 0; i < ROUNDS; i += 1) {
    bare.push(await bareSample(sequence, prompt));
    ours.push(await ourSample(generator));
  }
  await generator.close();
  await llama.dispose();
  const wall = (samples: readonly Sample[]): number => median(samples.map((sample) => sample.perSecond));
  const cpu = (samples: readonly Sample[]): number => median(samples.map((sample) => sample.perCpuSecond));
  const row = (way: string, samples: readonly Sample[]): BenchResult["rows"][number] => ({
    threads,
    way,
    "tokens/s": round(wall(samples)),
    ratio: round(wall(samples) / wall(bare), 2),
    "tokens/CPU s": round(cpu(samples)),
    "CPU ratio": round(cpu(samples) / cpu(bare), 2),
  });
  return [row("node-llama-cpp, bare", bare), row("our generator", ours)];
}

interface Sample {
  readonly perSecond: number;
  /** By the processor time of this process: hardly touched by what else runs. */
  readonly perCpuSecond: number;
}

/** From the first token on. */
function stopwatch(): (tokens: number) => Sample {
  const [startedAt, used] = [performance.now(), process.cpuUsage()];
  return (tokens) => {
    const { user, system } = process.cpuUsage(used);
    return {
      perSecond: (tokens / (performance.now() - startedAt)) * 1000,
      perCpuSecond: (tokens / (user + system)) * 1_000_000,
    };
  };
}

async function bareSample(
  sequence: LlamaContextSequence,
  prompt: Parameters<LlamaContextSequence["evaluate"]>[0],
): Promise<Sample> {
  await sequence.clearHistory();
  const beganAt = performance.now();
  let count = 0;
  let stop = stopwatch();
  for await (const _token of sequence.evaluate(prompt, { temperature: 0 })) {
    if (count === 0) stop = stopwatch();
    count += 1;
    if (count === TOKENS || (count > 1 && performance.now() - beganAt > LIMIT_MS)) break;
  }
  return stop(count - 1);
}

async function ourSample(generator: Generator): Promise<Sample> {
  let stop: ReturnType<typeof stopwatch> | null = null;
  let sample: Sample | null = null;
  for await (const event of generator.generate({ messages: MESSAGES, maxTokens: TOKENS })) {
    if (event.type === "end") sample = (stop ?? stopwatch())(event.usage.completionTokens - 1);
    else stop ??= stopwatch();
  }
  if (sample === null) throw new Error("the answer had no end");
  return sample;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/**
 * Embedding throughput of the default model on texts of mixed lengths: one text a call, batches in the order they come, and batches
 * of like length (what the embedder does). Same session, same texts, interleaved; the median of the rounds counts.
 */
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { findModel, findInstalled, defaultModelsFolder, type EmbedderEntry } from "../packages/models/src/index.ts";
import { planBatches } from "../packages/models/src/batch-plan.ts";
import { openEncoder, type EncoderSession } from "../packages/models/src/encoder-session.ts";
import { loadTokenizer } from "../packages/models/src/tokenizer.ts";
import { round } from "./figures.ts";
import type { BenchResult } from "./result.ts";
import { randomSource, zipfText } from "./synthetic.ts";

const TEXTS = 96;
const ROUNDS = 3;
const BATCH_TEXTS = 16;
const MODEL = "multilingual-e5-small";

/** Groups of indexes that are run together. */
type Plan = (lengths: readonly number[]) => number[][];
const inOrder =
  (size: number): Plan =>
  (lengths) =>
    Array.from({ length: Math.ceil(lengths.length / size) }, (_, b) =>
      lengths.map((_length, i) => i).slice(b * size, (b + 1) * size),
    );
const PLANS: Readonly<Record<string, Plan>> = {
  "one text a call": inOrder(1),
  [`batches of ${BATCH_TEXTS} in order`]: inOrder(BATCH_TEXTS),
  "batches of like length": (lengths) => planBatches(lengths),
};

export async function run(): Promise<BenchResult> {
  const entry = findModel(MODEL) as EmbedderEntry; // MODEL names an embedder
  const model = await findInstalled(entry, defaultModelsFolder(process.env));
  if (model === null) throw new Error(`${MODEL} is not there: npm run lorekeep -- models pull ${MODEL}`);
  const tokenizer = await loadTokenizer(join(model.folder, "tokenizer.json"));
  const { dimensions, pooling } = entry;
  const modelPath = join(model.folder, "model.onnx");
  const encoder = await openEncoder({ modelPath, threads: 0, dimensions, pooling, padId: tokenizer.padId });
  const rows = mixedRows(tokenizer);
  const lengths = rows.map((row) => row.length);
  const times = new Map<string, Cost[]>(Object.keys(PLANS).map((name) => [name, []]));
  await timed(encoder, rows.slice(0, 8), inOrder(1)(lengths.slice(0, 8))); // warm-up
  for (let i = 0; i < ROUNDS; i += 1)
    for (const [name, plan] of Object.entries(PLANS)) times.get(name)!.push(await timed(encoder, rows, plan(lengths)));
  await encoder.close();
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const wallMs = (name: string): number => median(times.get(name)!.map((cost) => cost.wallMs));
  const cpuMs = (name: string): number => median(times.get(name)!.map((cost) => cost.cpuMs));
  const peer = `batches of ${BATCH_TEXTS} in order`;
  return {
    name: `Embedding: ${MODEL}, ${TEXTS} texts of ${Math.min(...lengths)} to ${Math.max(...lengths)} tokens`,
    rows: Object.keys(PLANS).map((name) => ({
      way: name,
      "texts/s": round((TEXTS / wallMs(name)) * 1000),
      "tokens/s": Math.round((tokens / wallMs(name)) * 1000),
      ratio: round(wallMs(peer) / wallMs(name), 2),
      "texts/CPU s": round((TEXTS / cpuMs(name)) * 1000),
      "CPU ratio": round(cpuMs(peer) / cpuMs(name), 2),
    })),
    notes: [
      `Ratios are against ${peer}. Median of ${ROUNDS} interleaved rounds on one session; tokens count without padding; load ${round(loadavg()[0]!)} on ${availableParallelism()} cores.`,
    ],
  };
}

function mixedRows(tokenizer: Awaited<ReturnType<typeof loadTokenizer>>): number[][] {
  const random = randomSource(7);
  return Array.from({ length: TEXTS }, () => {
    const text = `passage: ${zipfText(random, 8 + Math.floor(random() ** 2 * 150))}`;
    return [...tokenizer.before, ...tokenizer.encode(text), ...tokenizer.after].slice(0, 512);
  });
}

/** Processor time is that of this process: hardly touched by what else runs. */
interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timed(encoder: EncoderSession, rows: readonly number[][], batches: readonly number[][]): Promise<Cost> {
  const [startedAt, used] = [performance.now(), process.cpuUsage()];
  for (const batch of batches) await encoder.run(batch.map((i) => rows[i]!));
  const { user, system } = process.cpuUsage(used);
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/**
 * The thread that owns an encoder session and its tokenizer; embedder.ts is its only caller. Each message becomes a job of
 * steps for embed-queue.ts. Texts are tokenised in windows, planned into batches of like length, and run one batch per step.
 */
import { parentPort, workerData } from "node:worker_threads";
import { AppError, toAppError } from "@lorekeep/core";
import { planBatches } from "./batch-plan.ts";
import type { FromWorker, JobKind, ToWorker, WorkerSetup } from "./embed-protocol.ts";
import { EmbedQueue } from "./embed-queue.ts";
import { openEncoder, type EncoderSession } from "./encoder-session.ts";
import { loadTokenizer, type TextTokenizer } from "./tokenizer.ts";

/** Texts that are planned together: enough for like lengths, few enough that a query never waits long for their tokenising. */
const WINDOW_TEXTS = 256;
const TOKENIZE_TEXTS = 32;

interface Model {
  readonly setup: WorkerSetup;
  readonly tokenizer: TextTokenizer;
  readonly encoder: EncoderSession;
  readonly maxTokens: number;
}
interface Job {
  readonly id: number;
  readonly kind: JobKind;
  readonly texts: readonly string[];
}

const port = parentPort!;
const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

/** What is left for a text after special tokens and the longer prefix. */
function maxTokensOf(setup: WorkerSetup, tokenizer: TextTokenizer): number {
  const prefix = Math.max(...Object.values(setup.prefixes).map((text) => tokenizer.encode(text).length));
  return setup.windowTokens - tokenizer.before.length - tokenizer.after.length - prefix;
}

function rowOf(model: Model, job: Job, index: number): number[] {
  const { setup, tokenizer } = model;
  const prefix = job.kind === "query" ? setup.prefixes.query : setup.prefixes.passage;
  const row = [...tokenizer.before, ...tokenizer.encode(prefix + job.texts[index]!), ...tokenizer.after];
  if (row.length > setup.windowTokens)
    throw new AppError(
      "context_too_long",
      `A text is too long for the embedding model: ${row.length} tokens with prefix and marks, ${setup.windowTokens} fit. Split it.`,
      { index, tokens: row.length, windowTokens: setup.windowTokens },
    );
  return row;
}

async function* embedSteps(model: Model, job: Job): AsyncGenerator<void, void, void> {
  const { dimensions } = model.setup;
  const vectors = new Float32Array(job.texts.length * dimensions);
  let done = 0;
  for (let start = 0; start < job.texts.length; start += WINDOW_TEXTS) {
    const rows: number[][] = [];
    const end = Math.min(start + WINDOW_TEXTS, job.texts.length);
    while (start + rows.length < end) {
      const slice = Math.min(end, start + rows.length + TOKENIZE_TEXTS);
      for (let i = start + rows.length; i < slice; i += 1) rows.push(rowOf(model, job, i));
      if (slice < end) yield;
    }
    for (const batch of planBatches(rows.map((row) => row.length))) {
      const pooled = await model.encoder.run(batch.map((i) => rows[i]!));
      for (const [i, vector] of pooled.entries()) vectors.set(vector, (start + batch[i]!) * dimensions);
      done += batch.length;
      post({ type: "progress", id: job.id, done });
      if (done < job.texts.length) yield;
    }
  }
  post({ type: "vectors", id: job.id, vectors }, [vectors.buffer]);
}

async function* countSteps(model: Model, job: Job): AsyncGenerator<void, void, void> {
  const counts: number[] = [];
  while (counts.length < job.texts.length) {
    for (const text of job.texts.slice(counts.length, counts.length + TOKENIZE_TEXTS))
      counts.push(model.tokenizer.encode(text).length);
    if (counts.length < job.texts.length) yield;
  }
  post({ type: "counts", id: job.id, counts });
}

function fail(id: number | null, error: unknown): void {
  const { code, message, details } = toAppError(error);
  post({ type: "failed", id, code, message, details });
}

async function* guarded(model: Model, job: Job): AsyncGenerator<void, void, void> {
  try {
    yield* job.kind === "count" ? countSteps(model, job) : embedSteps(model, job);
  } catch (error) {
    fail(job.id, error);
  }
}

async function loadModel(setup: WorkerSetup): Promise<Model> {
  const tokenizer = await loadTokenizer(setup.tokenizerPath);
  const encoder = await openEncoder({ ...setup, padId: tokenizer.padId });
  return { setup, tokenizer, encoder, maxTokens: maxTokensOf(setup, tokenizer) };
}

async function main(): Promise<void> {
  const model = await loadModel(workerData as WorkerSetup); // embedder.ts starts this file with a WorkerSetup
  const queue = new EmbedQueue(() => new Promise((resolve) => setImmediate(resolve)));
  port.on("message", (message: ToWorker) => {
    switch (message.type) {
      case "job":
        return queue.add({ id: message.id, kind: message.kind, steps: guarded(model, message) });
      case "abort":
        return queue.stop(message.id);
      case "close":
        return void queue.stopAll().then(async () => {
          await model.encoder.close();
          port.close();
        });
    }
  });
  post({ type: "ready", maxTokens: model.maxTokens });
}

main().catch((error: unknown) => fail(null, error));

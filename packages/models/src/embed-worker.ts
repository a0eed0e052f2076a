/**
 * The thread that owns an encoder session and its tokenizer; embedder.ts is its only caller. Each message becomes a job of
 * steps for embed-queue.ts. Texts are tokenised in windows, planned into batches of like length, and run one batch per step.
 */
import { AppError, type TokenVectors } from "@lorekeep/core";
import { planBatches } from "./batch-plan.ts";
import type { EmbedAnswer, EmbedJob, EmbedReady, WorkerSetup } from "./embed-protocol.ts";
import { openEncoder, type EncoderSession } from "./encoder-session.ts";
import { serveJobs, type JobReply, type LoadedModel } from "./serve-jobs.ts";
import { embedTokensOf } from "./token-vectors.ts";
import { loadTokenizer, type SpanTokenizer, type TextTokenizer } from "./tokenizer.ts";

/** Texts that are planned together: enough for like lengths, few enough that a query never waits long for their tokenising. */
const WINDOW_TEXTS = 256;
const TOKENIZE_TEXTS = 32;

interface Model {
  readonly setup: WorkerSetup;
  readonly tokenizer: TextTokenizer | SpanTokenizer;
  readonly encoder: EncoderSession;
}
type Reply = JobReply<EmbedAnswer>;

/** What is left for a text after special tokens and the longer prefix. */
function maxTokensOf(setup: WorkerSetup, tokenizer: TextTokenizer): number {
  const prefix = Math.max(...Object.values(setup.prefixes).map((text) => tokenizer.encode(text).length));
  return setup.windowTokens - tokenizer.before.length - tokenizer.after.length - prefix;
}

function rowOf(model: Model, job: EmbedJob, index: number): number[] {
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

async function* embedSteps(model: Model, job: EmbedJob, reply: Reply): AsyncGenerator<void, void, void> {
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
      reply.progress(done);
      if (done < job.texts.length) yield;
    }
  }
  reply.answer({ vectors }, [vectors.buffer]);
}

async function* tokenSteps(model: Model, job: EmbedJob, reply: Reply): AsyncGenerator<void, void, void> {
  const tokens: TokenVectors[] = [];
  for (const [i, text] of job.texts.entries()) {
    if (i > 0) yield;
    tokens.push(await embedTokensOf(model, text, model.setup.prefixes[job.kind === "query" ? "query" : "passage"]));
  }
  reply.answer(
    { tokens },
    tokens.flatMap(({ vectors, whole }) => [vectors.buffer as ArrayBuffer, whole.buffer as ArrayBuffer]),
  );
}

async function* countSteps(model: Model, job: EmbedJob, reply: Reply): AsyncGenerator<void, void, void> {
  const counts: number[] = [];
  while (counts.length < job.texts.length) {
    for (const text of job.texts.slice(counts.length, counts.length + TOKENIZE_TEXTS))
      counts.push(model.tokenizer.encode(text).length);
    if (counts.length < job.texts.length) yield;
  }
  reply.answer({ counts });
}

async function load(setup: WorkerSetup): Promise<LoadedModel<EmbedJob, EmbedReady, EmbedAnswer>> {
  const tokenizer = await loadTokenizer(setup.tokenizerPath);
  const encoder = await openEncoder({ ...setup, padId: tokenizer.padId });
  const model = { setup, tokenizer, encoder };
  return {
    ready: { maxTokens: maxTokensOf(setup, tokenizer), hasSpans: "encodeSpans" in tokenizer },
    kindOf: (job) => (job.perToken === true ? "query" : job.kind), // somebody waits for an answer
    steps: (job, reply) =>
      (job.kind === "count" ? countSteps : job.perToken === true ? tokenSteps : embedSteps)(model, job, reply),
    close: () => encoder.close(),
  };
}

serveJobs(load);

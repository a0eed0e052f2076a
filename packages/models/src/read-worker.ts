/**
 * The thread that owns a reader's session and tokenizer; reader.ts is its only caller. Passages become windows, windows of like length
 * share a run of the model, and each passage is judged by its best window. With `enough`, passages are read a few at a time, in order.
 */
import { InferenceSession } from "onnxruntime-node";
import { AppError } from "@lorekeep/core";
import { BATCH_TOKENS, planBatches } from "./batch-plan.ts";
import { inputTensors, sessionOptions } from "./encoder-session.ts";
import { openPairTokenizer, type PairTokenizer, type PairWindow } from "./pair-tokenizer.ts";
import type { ReadJob, ReadMark, ReadSetup } from "./read-protocol.ts";
import { serveJobs, type JobReply, type LoadedModel } from "./serve-jobs.ts";
import { bestSpan } from "./span-scores.ts";

/** Where there is nothing to read: below what any logits of ours give, and finite. */
const NOTHING_SCORE = -100;

interface Model {
  readonly setup: ReadSetup;
  readonly tokenizer: PairTokenizer;
  readonly session: InferenceSession;
}
interface Window extends PairWindow {
  /** Index of its passage in the job. */
  readonly passage: number;
}

/** Logits [tokens][outputs] of each row, padding left out. */
async function run(
  { session, setup, tokenizer }: Model,
  rows: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const tokens = Math.max(1, ...rows.map((row) => row.length));
  const all = inputTensors(rows, tokens, tokenizer.padId);
  const feeds = Object.fromEntries(Object.entries(all).filter(([name]) => session.inputNames.includes(name)));
  try {
    const output = (await session.run(feeds, ["logits"])).logits!;
    const logits = output.data as Float32Array; // the merged model's output is float32
    const width = tokens * setup.outputs;
    const parts = rows.map((row, r) => logits.slice(r * width, r * width + row.length * setup.outputs));
    output.dispose();
    return parts;
  } catch (error) {
    throw new AppError("model_failed", "The reader failed on a batch.", { passages: rows.length }, { cause: error });
  }
}

/** UTF-16 span without white space around it, or null when nothing else is in it. */
function trimmed(passage: string, [start, end]: readonly [number, number]): readonly [number, number] | null {
  const text = passage.slice(start, end);
  const from = start + (text.length - text.trimStart().length);
  const to = end - (text.length - text.trimEnd().length);
  return from < to ? [from, to] : null;
}

function markOf(logits: Float32Array, window: Window, passage: string, outputs: 2 | 3): ReadMark {
  const { passageStart, spans } = window;
  const allowed = spans.flatMap((span, i) => (trimmed(passage, span) === null ? [] : [passageStart + i]));
  const { tokens, score } = bestSpan(logits, outputs, allowed, paragraphStarts(passage, window, allowed));
  const relevance = outputs === 3 ? logits[2]! : null;
  if (tokens === null) return { span: null, score: NOTHING_SCORE, relevance };
  const [start] = spans[tokens[0] - passageStart]!;
  const [, end] = spans[tokens[1] - passageStart]!;
  return { span: trimmed(passage, [start, end]), score, relevance };
}

/** Of the tokens `allowed`, those with a blank line between them and the one before. */
function paragraphStarts(
  passage: string,
  { passageStart, spans }: Window,
  allowed: readonly number[],
): ReadonlySet<number> {
  const isStart = (token: number, at: number): boolean => {
    if (at === 0) return false;
    const gap = passage.slice(spans[allowed[at - 1]! - passageStart]![1] - 1, spans[token - passageStart]![0] + 1);
    return /\n\s*\n/.test(gap);
  };
  return new Set(allowed.filter(isStart));
}

function better(a: ReadMark | undefined, b: ReadMark): ReadMark {
  if (a === undefined) return b;
  const best = b.score > a.score ? b : a;
  const relevance = a.relevance === null || b.relevance === null ? null : Math.max(a.relevance, b.relevance);
  return { ...best, relevance };
}

/** Passages from `start` on whose windows fill about one batch; at least one passage. */
function nextGroup(model: Model, job: ReadJob, start: number): Window[] {
  const { maxTokens, overlapTokens } = model.setup;
  const windows: Window[] = [];
  let tokens = 0;
  for (let passage = start; passage < job.passages.length; passage += 1) {
    const more = model.tokenizer
      .encodePair(job.question, job.passages[passage]!, { maxTokens, overlapTokens })
      .map((window) => ({ ...window, passage }));
    tokens += more.reduce((sum, window) => sum + window.ids.length, 0);
    if (job.enough !== null && windows.length > 0 && tokens > BATCH_TOKENS) break;
    windows.push(...more);
  }
  return windows;
}

async function* readSteps(model: Model, job: ReadJob, reply: JobReply<ReadMark[]>): AsyncGenerator<void, void, void> {
  const marks: ReadMark[] = [];
  while (marks.length < job.passages.length) {
    const windows = nextGroup(model, job, marks.length);
    for (const batch of planBatches(windows.map((window) => window.ids.length))) {
      const rows = batch.map((i) => windows[i]!);
      const logits = await run(
        model,
        rows.map((row) => row.ids),
      );
      for (const [i, row] of rows.entries())
        marks[row.passage] = better(
          marks[row.passage],
          markOf(logits[i]!, row, job.passages[row.passage]!, model.setup.outputs),
        );
      yield;
    }
    const { enough } = job;
    const found = enough === null ? -1 : marks.findIndex((mark) => mark.score >= enough);
    if (found >= 0) return reply.answer(marks.slice(0, found + 1));
  }
  reply.answer(marks);
}

async function load(setup: ReadSetup): Promise<LoadedModel<ReadJob, null, ReadMark[]>> {
  const tokenizer = await openPairTokenizer(setup.tokenizerPath);
  const session = await InferenceSession.create(setup.modelPath, sessionOptions(setup.threads)).catch(
    (error: unknown) => {
      throw new AppError("model_failed", "The reader cannot be loaded.", {}, { cause: error });
    },
  );
  const model = { setup, tokenizer, session };
  return {
    ready: null,
    kindOf: () => "query",
    steps: (job, reply) => readSteps(model, job, reply),
    close: () => session.release(),
  };
}

serveJobs(load);

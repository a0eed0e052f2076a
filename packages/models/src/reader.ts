/**
 * Question and passages → marked answers, by an encoder with a span head in a worker thread of its own. What it marks is a piece of the
 * passage as given, so an answer can be quoted and cited without writing a word. Neighbours: merge-reader.ts makes its model,
 * pair-tokenizer.ts (shared with training) its input, read-worker.ts runs it.
 */
import { join } from "node:path";
import { throwIfAborted, type Logger, type Reader } from "@lorekeep/core";
import { mergeReader, type MergeRequest } from "./merge-reader.ts";
import { restartingThread } from "./model-thread.ts";
import { READER_MAX_TOKENS, READER_OVERLAP_TOKENS } from "./pair-tokenizer.ts";
import type { ReadJob, ReadMark, ReadSetup } from "./read-protocol.ts";

export interface ReaderOptions extends MergeRequest {
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly maxTokens?: number | undefined;
  readonly overlapTokens?: number | undefined;
  readonly logger: Logger;
}

/** Merges the files when that was not done yet, starts the thread and loads the model. Throws as `mergeReader`, and model_failed. */
export async function openReader(options: ReaderOptions): Promise<Reader> {
  const { name, threads, logger, maxTokens = READER_MAX_TOKENS, overlapTokens = READER_OVERLAP_TOKENS } = options;
  const merged = await mergeReader(options);
  const setup: ReadSetup = {
    modelPath: join(merged.folder, "model.onnx"),
    tokenizerPath: join(merged.folder, "tokenizer.json"),
    threads,
    outputs: merged.outputs,
    maxTokens,
    overlapTokens,
  };
  const thread = await restartingThread<ReadJob, null, ReadMark[]>({
    worker: new URL("./read-worker.ts", import.meta.url),
    setup,
    role: "reader",
    name,
    logger,
  });
  return {
    name,
    fingerprint: `${name}@${merged.fingerprint}-${maxTokens}-${overlapTokens}`,
    read: async (question, passages, readOptions = {}) => {
      throwIfAborted(readOptions.signal);
      if (passages.length === 0) return [];
      const { signal, enough = null } = readOptions;
      const marks = await thread.ask({ question, passages, enough }, { signal });
      return marks.map(({ span, score, relevance }, i) => ({
        span,
        text: span === null ? "" : passages[i]!.slice(...span),
        score,
        ...(relevance === null ? {} : { relevance }),
      }));
    },
    close: () => thread.close(),
  };
}

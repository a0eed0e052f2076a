/**
 * A BERT-like ONNX encoder on ONNX Runtime: token ids in, unit vectors out. It runs onnxruntime-node directly and not through
 * transformers.js, because that brings its own downloads, tokenizers and pipelines (and 140 MB of web runtime), while all that is wanted here is
 * one session whose threads, batches and memory we decide. `run` blocks its thread: embed-worker.ts keeps it off the main one.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { AppError } from "@lorekeep/core";
import { poolVectors, type Pooling } from "./pooling.ts";

export interface EncoderSession {
  /** One unit vector per row of ids; rows may differ in length. Throws model_failed. */
  run(rows: readonly (readonly number[])[]): Promise<Float32Array[]>;
  /** The vectors of one row's tokens, [tokens, dimensions], as the encoder gives them. Throws model_failed. */
  runTokens(row: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EncoderOptions {
  readonly modelPath: string;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly dimensions: number;
  readonly pooling: Pooling;
  readonly padId: number;
}

const ERRORS_ONLY = 3;

/**
 * Idle threads do not spin: that costs a few percent on an idle machine and wins a lot on a busy one. Blocks are handed out
 * dynamically, so one slow core does not hold up the others.
 */
export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    ...(threads === 0 ? {} : { intraOpNumThreads: threads }),
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: ERRORS_ONLY,
    extra: { session: { intra_op: { allow_spinning: "0" }, dynamic_block_base: "4" } },
  };
}

/** Rows padded to `tokens`: ids, mask and types, each [rows, tokens]. */
export function inputTensors(
  rows: readonly (readonly number[])[],
  tokens: number,
  padId: number,
): Record<string, Tensor> {
  const ids = new BigInt64Array(rows.length * tokens).fill(BigInt(padId));
  const mask = new BigInt64Array(rows.length * tokens);
  for (const [r, row] of rows.entries())
    for (let t = 0; t < row.length; t += 1) {
      ids[r * tokens + t] = BigInt(row[t]!);
      mask[r * tokens + t] = 1n;
    }
  const shape = [rows.length, tokens];
  return {
    input_ids: new Tensor("int64", ids, shape),
    attention_mask: new Tensor("int64", mask, shape),
    token_type_ids: new Tensor("int64", new BigInt64Array(rows.length * tokens), shape),
  };
}

/** Throws model_failed when ONNX Runtime cannot load the file. */
export async function openEncoder(options: EncoderOptions): Promise<EncoderSession> {
  const session = await InferenceSession.create(options.modelPath, sessionOptions(options.threads)).catch(
    (error: unknown) => {
      throw new AppError("model_failed", "The embedding model cannot be loaded.", {}, { cause: error });
    },
  );
  const outputName =
    session.outputNames.find((name) => /hidden|token_embeddings/.test(name)) ?? session.outputNames[0]!;
  /** `use` gets [rows, tokens, dimensions] as long as the output lives. */
  const encode = async <T>(
    rows: readonly (readonly number[])[],
    tokens: number,
    use: (hidden: Float32Array) => T,
  ): Promise<T> => {
    const all = inputTensors(rows, tokens, options.padId);
    const feeds = Object.fromEntries(Object.entries(all).filter(([name]) => session.inputNames.includes(name)));
    try {
      const output = (await session.run(feeds, [outputName]))[outputName]!;
      const used = use(output.data as Float32Array); // the encoder's output is float32; poolVectors checks its size
      output.dispose();
      return used;
    } catch (error) {
      throw new AppError(
        "model_failed",
        "The embedding model failed on a batch.",
        { texts: rows.length },
        { cause: error },
      );
    }
  };
  const { dimensions, pooling } = options;
  return {
    run: (rows) => {
      const lengths = rows.map((row) => row.length);
      const tokens = Math.max(1, ...lengths);
      return encode(rows, tokens, (hidden) => poolVectors(hidden, { lengths, tokens, dimensions }, pooling));
    },
    runTokens: (row) => encode([row], row.length, (hidden) => hidden.slice(0, row.length * dimensions)),
    close: () => session.release(),
  };
}

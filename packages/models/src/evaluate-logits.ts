/**
 * What the serving engine computes for given tokens: the log-probability of every vocabulary entry after each of them. To compare what is
 * served with what was trained (K2); far too slow for anything else. llama.cpp gives probabilities only, so these are logits up
 * to one constant a position: compare after taking the log-sum-exp off the other side too.
 */
import { AppError, type GeneratorAdapter } from "@lorekeep/core";
import type { ControlledEvaluateInputItem, Token } from "node-llama-cpp";
import { openQuietLlama } from "./chat-tokenizer.ts";

export interface EvaluateLogitsRequest {
  readonly path: string;
  readonly adapter?: GeneratorAdapter | null | undefined;
  readonly tokenIds: readonly number[];
  /** First token after which a row is wanted: the ones before only prepare it. 0 when missing. */
  readonly from?: number | undefined;
}

/** Per token, from `from` on, a row [vocabulary] of natural logarithms; those below about −87 are −Infinity. Throws model_failed. */
export async function evaluateLogits(request: EvaluateLogitsRequest): Promise<Float32Array[]> {
  const { path, adapter, tokenIds, from = 0 } = request;
  const llama = await openQuietLlama();
  try {
    const model = await llama.loadModel({ modelPath: path });
    const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
    const context = await model.createContext({
      contextSize: tokenIds.length + 8,
      sequences: 1,
      failedCreationRemedy: false,
      ...(adapter == null ? {} : { lora: { adapters: [{ filePath: adapter.path, scale: adapter.scale }] } }),
    });
    const options = { temperature: 1, topK: 0, topP: 1, minP: 0 } as const;
    const outputs = await context.getSequence().controlledEvaluate(
      // The ids come from this model's own vocabulary.
      tokenIds.map((id, at): ControlledEvaluateInputItem =>
        at < from ? (id as Token) : [id as Token, { generateNext: { probabilities: true, options } }],
      ),
    );
    return outputs.slice(from).map((output) => {
      const row = new Float32Array(vocabulary).fill(-Infinity);
      for (const [token, probability] of output?.next.probabilities ?? []) row[token] = Math.log(probability);
      return row;
    });
  } catch (error) {
    throw new AppError("model_failed", "The model cannot be evaluated.", { path }, { cause: error });
  } finally {
    await llama.dispose();
  }
}

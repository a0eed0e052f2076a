/**
 * What the serving engine makes of an answer, in the unit of the training: the mean negative log-likelihood of its tokens. Beside
 * the trainer's own figure it says how far what serves is from what was trained (K2), which a quantised base makes more than
 * nothing: the engine multiplies in eight bits where the trainer has float32.
 */
import type { TokenExample } from "./trainer.ts";

/** Of each answer in nats per token, with the adapter or (null) with the bare base. Loads the model for each: for a few. */
export async function servedLoss(
  path: string,
  examples: readonly TokenExample[],
  adapterPath: string | null,
): Promise<number[]> {
  const { evaluateLogits } = await import("@lorekeep/models");
  const adapter = adapterPath === null ? null : { path: adapterPath, scale: 1 };
  const losses: number[] = [];
  for (const { prompt, answer } of examples) {
    // The row after a token is about the next one: the last token of all is only ever predicted.
    const tokenIds = [...prompt, ...answer].slice(0, -1);
    const rows = await evaluateLogits({ path, adapter, tokenIds, from: prompt.length - 1 });
    const told = answer.reduce((sum, id, at) => sum - Math.max(LEAST, rows[at]![id]!), 0);
    losses.push(told / Math.max(1, answer.length));
  }
  return losses;
}

/** Stands for what the engine rounds to nothing. */
const LEAST = -87;

/** The process behind served-loss.ts: one order, one report, and it ends. It gives way to those who answer. */
import { setPriority } from "node:os";
import { toAppError } from "@lorekeep/core";
import { evaluateLogits } from "@lorekeep/models";
import type { ServedLossOrder, ServedLossReport } from "./served-loss.ts";

const NICENESS = 10;
/** Stands for what the engine rounds to nothing. */
const LEAST = -87;

async function measure({ path, adapterPath, examples }: ServedLossOrder): Promise<number[]> {
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

function report(message: ServedLossReport): void {
  process.send?.(message, () => process.disconnect());
}

process.on("disconnect", () => process.exit(0)); // whoever asked is gone
process.once("message", (order) => {
  setPriority(NICENESS);
  measure(order as ServedLossOrder).then(
    (losses) => report({ type: "losses", losses }),
    (error: unknown) => {
      const { code, message } = toAppError(error);
      report({ type: "failed", code, message });
    },
  );
});

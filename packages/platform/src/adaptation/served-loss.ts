/**
 * What the serving engine makes of an answer, in the unit of the training: the mean negative log-likelihood of its tokens. Beside
 * the trainer's own figure it says how far what serves is from what was trained (K2), which a quantised base makes more than
 * nothing: the engine multiplies in eight bits where the trainer has float32.
 *
 * A row of probabilities over a large vocabulary takes long to bring into JavaScript, on the thread that asks: so it is asked in a
 * process of its own (served-loss-process.ts).
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { ErrorCode } from "@lorekeep/core";
import type { TokenExample } from "./trainer.ts";

export interface ServedLossOrder {
  readonly path: string;
  readonly adapterPath: string | null;
  readonly examples: readonly TokenExample[];
}

export type ServedLossReport =
  | { readonly type: "losses"; readonly losses: number[] }
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string };

/** Of each answer in nats per token, with the adapter or (null) with the bare base. Throws model_failed, aborted. */
export async function servedLoss(order: ServedLossOrder, signal: AbortSignal): Promise<number[]> {
  throwIfAborted(signal);
  const script = fileURLToPath(new URL("./served-loss-process.ts", import.meta.url));
  const child = fork(script, [], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const report = await new Promise<ServedLossReport | null>((resolve, reject) => {
      let last: ServedLossReport | null = null;
      child.on("message", (message) => (last = message as ServedLossReport)); // our own script sends nothing else
      child.on("error", reject);
      child.on("exit", () => resolve(last));
      child.send(order, (error) => error !== null && reject(error));
    });
    throwIfAborted(signal);
    if (report?.type === "losses") return report.losses;
    throw new AppError(report?.code ?? "model_failed", report?.message ?? "The engine ended early.", {
      path: order.path,
    });
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

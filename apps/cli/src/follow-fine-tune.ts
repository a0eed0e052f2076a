/**
 * A fine-tune that somebody watches: a bar a phase until it has ended. Ctrl-C pauses it at its next checkpoint, so that
 * nothing is lost; going on and throwing away are commands of their own.
 */
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "@lorekeep/core";
import type { FineTune } from "@lorekeep/core";
import { describeProgress } from "./describe-fine-tune.ts";
import type { ProgressBar, Terminal } from "./terminal.ts";
import type { Tuning } from "./tuning.ts";

export interface Watching {
  readonly tuning: Pick<Tuning, "fineTune" | "pause">;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Between two looks; half a second unless a test says otherwise. */
  readonly pollMs?: number;
  /** How long Ctrl-C waits for the checkpoint. */
  readonly patienceMs?: number;
}

const ENDED: ReadonlySet<FineTune["status"]> = new Set(["succeeded", "failed", "cancelled", "rejected"]);

/** Resolves at the end, whatever it is. Throws aborted after Ctrl-C. */
export async function followFineTune(watching: Watching, started: FineTune): Promise<FineTune> {
  const { tuning, terminal, signal, pollMs = 500 } = watching;
  const bars = new PhaseBars(terminal);
  let fineTune = started;
  try {
    while (!ENDED.has(fineTune.status)) {
      bars.show(fineTune);
      if (!(await pauseUnlessStopped(pollMs, signal))) break;
      fineTune = await tuning.fineTune(fineTune.id);
    }
    bars.show(fineTune);
  } finally {
    bars.end();
  }
  if (!ENDED.has(fineTune.status)) await stopPolitely(watching, fineTune);
  return fineTune;
}

/** False when Ctrl-C came. */
async function pauseUnlessStopped(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (!signal.aborted) await pause(milliseconds, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

async function stopPolitely(watching: Watching, { id }: FineTune): Promise<never> {
  const { tuning, terminal, pollMs = 500, patienceMs = 60_000 } = watching;
  terminal.say("Pausing at the next checkpoint…");
  let fineTune = await tuning.pause(id);
  const patientUntilMs = performance.now() + patienceMs;
  while (fineTune.status !== "paused" && !ENDED.has(fineTune.status) && performance.now() < patientUntilMs) {
    await pause(pollMs);
    fineTune = await tuning.fineTune(id);
  }
  const where = `step ${fineTune.step} of ${fineTune.steps}`;
  if (fineTune.status === "paused") terminal.say(`Paused at ${where}.`);
  else terminal.say(`It is ${fineTune.status} at ${where}.`);
  if (!ENDED.has(fineTune.status))
    terminal.say(`Go on: lorekeep tune resume ${id}\nThrow it away: lorekeep tune cancel ${id}`);
  throw new AppError("aborted", "Stopped.");
}

class PhaseBars {
  private readonly terminal: Terminal;
  private bar: ProgressBar | null = null;
  private label = "";

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  show(fineTune: FineTune): void {
    const label = (fineTune.status === "running" ? fineTune.phase : fineTune.status).padEnd(9);
    if (label !== this.label) {
      this.end();
      this.bar = this.terminal.bar(label);
      this.label = label;
    }
    this.bar?.update(fineTune.step, fineTune.steps, describeProgress(fineTune));
  }

  end(): void {
    this.bar?.end();
    this.bar = null;
  }
}

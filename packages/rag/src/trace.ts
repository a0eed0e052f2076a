/** The trace of one answer: each step with its start, its duration and what a person would want to know about it. */
import type { TraceStep } from "@lorekeep/core";

export interface Trace {
  readonly steps: readonly TraceStep[];
  /** Runs a step and records it, also when it throws. */
  step<Result>(
    name: string,
    work: () => Promise<Result> | Result,
    describe?: (result: Result) => Record<string, unknown>,
  ): Promise<Result>;
  note(name: string, detail: Record<string, unknown>, startedMs?: number): void;
  elapsedMs(): number;
  /** Milliseconds by step, `totalMs` included. */
  timings(): Record<string, number>;
}

export function startTrace(nowMs: () => number = () => performance.now()): Trace {
  const origin = nowMs();
  const steps: TraceStep[] = [];
  const elapsedMs = (): number => round(nowMs() - origin);
  const note: Trace["note"] = (name, detail, startedMs = elapsedMs()) => {
    steps.push({ name, startMs: round(startedMs), durationMs: round(elapsedMs() - startedMs), detail });
  };
  return {
    steps,
    elapsedMs,
    note,
    async step(name, work, describe) {
      const startedMs = elapsedMs();
      try {
        const result = await work();
        note(name, describe?.(result) ?? {}, startedMs);
        return result;
      } catch (error) {
        note(name, { error: error instanceof Error && "code" in error ? error.code : "unexpected" }, startedMs);
        throw error;
      }
    },
    timings() {
      const timings: Record<string, number> = {};
      for (const { name, durationMs, detail } of steps) {
        timings[`${name}Ms`] = (timings[`${name}Ms`] ?? 0) + durationMs;
        if (typeof detail.firstTokenMs === "number") timings.firstTokenMs = detail.firstTokenMs;
      }
      return { ...timings, totalMs: elapsedMs() };
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

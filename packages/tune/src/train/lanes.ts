/**
 * Where a step's gradient comes from: one session with all threads, or two lanes that share the step's examples, each with a
 * session of its own and half of the threads. Two sessions with one thread each train 1.2 times as fast as one with two
 * (SmolLM2-135M, 2×256 tokens, two cores): nobody waits for the other at every small operation, only at the end of a round
 * (data parallelism with synchronous sums, as in Goyal et al. 2017). The first lane is the calling thread; lane-thread.ts
 * is the second.
 *
 * Invariants: gradients are summed round by round, first lane before second, so the same lanes give the same losses bit for bit;
 * one lane and two differ by rounding only. The second lane has its work before the first begins with its own.
 */
import type { Brake } from "./brake.ts";
import type { StepSession } from "./step-session.ts";
import { splitStep } from "./split-step.ts";
import type { BatchFeeds, TrainingTask } from "./training-task.ts";

export interface Measured {
  /** Mean over the loss terms of all batches. */
  readonly loss: number;
  /** Without padding. */
  readonly tokens: number;
}

/** What the training loop asks for. */
export interface GradientSource {
  /** Loss of these batches of indexes together, as one step; its gradient is in `gradient`. Null when cancelled on the way. Throws model_failed. */
  measure(batches: readonly (readonly number[])[]): Promise<Measured | null>;
}

export interface LaneWork<E> {
  readonly examples: readonly E[];
  readonly lossScale: number;
}

/** Another thread that measures beside this one. */
export interface Lane<E> {
  /** For all work that begins from now on. */
  takeParameters(parameters: Float32Array): void;
  /** Returns at once; one at a time. */
  begin(work: LaneWork<E>): void;
  /** Loss of what was begun; its gradient is in `gradient` until the next begins. Throws model_failed. */
  finish(): Promise<number>;
  readonly gradient: Float32Array;
  close(): Promise<void>;
}

export interface LanesOptions<E> {
  readonly task: TrainingTask<E>;
  readonly examples: readonly E[];
  /** Asked before every round. */
  readonly brake: Brake;
  /** The first lane, and the array that its runs write. */
  readonly session: Pick<StepSession, "run">;
  readonly gradient: Float32Array;
  /** What the first lane's session reads. */
  readonly parameters: Float32Array;
  /** Missing: one lane. */
  readonly second?: Lane<E> | undefined;
}

export function openLanes<E>(options: LanesOptions<E>): GradientSource {
  const { task, examples, brake, session, gradient, parameters, second } = options;
  const lengths = examples.map((example) => task.lengthOf(example));
  const pick = (indexes: readonly number[]): E[] => indexes.map((index) => examples[index]!);
  let sum: Float32Array | null = null;
  return {
    measure: async (batches) => {
      const rounds = splitStep(batches, lengths, second === undefined ? 1 : 2).map((round) => ({
        own: task.feedsOf(pick(round.first)),
        shared: pick(round.second),
      }));
      const { terms, tokens } = totalOf(rounds, task);
      const lossScale = 1 / Math.max(1, terms);
      const isOneRun = rounds.length === 1 && rounds[0]!.shared.length === 0;
      if (!isOneRun) sum = sum?.fill(0) ?? new Float32Array(gradient.length);
      if (rounds.some(({ shared }) => shared.length > 0)) second?.takeParameters(parameters);
      let loss = 0;
      for (const { own, shared } of rounds) {
        if (!brake.mayGoOn()) return null;
        if (shared.length > 0) second?.begin({ examples: shared, lossScale });
        loss += await session.run(own.feeds, lossScale);
        if (!isOneRun) addTo(sum!, gradient);
        if (shared.length === 0 || second === undefined) continue;
        loss += await second.finish();
        addTo(sum!, second.gradient);
      }
      if (!isOneRun) gradient.set(sum!);
      return { loss, tokens };
    },
  };
}

/** The second lane builds its feeds itself: building them here too, for the counts, takes a millisecond, posting them would take more. */
function totalOf<E>(
  rounds: readonly { readonly own: BatchFeeds; readonly shared: readonly E[] }[],
  task: TrainingTask<E>,
): { terms: number; tokens: number } {
  let [terms, tokens] = [0, 0];
  for (const { own, shared } of rounds)
    for (const part of [own, ...(shared.length === 0 ? [] : [task.feedsOf(shared)])]) {
      terms += part.terms;
      tokens += part.tokens;
    }
  return { terms, tokens };
}

function addTo(sum: Float32Array, more: Float32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + more[i]!;
}

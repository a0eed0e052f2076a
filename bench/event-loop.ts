/**
 * How long the main event loop is held between two of its turns, in time of the clock and in processor time of this thread. On a busy
 * machine the first also counts what other programs took; the second is what we did.
 */
import { percentile, round } from "./figures.ts";

export interface LoopHolds {
  /** Milliseconds between turns of the loop, the longest and the 99th percentile. */
  stop(): { readonly wall: Held; readonly cpu: Held };
}
interface Held {
  readonly longest: number;
  readonly p99: number;
}

/** A turn is taken every millisecond, which itself costs a few microseconds. */
export function watchLoop(): LoopHolds {
  const wall: number[] = [];
  const cpu: number[] = [];
  const cpuMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = { at: performance.now(), cpu: cpuMs() };
  const timer = setInterval(() => {
    const now = { at: performance.now(), cpu: cpuMs() };
    wall.push(now.at - last.at);
    cpu.push(now.cpu - last.cpu);
    last = now;
  }, 1);
  const held = (samples: readonly number[]): Held => ({
    longest: round(samples.reduce((most, sample) => Math.max(most, sample), 0)),
    p99: round(percentile(samples, 99)),
  });
  return {
    stop: () => {
      clearInterval(timer);
      return { wall: held(wall), cpu: held(cpu) };
    },
  };
}

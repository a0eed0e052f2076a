/** A clock that stands still until a test moves it. */
import type { Clock } from "../ports/clock.ts";

export interface ManualClock extends Clock {
  advance(ms: number): void;
  set(time: string | Date): void;
}

export function manualClock(start: string | Date = "2026-03-02T12:00:00.000Z"): ManualClock {
  let now = new Date(start).getTime();
  return {
    now: () => new Date(now),
    advance: (ms) => void (now += ms),
    set: (time) => void (now = new Date(time).getTime()),
  };
}

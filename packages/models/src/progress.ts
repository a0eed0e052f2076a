/** Bytes over time: how far a download is, how fast it has been in the last seconds and when it will end. */
import { systemClock, type Clock } from "@lorekeep/core";

export interface Progress {
  readonly doneBytes: number;
  /** null = the source does not say. */
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number;
  /** null while unknown. */
  readonly etaSeconds: number | null;
}

const WINDOW_MS = 5_000;

/** Feed it readings as they come; it forgets those older than five seconds. */
export function progressMeter(clock: Clock = systemClock): (done: number, total: number | null) => Progress {
  let readings: { atMs: number; bytes: number }[] = [];
  return (doneBytes, totalBytes) => {
    const atMs = clock.now().getTime();
    const last = readings.at(-1);
    if (last !== undefined && doneBytes < last.bytes) readings = [];
    readings.push({ atMs, bytes: doneBytes });
    readings = readings.filter((reading, i) => i === readings.length - 1 || reading.atMs >= atMs - WINDOW_MS);
    const first = readings[0]!;
    const elapsedMs = atMs - first.atMs;
    const bytesPerSecond = elapsedMs === 0 ? 0 : ((doneBytes - first.bytes) / elapsedMs) * 1000;
    const etaSeconds =
      totalBytes === null || bytesPerSecond === 0 ? null : Math.max(0, (totalBytes - doneBytes) / bytesPerSecond);
    return { doneBytes, totalBytes, bytesPerSecond, etaSeconds };
  };
}

/**
 * Keeps the stage records of one ingest run, for progress in the admin. Written at every change of stage and at most four
 * times a second within one, so that a fast stage does not hammer the database.
 */
import type { Clock, Stage, StageRecord } from "@lorekeep/core";

export type ReportProgress = (done: number, total: number | null) => void;

export interface StageRecords {
  /** Runs one stage: its record opens before `work`, counts while it runs and is closed with its duration after it. */
  run<Result>(name: Stage, work: (report: ReportProgress) => Promise<Result>): Promise<Result>;
  current(): readonly StageRecord[];
}

const MIN_WRITE_INTERVAL_MS = 250;

/** `write` persists the records; `onProgress` hears every change, unthrottled. */
export function trackStages(deps: {
  clock: Clock;
  write: (stages: readonly StageRecord[]) => Promise<void>;
  onProgress?: ((stage: Stage, done: number, total: number | null) => void) | undefined;
}): StageRecords {
  const records: StageRecord[] = [];
  let lastWriteAt = Number.NEGATIVE_INFINITY;
  // Writes queue up behind each other, so an older record never lands on a newer one; the first failure surfaces at the stage's end.
  let writing: Promise<void> = Promise.resolve();
  const nowMs = (): number => deps.clock.now().getTime();
  const save = (): void => {
    lastWriteAt = nowMs();
    const snapshot = [...records];
    writing = writing.then(() => deps.write(snapshot));
    writing.catch(() => {}); // awaited, and thrown, where the stage ends
  };

  return {
    current: () => [...records],
    async run(name, work) {
      const startedMs = nowMs();
      const at = records.length;
      records.push({ name, startedAt: new Date(startedMs).toISOString(), durationMs: null, done: 0, total: null });
      save();
      const result = await work((done, total) => {
        records[at] = { ...records[at]!, done, total };
        deps.onProgress?.(name, done, total);
        if (nowMs() - lastWriteAt >= MIN_WRITE_INTERVAL_MS) save();
      });
      records[at] = { ...records[at]!, durationMs: nowMs() - startedMs };
      save();
      await writing;
      return result;
    },
  };
}

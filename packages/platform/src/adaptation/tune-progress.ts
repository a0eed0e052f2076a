/**
 * A run's progress on its way into the rows: many steps a second become one write a second. The same beat reads the row, which
 * is how a pause or a cancellation that another process was asked for reaches this one.
 */
import type { FineTune, FineTuneId, JobContext, Logger, Store } from "@lorekeep/core";
import type { TrainingControl } from "@lorekeep/tune";
import { isEnded } from "./fine-tunes.ts";
import type { TrainOrder } from "./trainer.ts";

type Changes = Parameters<Store["fineTunes"]["update"]>[1];
type Point = FineTune["loss"][number];

export interface TuneProgress extends Pick<TrainOrder, "onPlan" | "onStep" | "onValidation"> {
  /** Writes at once, before what is pending. */
  phase(name: string, changes?: Changes): Promise<void>;
  /** Stops the beat and writes what is pending. */
  end(): Promise<void>;
}

export interface TuneProgressOptions {
  readonly store: Pick<Store, "fineTunes">;
  readonly id: FineTuneId;
  readonly control: TrainingControl;
  readonly context: JobContext;
  readonly logger: Logger;
  readonly everyMs?: number | undefined;
}

export function reportProgress(options: TuneProgressOptions): TuneProgress {
  const { store, id, control, context, everyMs = 1000 } = options;
  let changes: Changes = {};
  let losses: Point[] = [];
  let validations: Point[] = [];
  let writing: Promise<void> = Promise.resolve();

  /** A run that was cancelled meanwhile does not come to life by its own progress. */
  async function withoutRevival(row: Changes): Promise<Changes> {
    if (row.status !== "running" && row.status !== "paused") return row;
    const now = await store.fineTunes.get(id);
    const { status: _status, error: _error, ...rest } = row;
    return now === null || isEnded(now) ? rest : row;
  }
  async function write(): Promise<void> {
    const [row, points, held] = [changes, losses, validations];
    [changes, losses, validations] = [{}, [], []];
    if (points.length > 0) await store.fineTunes.addLoss(id, "loss", points);
    if (held.length > 0) await store.fineTunes.addLoss(id, "validationLoss", held);
    if (Object.keys(row).length === 0) return;
    const { step, steps, phase } = await store.fineTunes.update(id, await withoutRevival(row));
    await context.progress(step, steps === 0 ? null : steps, phase);
  }
  async function obey(): Promise<void> {
    const status = (await store.fineTunes.get(id))?.status;
    if (status === "paused") control.pause();
    else control.resume();
    if (status === "cancelled" || status === undefined) control.cancel();
  }
  /** One after another; a failed write is tried again with the next beat's values. */
  const beat = (): Promise<void> => {
    writing = writing
      .then(obey)
      .then(write)
      .catch((error: unknown) => options.logger.warn("fine-tune.progress_failed", { fineTuneId: id, error }));
    return writing;
  };
  const timer = setInterval(() => void beat(), everyMs);

  return {
    async phase(name, more = {}) {
      changes = { ...changes, ...more, phase: name };
      await beat();
    },
    onPlan({ steps }) {
      changes = { ...changes, steps };
    },
    onStep({ step, steps, loss, tokensPerSecond, etaSeconds, rssBytes, skippedSteps }) {
      if (loss !== null) losses.push({ step, loss });
      const memoryBytes = Math.round(rssBytes);
      changes = { ...changes, step, steps, tokensPerSecond, etaSeconds, memoryBytes, skippedSteps };
    },
    onValidation({ step, loss }) {
      validations.push({ step, loss });
    },
    async end() {
      clearInterval(timer);
      await beat();
    },
  };
}

/**
 * The training runs of this process: how a request to pause or cancel reaches one at once (another process sees the row), and
 * how all of them make way while somebody is being answered.
 */
import type { FineTuneId, Generator } from "@lorekeep/core";
import type { TrainingControl } from "@lorekeep/tune";

export interface TuneRuns {
  /** Registers a run until the returned function is called. */
  begin(id: FineTuneId, control: TrainingControl): () => void;
  control(id: FineTuneId): TrainingControl | null;
  /** Runs make way from here until the returned function is called; calls nest. */
  makeWay(): () => void;
}

export function openTuneRuns(): TuneRuns {
  const running = new Map<FineTuneId, TrainingControl>();
  let busyCount = 0;
  const tell = (): void => {
    for (const control of running.values()) control.setBusy(busyCount > 0);
  };
  return {
    begin(id, control) {
      running.set(id, control);
      control.setBusy(busyCount > 0);
      return () => {
        if (running.get(id) === control) running.delete(id);
      };
    },
    control: (id) => running.get(id) ?? null,
    makeWay() {
      busyCount += 1;
      if (busyCount === 1) tell();
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        busyCount -= 1;
        if (busyCount === 0) tell();
      };
    },
  };
}

/** The generator; training makes way while it writes. */
export function beforeTraining(generator: Generator, runs: TuneRuns): Generator {
  return {
    name: generator.name,
    fingerprint: generator.fingerprint,
    contextTokens: generator.contextTokens,
    languages: generator.languages,
    answersFromPassages: generator.answersFromPassages,
    answeringAdapter: generator.answeringAdapter,
    countPromptTokens: (messages) => generator.countPromptTokens(messages),
    async *generate(request) {
      const done = runs.makeWay();
      try {
        yield* generator.generate(request);
      } finally {
        done();
      }
    },
    close: () => generator.close(),
  };
}

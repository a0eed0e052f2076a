/**
 * The worker's side of model-thread.ts: loads the model, then runs each job's steps through embed-queue.ts, so that a stopped job never
 * gets another step and urgent ones go first.
 */
import { parentPort, workerData } from "node:worker_threads";
import { toAppError } from "@lorekeep/core";
import type { JobKind } from "./embed-protocol.ts";
import { EmbedQueue } from "./embed-queue.ts";
import type { FromWorker, ToWorker } from "./model-thread.ts";

export interface JobReply<Answer> {
  answer(answer: Answer, transfer?: ArrayBuffer[]): void;
  progress(done: number): void;
}
export interface LoadedModel<Job, Ready, Answer> {
  readonly ready: Ready;
  kindOf(job: Job): JobKind;
  /** Yields between steps; replies once with an answer, or throws. */
  steps(job: Job, reply: JobReply<Answer>): AsyncGenerator<void, void, void>;
  close(): Promise<void>;
}

/** To be called once, in a worker thread; `load` gets what `setup` of the thread's options was. */
export function serveJobs<Setup, Job, Ready, Answer>(
  load: (setup: Setup) => Promise<LoadedModel<Job, Ready, Answer>>,
): void {
  const port = parentPort!;
  const post = (message: FromWorker<Ready, Answer>, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  const fail = (id: number | null, error: unknown): void => {
    const { code, message, details } = toAppError(error);
    post({ type: "failed", id, code, message, details });
  };
  async function* guarded(
    model: LoadedModel<Job, Ready, Answer>,
    id: number,
    job: Job,
  ): AsyncGenerator<void, void, void> {
    try {
      yield* model.steps(job, {
        answer: (answer, transfer) => post({ type: "answer", id, answer }, transfer),
        progress: (done) => post({ type: "progress", id, done }),
      });
    } catch (error) {
      fail(id, error);
    }
  }
  async function main(): Promise<void> {
    const model = await load(workerData as Setup); // the thread's options hold a Setup
    const queue = new EmbedQueue(() => new Promise((resolve) => setImmediate(resolve)));
    port.on("message", (message: ToWorker<Job>) => {
      switch (message.type) {
        case "job":
          return queue.add({
            id: message.id,
            kind: model.kindOf(message.job),
            steps: guarded(model, message.id, message.job),
          });
        case "abort":
          return queue.stop(message.id);
        case "close":
          return void queue.stopAll().then(async () => {
            await model.close();
            port.close();
          });
      }
    });
    post({ type: "ready", ready: model.ready });
  }
  main().catch((error: unknown) => fail(null, error));
}

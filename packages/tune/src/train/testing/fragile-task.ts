/** The toy, but for a second lane (lane-thread.ts) that ends or throws in the middle of its work. The first lane is well. */
import { workerData } from "node:worker_threads";
import { toyTask, type ToyExample } from "./toy-task.ts";
import type { TrainingTask } from "../training-task.ts";

const isSecondLane = (): boolean => typeof workerData === "object" && workerData !== null && "lane" in workerData;

/** Ends its thread without a word. */
export const endingTask: TrainingTask<ToyExample> = {
  ...toyTask,
  feedsOf: (batch) => (isSecondLane() ? process.exit(7) : toyTask.feedsOf(batch)),
};

/** Leaves out what the graph needs. */
export const failingTask: TrainingTask<ToyExample> = {
  ...toyTask,
  feedsOf: (batch) => ({ ...toyTask.feedsOf(batch), ...(isSecondLane() ? { feeds: {} } : {}) }),
};

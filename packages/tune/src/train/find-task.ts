/** Finds a training task by module and export name, in a worker: functions do not cross threads. */
import { AppError } from "@lorekeep/core";
import type { TrainingTask } from "./training-task.ts";

/** Throws model_invalid when the module cannot be loaded or the export is no task. */
export async function findTask(moduleUrl: string, exportName: string): Promise<TrainingTask<unknown>> {
  const module = await load(moduleUrl);
  const task = module[exportName];
  if (typeof task !== "object" || task === null || !("feedsOf" in task))
    throw new AppError("model_invalid", `${exportName} is not a training task of ${moduleUrl}.`);
  return task as TrainingTask<unknown>; // checked as far as it can be
}

async function load(moduleUrl: string): Promise<Record<string, unknown>> {
  try {
    return (await import(moduleUrl)) as Record<string, unknown>;
  } catch (cause) {
    throw new AppError("model_invalid", `The training task ${moduleUrl} cannot be loaded.`, {}, { cause });
  }
}

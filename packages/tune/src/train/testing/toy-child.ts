/**
 * A process that trains the toy and stands still after the given step, so that a test can kill it in the middle of a run.
 * Arguments: folder, step. Prints "standing" when it stands.
 */
import { writeSync } from "node:fs";
import { createTrainingControl } from "../brake.ts";
import { train } from "../trainer.ts";
import { KILLED_RUN, toyRun } from "./toy-run.ts";

const [folder, standAt] = process.argv.slice(2) as [string, string];
const control = createTrainingControl();
const options = await toyRun(folder, {
  ...KILLED_RUN,
  resume: true,
  control,
  onProgress: (progress) => {
    if (progress.step < Number(standAt)) return;
    control.pause();
    writeSync(1, "standing\n");
  },
});
await train(options);
writeSync(1, "ended\n");

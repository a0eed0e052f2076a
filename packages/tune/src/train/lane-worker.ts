/**
 * The second lane's thread: examples in; loss as a message and gradient in shared memory out. lane-thread.ts is the other end. On
 * Linux it has the priority of the thread that opens it: the training thread's, which is nice.
 */
import { parentPort, workerData } from "node:worker_threads";
import { findTask } from "./find-task.ts";
import type { FromLane, LaneData, LaneOrder, ToLane } from "./lane-thread.ts";
import { openStepSession } from "./step-session.ts";
import { failureOf } from "./training-thread.ts";
import type { TrainingTask } from "./training-task.ts";

const { lane, parameters: sharedParameters, gradient: sharedGradient } = workerData as LaneData;
const post = (message: FromLane): void => parentPort!.postMessage(message);

async function openLane({ files, taskModule, taskExport, threads, isSpinning }: LaneOrder) {
  const task: TrainingTask<unknown> = await findTask(taskModule, taskExport);
  const [parameters, gradient] = [new Float32Array(sharedParameters.length), new Float32Array(sharedGradient.length)];
  const { trainModel: modelPath, parameters: specs } = files;
  const session = await openStepSession({
    ...{ modelPath, specs, parameters, gradient, threads, isSpinning, isPrepacked: true },
  });
  return {
    measure: async ({ examples, lossScale, isNewParameters }: ToLane & { type: "measure" }): Promise<number> => {
      if (isNewParameters) parameters.set(sharedParameters);
      const loss = await session.run(task.feedsOf(examples).feeds, lossScale);
      sharedGradient.set(gradient);
      return loss;
    },
    close: () => session.close(),
  };
}

async function serve(): Promise<void> {
  const opened = await openLane(lane);
  post({ type: "ready" });
  let last = Promise.resolve();
  parentPort!.on("message", (message: ToLane) => {
    last = last.then(async () => {
      try {
        if (message.type === "measure") return post({ type: "measured", loss: await opened.measure(message) });
      } catch (error) {
        post(failureOf(error));
      }
      await opened.close();
      parentPort!.close();
    });
  });
}

await serve().catch((error: unknown) => {
  post(failureOf(error));
  parentPort!.close();
});

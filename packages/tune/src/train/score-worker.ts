/** The thread behind scoreExamples: one run of the evaluation graph per example. */
import { findTask } from "./find-task.ts";
import { flatLength, viewsOf } from "./flat-parameters.ts";
import type { Score, ScoreOrder } from "./score-examples.ts";
import { openStepSession } from "./step-session.ts";
import { serveThread } from "./training-thread.ts";

await serveThread(async (order: ScoreOrder, report: (done: number) => void): Promise<Score[]> => {
  const task = await findTask(order.taskModule, order.taskExport);
  const specs = order.files.parameters;
  const parameters = new Float32Array(flatLength(specs));
  for (const [name, view] of viewsOf(parameters, specs)) view.set(order.parameters.get(name) ?? []);
  const { evaluateModel: modelPath } = order.files;
  const session = await openStepSession({ modelPath, specs, parameters, threads: order.threads, isPrepacked: false });
  try {
    const scores: Score[] = [];
    for (const example of order.examples) {
      const { feeds, terms } = task.feedsOf([example]);
      scores.push({ loss: await session.run(feeds, 1), terms });
      report(scores.length);
    }
    return scores;
  } finally {
    await session.close();
  }
});

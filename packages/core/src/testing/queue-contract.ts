/** What every Queue driver must do. `make` gives a fresh, empty queue. Runs on real time, with tiny pauses. */
import { afterEach, beforeEach, describe } from "vitest";
import type { Queue } from "../ports/queue.ts";
import { endingTests } from "./queue-contract-ending.ts";
import { keepingTests } from "./queue-contract-keeping.ts";
import { runningTests } from "./queue-contract-running.ts";
import type { QueueStage, QueueUnderTest } from "./queue-stage.ts";
import { waitUntil } from "./wait-until.ts";

export { CONTRACT_KINDS } from "./queue-stage.ts";
export type { QueueUnderTest } from "./queue-stage.ts";

export function describeQueue(name: string, make: () => Promise<QueueUnderTest>): void {
  describe(`queue contract: ${name}`, () => {
    let under: QueueUnderTest;
    let queue: Queue;
    beforeEach(async () => {
      under = await make();
      queue = await under.open();
    });
    afterEach(async () => {
      await under.close();
    });
    const stage: QueueStage = {
      get queue() {
        return queue;
      },
      open: () => under.open(),
      status: (job, wanted) =>
        waitUntil(
          async () => {
            const now = await queue.get(job.id);
            return now?.status === wanted ? now : null;
          },
          { what: `${job.kind} job to be ${wanted}`, everyMs: 5 },
        ),
    };
    runningTests(stage);
    endingTests(stage);
    keepingTests(stage);
  });
}

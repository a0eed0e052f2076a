import { CONTRACT_KINDS, describeQueue, memoryJobRows, recordingLogger } from "@lorekeep/core/testing";
import type { JobRows, Queue } from "@lorekeep/core";
import { openSqliteQueue } from "./sqlite-queue.ts";

function underTest(rows: JobRows, close: () => Promise<void>) {
  const opened: Queue[] = [];
  return {
    async open() {
      const queue = openSqliteQueue({
        rows,
        kinds: CONTRACT_KINDS,
        logger: recordingLogger(),
        pollMs: 10,
        leaseMs: 90,
        abortGraceMs: 30,
      });
      opened.push(queue);
      return queue;
    },
    async close() {
      await Promise.all(opened.map((queue) => queue.close()));
      await close();
    },
  };
}

describeQueue("embedded, rows in memory", async () => underTest(memoryJobRows(), async () => undefined));

import { expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import type { JobKind } from "./embed-protocol.ts";
import { EmbedQueue, type QueuedJob } from "./embed-queue.ts";

function stage() {
  const log: string[] = [];
  const queue = new EmbedQueue(() => Promise.resolve());
  const job = (id: number, kind: JobKind, steps: number, during?: (step: number) => void): QueuedJob => ({
    id,
    kind,
    steps: (async function* () {
      for (let step = 0; step < steps; step += 1) {
        log.push(`${kind}${id}.${step}`);
        during?.(step);
        if (step < steps - 1) yield;
      }
    })(),
  });
  return { log, queue, job };
}

test("a query that comes later goes before the rest of an ingest, a count in between", async () => {
  const { log, queue, job } = stage();
  queue.add(
    job(1, "passage", 4, (step) => {
      if (step !== 1) return;
      queue.add(job(2, "count", 1));
      queue.add(job(3, "query", 2));
    }),
  );
  await waitUntil(() => log.length === 7, { what: "all steps" });
  expect(log).toEqual(["passage1.0", "passage1.1", "query3.0", "query3.1", "count2.0", "passage1.2", "passage1.3"]);
});

test("two ingests advance in turn", async () => {
  const { log, queue, job } = stage();
  queue.add(job(1, "passage", 2));
  queue.add(job(2, "passage", 2));
  await waitUntil(() => log.length === 4, { what: "all steps" });
  expect(log).toEqual(["passage1.0", "passage2.0", "passage1.1", "passage2.1"]);
});

test("a stopped job gets no further step, the others go on", async () => {
  const { log, queue, job } = stage();
  queue.add(
    job(1, "passage", 5, (step) => {
      if (step === 1) queue.stop(1);
    }),
  );
  queue.add(job(2, "passage", 1));
  await waitUntil(() => log.includes("passage2.0"), { what: "the other job" });
  await queue.stopAll();
  expect(log.filter((step) => step.startsWith("passage1"))).toEqual(["passage1.0", "passage1.1"]);
});

test("works again after it ran empty", async () => {
  const { log, queue, job } = stage();
  queue.add(job(1, "query", 1));
  await waitUntil(() => log.length === 1, { what: "the first" });
  await queue.stopAll();
  queue.add(job(2, "query", 1));
  await waitUntil(() => log.length === 2, { what: "the second" });
  expect(log).toEqual(["query1.0", "query2.0"]);
});

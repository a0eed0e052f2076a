/** The queue contract: running jobs, and keys. */
import { describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { JobHandler } from "../ports/queue.ts";
import { value } from "./queue-stage.ts";
import type { QueueStage } from "./queue-stage.ts";
import { waitUntil } from "./wait-until.ts";

export function runningTests(stage: QueueStage): void {
  describe("running", () => {
    test("a job runs once with its payload, and its result is kept", async () => {
      const seen: unknown[] = [];
      await stage.queue.work({ echo: async (payload) => (seen.push(payload), { said: payload }) });
      const job = await stage.queue.enqueue("echo", value("hello"));
      const ended = await stage.status(job, "succeeded");
      expect(seen).toEqual([value("hello")]);
      expect(ended).toMatchObject({ result: { said: value("hello") }, attempt: 1, maxAttempts: 3, error: null });
      expect(ended.endedAt).not.toBeNull();
      expect(ended.startedAt).not.toBeNull();
    });

    test("a worker that is waiting starts a new job within half a second", async () => {
      const started = Promise.withResolvers<number>();
      await stage.queue.work({ echo: async () => started.resolve(performance.now()) });
      const before = performance.now();
      await stage.queue.enqueue("echo", value("now"));
      expect((await started.promise) - before).toBeLessThan(500);
    });

    test("jobs enqueued before any worker wait for one", async () => {
      const job = await stage.queue.enqueue("echo", value("early"));
      expect((await stage.queue.get(job.id))?.status).toBe("queued");
      await stage.queue.work({ echo: async () => null });
      await stage.status(job, "succeeded");
    });

    test("a job of another process runs too", async () => {
      await stage.queue.work({ echo: async () => "done" });
      const job = await (await stage.open()).enqueue("echo", value("from afar"));
      await stage.status(job, "succeeded");
    });

    test("no more jobs of a kind run at once than its concurrency, over all workers", async () => {
      let now = 0;
      let most = 0;
      const handler: JobHandler = async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 15));
        now -= 1;
      };
      await stage.queue.work({ single: handler });
      await (await stage.open()).work({ single: handler });
      const jobs = await Promise.all(Array.from({ length: 6 }, (_, i) => stage.queue.enqueue("single", value(`${i}`))));
      for (const job of jobs) await stage.status(job, "succeeded");
      expect(most).toBe(1);
    });

    test("a larger priority goes first, and equal ones in the order they came", async () => {
      const jobs = [];
      for (const [text, priority] of [
        ["a", 0],
        ["b", 0],
        ["c", 5],
        ["d", -5],
      ] as const) {
        jobs.push(await stage.queue.enqueue("single", value(text), { priority }));
      }
      const order: string[] = [];
      await stage.queue.work({ single: async (payload) => void order.push((payload as { value: string }).value) });
      for (const job of jobs) await stage.status(job, "succeeded");
      expect(order).toEqual(["c", "a", "b", "d"]);
    });

    test("a job with a later time waits for it", async () => {
      const due = new Date(Date.now() + 150);
      let ranAt = 0;
      await stage.queue.work({ echo: async () => void (ranAt = Date.now()) });
      const job = await stage.queue.enqueue("echo", value("later"), { runAt: due });
      expect(job.status).toBe("scheduled");
      await stage.status(job, "succeeded");
      expect(ranAt).toBeGreaterThanOrEqual(due.getTime());
    });

    test("progress and parent are seen by everybody", async () => {
      const release = Promise.withResolvers<null>();
      await stage.queue.work({
        echo: async (_, context) => {
          await context.progress(3, 7, "embed");
          await release.promise;
        },
      });
      const parentId = newId("job");
      const job = await stage.queue.enqueue("echo", value("p"), { parentId });
      const other = await stage.open();
      const seen = await waitUntil(
        async () => {
          const now = await other.get(job.id);
          return now?.progress.done === 3 ? now : null;
        },
        { what: "progress", everyMs: 5 },
      );
      expect(seen).toMatchObject({ status: "running", parentId, progress: { done: 3, total: 7, note: "embed" } });
      release.resolve(null);
      await stage.status(job, "succeeded");
    });

    test("a kind that is not in the table is refused", async () => {
      await expect(stage.queue.enqueue("nonsense", {})).rejects.toMatchObject({ code: "request_invalid" });
      await expect(stage.queue.enqueue("constructor", {})).rejects.toMatchObject({ code: "request_invalid" });
    });
  });

  describe("keys", () => {
    test("a second job with the key of one that has not ended is not made", async () => {
      const first = await stage.queue.enqueue("echo", value("1"), { key: "k" });
      const second = await (await stage.open()).enqueue("echo", value("2"), { key: "k" });
      expect(second.id).toBe(first.id);
      expect((await stage.queue.list({ limit: 10 })).items).toHaveLength(1);
    });

    test("the key stays taken while the job runs and between its attempts, and is free once it ended", async () => {
      const twice = Promise.withResolvers<null>();
      await stage.queue.work({
        single: async (_, { job }) => {
          if (job.attempt === 1) throw new AppError("model_busy", "Busy.");
          await twice.promise;
        },
      });
      const first = await stage.queue.enqueue("single", value("1"), { key: "k" });
      await waitUntil(async () => (await stage.queue.get(first.id))?.attempt === 2, {
        what: "second attempt",
        everyMs: 5,
      });
      expect((await stage.queue.enqueue("single", value("2"), { key: "k" })).id).toBe(first.id);
      twice.resolve(null);
      await stage.status(first, "succeeded");
      expect((await stage.queue.enqueue("single", value("3"), { key: "k" })).id).not.toBe(first.id);
    });

    test("J2 a job that is made once is found again by its key after it ended, whatever became of it", async () => {
      const order = { key: "night", once: true } as const;
      const first = await stage.queue.enqueue("echo", value("x"), order);
      expect((await stage.queue.enqueue("echo", value("x"), order)).id).toBe(first.id);
      let runs = 0;
      await stage.queue.work({ echo: async () => (runs += 1) });
      await stage.status(first, "succeeded");
      const late = await (await stage.open()).enqueue("echo", value("x"), order);
      expect(late).toMatchObject({ id: first.id, status: "succeeded" });
      const other = await stage.queue.enqueue("single", value("x"), order);
      await stage.queue.cancel(other.id);
      expect(await stage.queue.enqueue("single", value("x"), order)).toMatchObject({
        id: other.id,
        status: "cancelled",
      });
      await stage.status(await stage.queue.enqueue("echo", value("y"), { key: "next night", once: true }), "succeeded");
      expect(runs).toBe(2);
      expect((await stage.queue.list({ limit: 10 })).items).toHaveLength(3);
    });

    test("a cancelled job frees its key, and cannot be tried again while another holds it", async () => {
      const first = await stage.queue.enqueue("echo", value("1"), { key: "k" });
      await stage.queue.cancel(first.id);
      const second = await stage.queue.enqueue("echo", value("2"), { key: "k" });
      expect(second.id).not.toBe(first.id);
      await expect(stage.queue.retry(first.id)).rejects.toMatchObject({ code: "conflict" });
    });
  });
}

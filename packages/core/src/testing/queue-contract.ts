/**
 * What every Queue driver must do. `make` gives a fresh, empty queue; `open()` gives one more handle on it, as another
 * process would have. Runs on real time (a driver's server has its own clock), so pauses in the kinds below are tiny.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Job, JobStatus } from "../domain.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { JobContext, JobHandler, Queue } from "../ports/queue.ts";
import { waitUntil } from "./wait-until.ts";

const base = { payload: z.strictObject({ value: z.string() }), maxAttempts: 3, backoffMs: 10, timeoutMs: 20_000 };
/** The kinds that the driver under test must be opened with. */
export const CONTRACT_KINDS = {
  echo: { ...base, concurrency: 2 },
  single: { ...base, concurrency: 1 },
  brief: { ...base, maxAttempts: 2, timeoutMs: 60, concurrency: 2 },
} as const;

export interface QueueUnderTest {
  open(): Promise<Queue>;
  close(): Promise<void>;
}

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
    const status = async (job: Job, wanted: JobStatus, from: Queue = queue): Promise<Job> =>
      waitUntil(
        async () => {
          const now = await from.get(job.id);
          return now?.status === wanted ? now : null;
        },
        { what: `${job.kind} job to be ${wanted}`, everyMs: 5 },
      );
    const value = (text: string) => ({ value: text });

    describe("running", () => {
      test("a job runs once with its payload, and its result is kept", async () => {
        const seen: unknown[] = [];
        await queue.work({ echo: async (payload) => (seen.push(payload), { said: payload }) });
        const job = await queue.enqueue("echo", value("hello"));
        const ended = await status(job, "succeeded");
        expect(seen).toEqual([value("hello")]);
        expect(ended).toMatchObject({ result: { said: value("hello") }, attempt: 1, maxAttempts: 3, error: null });
        expect(ended.endedAt).not.toBeNull();
        expect(ended.startedAt).not.toBeNull();
      });

      test("a worker that is waiting starts a new job within 150 ms", async () => {
        const started = Promise.withResolvers<number>();
        await queue.work({ echo: async () => started.resolve(performance.now()) });
        const before = performance.now();
        await queue.enqueue("echo", value("now"));
        expect((await started.promise) - before).toBeLessThan(150);
      });

      test("jobs enqueued before any worker wait for one", async () => {
        const job = await queue.enqueue("echo", value("early"));
        expect((await queue.get(job.id))?.status).toBe("queued");
        await queue.work({ echo: async () => null });
        await status(job, "succeeded");
      });

      test("a job of another process runs too", async () => {
        await queue.work({ echo: async () => "done" });
        const job = await (await under.open()).enqueue("echo", value("from afar"));
        await status(job, "succeeded");
      });

      test("no more jobs of a kind run at once than its concurrency, over all workers", async () => {
        let now = 0;
        let most = 0;
        const handler: JobHandler = async () => {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setTimeout(resolve, 15));
          now -= 1;
        };
        await queue.work({ single: handler });
        await (await under.open()).work({ single: handler });
        const jobs = await Promise.all(Array.from({ length: 6 }, (_, i) => queue.enqueue("single", value(`${i}`))));
        for (const job of jobs) await status(job, "succeeded");
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
          jobs.push(await queue.enqueue("single", value(text), { priority }));
        }
        const order: string[] = [];
        await queue.work({ single: async (payload) => void order.push((payload as { value: string }).value) });
        for (const job of jobs) await status(job, "succeeded");
        expect(order).toEqual(["c", "a", "b", "d"]);
      });

      test("a job with a later time waits for it", async () => {
        const due = new Date(Date.now() + 150);
        let ranAt = 0;
        await queue.work({ echo: async () => void (ranAt = Date.now()) });
        const job = await queue.enqueue("echo", value("later"), { runAt: due });
        expect(job.status).toBe("scheduled");
        await status(job, "succeeded");
        expect(ranAt).toBeGreaterThanOrEqual(due.getTime());
      });

      test("progress and parent are seen by everybody", async () => {
        const release = Promise.withResolvers<void>();
        await queue.work({
          echo: async (_, context) => {
            await context.progress(3, 7, "embed");
            await release.promise;
          },
        });
        const parentId = newId("job");
        const job = await queue.enqueue("echo", value("p"), { parentId });
        const other = await under.open();
        const seen = await waitUntil(
          async () => {
            const now = await other.get(job.id);
            return now?.progress.done === 3 ? now : null;
          },
          { what: "progress", everyMs: 5 },
        );
        expect(seen).toMatchObject({ status: "running", parentId, progress: { done: 3, total: 7, note: "embed" } });
        release.resolve();
        await status(job, "succeeded");
      });

      test("a kind that is not in the table is refused", async () => {
        await expect(queue.enqueue("nonsense", {})).rejects.toMatchObject({ code: "request_invalid" });
        await expect(queue.enqueue("constructor", {})).rejects.toMatchObject({ code: "request_invalid" });
      });
    });

    describe("keys", () => {
      test("a second job with the key of one that has not ended is not made", async () => {
        const first = await queue.enqueue("echo", value("1"), { key: "k" });
        const second = await (await under.open()).enqueue("echo", value("2"), { key: "k" });
        expect(second.id).toBe(first.id);
        expect((await queue.list({ limit: 10 })).items).toHaveLength(1);
      });

      test("the key stays taken while the job runs and between its attempts, and is free once it ended", async () => {
        const twice = Promise.withResolvers<void>();
        await queue.work({
          single: async (_, { job }) => {
            if (job.attempt === 1) throw new AppError("model_busy", "Busy.");
            await twice.promise;
          },
        });
        const first = await queue.enqueue("single", value("1"), { key: "k" });
        await waitUntil(async () => (await queue.get(first.id))?.attempt === 2, { what: "second attempt", everyMs: 5 });
        expect((await queue.enqueue("single", value("2"), { key: "k" })).id).toBe(first.id);
        twice.resolve();
        await status(first, "succeeded");
        expect((await queue.enqueue("single", value("3"), { key: "k" })).id).not.toBe(first.id);
      });

      test("a cancelled job frees its key, and cannot be tried again while another holds it", async () => {
        const first = await queue.enqueue("echo", value("1"), { key: "k" });
        await queue.cancel(first.id);
        const second = await queue.enqueue("echo", value("2"), { key: "k" });
        expect(second.id).not.toBe(first.id);
        await expect(queue.retry(first.id)).rejects.toMatchObject({ code: "conflict" });
      });
    });

    describe("failing", () => {
      test("C2 an error worth retrying is tried again after a pause, until it works", async () => {
        const attempts: number[] = [];
        await queue.work({
          echo: async (_, { job }) => {
            attempts.push(job.attempt);
            if (job.attempt < 3) throw new AppError("model_busy", "Busy.");
          },
        });
        const job = await status(await queue.enqueue("echo", value("x")), "succeeded");
        expect(attempts).toEqual([1, 2, 3]);
        expect(job.attempt).toBe(3);
      });

      test("C2 when the attempts are used up the job is dead, with the reason", async () => {
        let calls = 0;
        await queue.work({
          echo: async () => {
            calls += 1;
            throw new AppError("model_failed", "The model gave no vectors.");
          },
        });
        const job = await status(await queue.enqueue("echo", value("x")), "dead");
        expect(calls).toBe(3);
        expect(job).toMatchObject({
          attempt: 3,
          error: { code: "model_failed", detail: "The model gave no vectors." },
        });
      });

      test("an error that retrying cannot cure fails at once", async () => {
        let calls = 0;
        await queue.work({
          echo: async () => {
            calls += 1;
            throw new AppError("document_encrypted", "The file is encrypted.");
          },
        });
        const job = await status(await queue.enqueue("echo", value("x")), "failed");
        expect(calls).toBe(1);
        expect(job.error).toEqual({ code: "document_encrypted", detail: "The file is encrypted." });
      });

      test("an error that is not ours never shows its own words", async () => {
        await queue.work({
          brief: async () => {
            throw new Error("secret path /etc/x");
          },
        });
        const job = await status(await queue.enqueue("brief", value("x")), "dead");
        expect(job.error?.code).toBe("unexpected");
        expect(job.error?.detail).not.toContain("secret");
      });

      test("a payload that does not fit fails before the handler sees it, without showing its values", async () => {
        let called = false;
        await queue.work({ echo: async () => void (called = true) });
        const job = await status(await queue.enqueue("echo", { value: 7, extra: "hush" }), "failed");
        expect(called).toBe(false);
        expect(job.error).toMatchObject({ code: "request_invalid" });
        expect(job.error?.detail).toContain("value");
        expect(job.error?.detail).not.toContain("hush");
      });

      test("C2 a job over its time is stopped, tried again, and finally dead", async () => {
        const reasons: unknown[] = [];
        await queue.work({
          brief: (_, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener("abort", () => {
                reasons.push((signal.reason as AppError).code);
                reject(signal.reason as AppError);
              });
            }),
        });
        const job = await status(await queue.enqueue("brief", value("x")), "dead");
        expect(reasons).toEqual(["job_timeout", "job_timeout"]);
        expect(job.error?.code).toBe("job_timeout");
      });

      test("C2 a handler that ignores its signal cannot hold the job for ever", async () => {
        await queue.work({ brief: () => new Promise(() => undefined) });
        const job = await status(await queue.enqueue("brief", value("x")), "dead");
        expect(job.error?.code).toBe("job_timeout");
      });
    });

    describe("cancelling", () => {
      const hanging = () => {
        const started = Promise.withResolvers<JobContext>();
        const handler: JobHandler = (_, context) => {
          started.resolve(context);
          return new Promise((_resolve, reject) => {
            context.signal.addEventListener("abort", () => reject(context.signal.reason as AppError));
          });
        };
        return { started: started.promise, handler };
      };

      test("a waiting job ends at once and never runs", async () => {
        let called = false;
        const job = await queue.enqueue("echo", value("x"));
        expect((await queue.cancel(job.id)).status).toBe("cancelled");
        await queue.work({ echo: async (payload) => void (called ||= (payload as { value: string }).value === "x") });
        await status(await queue.enqueue("echo", value("after")), "succeeded");
        expect(called).toBe(false);
        expect(await queue.get(job.id)).toMatchObject({ status: "cancelled", payload: value("x") });
      });

      test("a running job is aborted, and stays cancelled", async () => {
        const { started, handler } = hanging();
        await queue.work({ echo: handler });
        const job = await queue.enqueue("echo", value("x"));
        const { signal } = await started;
        expect((await queue.cancel(job.id)).status).toBe("cancelled");
        await waitUntil(() => signal.aborted, { what: "the signal", everyMs: 5 });
        expect((signal.reason as AppError).code).toBe("job_cancelled");
        expect((await status(job, "cancelled")).attempt).toBe(1);
      });

      test("a job running in another process is aborted", async () => {
        const { started, handler } = hanging();
        await (await under.open()).work({ echo: handler });
        const job = await queue.enqueue("echo", value("x"));
        const { signal } = await started;
        await queue.cancel(job.id);
        await waitUntil(() => signal.aborted, { what: "the signal in the other process", everyMs: 5 });
        await status(job, "cancelled");
      });

      test("a handler that ends well after the cancel does not undo it", async () => {
        const started = Promise.withResolvers<void>();
        const ended = Promise.withResolvers<void>();
        await queue.work({
          echo: async (payload, { signal }) => {
            if ((payload as { value: string }).value === "next") return null;
            started.resolve();
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            setImmediate(() => ended.resolve());
            return "finished all the same";
          },
        });
        const job = await queue.enqueue("echo", value("x"));
        await started.promise;
        await queue.cancel(job.id);
        await ended.promise;
        await status(await queue.enqueue("echo", value("next")), "succeeded");
        expect((await queue.get(job.id))?.status).toBe("cancelled");
      });

      test("what has ended or never was cannot be cancelled", async () => {
        await queue.work({ echo: async () => null });
        const job = await status(await queue.enqueue("echo", value("x")), "succeeded");
        await expect(queue.cancel(job.id)).rejects.toMatchObject({ code: "conflict" });
        await expect(queue.cancel(newId("job"))).rejects.toMatchObject({ code: "not_found" });
      });
    });

    describe("again", () => {
      test("failed, dead and cancelled jobs can be put back with all their attempts", async () => {
        let broken = true;
        await queue.work({
          echo: async (payload) => {
            const text = (payload as { value: string }).value;
            if (broken && text === "failed") throw new AppError("document_corrupt", "Broken.");
            if (broken && text === "dead") throw new AppError("model_busy", "Busy.");
          },
        });
        const failed = await status(await queue.enqueue("echo", value("failed")), "failed");
        const dead = await status(await queue.enqueue("echo", value("dead")), "dead");
        const later = new Date(Date.now() + 60_000);
        const cancelled = await queue.enqueue("echo", value("cancelled"), { runAt: later });
        await queue.cancel(cancelled.id);
        broken = false;
        for (const job of [failed, dead, cancelled]) {
          await queue.retry(job.id);
          expect(await status(job, "succeeded")).toMatchObject({ attempt: 1, error: null });
        }
      });

      test("a waiting or succeeded job cannot be put back", async () => {
        const waiting = await queue.enqueue("echo", value("x"), { runAt: new Date(Date.now() + 60_000) });
        await expect(queue.retry(waiting.id)).rejects.toMatchObject({ code: "conflict" });
        await queue.work({ echo: async () => null });
        const done = await status(await queue.enqueue("echo", value("y")), "succeeded");
        await expect(queue.retry(done.id)).rejects.toMatchObject({ code: "conflict" });
        await expect(queue.retry(newId("job"))).rejects.toMatchObject({ code: "not_found" });
      });
    });

    describe("closing", () => {
      test("C3 a worker that closes gives its job back unharmed, and the next one takes it", async () => {
        const started = Promise.withResolvers<void>();
        const worker = await queue.work({
          echo: (_, { signal }) =>
            new Promise((_resolve, reject) => {
              started.resolve();
              signal.addEventListener("abort", () => reject(signal.reason as AppError));
            }),
        });
        const job = await queue.enqueue("echo", value("x"));
        await started.promise;
        await worker.close(10);
        expect(await queue.get(job.id)).toMatchObject({ status: "queued", attempt: 0, error: null });
        await (await under.open()).work({ echo: async () => "second" });
        expect(await status(job, "succeeded")).toMatchObject({ result: "second", attempt: 1 });
      });

      test("closing waits for a job that ends within the grace time", async () => {
        const started = Promise.withResolvers<void>();
        const release = Promise.withResolvers<void>();
        const worker = await queue.work({
          echo: async () => {
            started.resolve();
            await release.promise;
            return "in time";
          },
        });
        const job = await queue.enqueue("echo", value("x"));
        await started.promise;
        const closed = worker.close(10_000);
        release.resolve();
        await closed;
        expect(await queue.get(job.id)).toMatchObject({ status: "succeeded", result: "in time" });
      });

      test("a closed worker takes nothing more", async () => {
        let called = false;
        const worker = await queue.work({ single: async () => void (called = true) });
        await worker.close();
        const job = await queue.enqueue("single", value("x"));
        await queue.work({ echo: async () => null });
        await status(await queue.enqueue("echo", value("y")), "succeeded");
        expect(called).toBe(false);
        expect((await queue.get(job.id))?.status).toBe("queued");
      });
    });

    describe("looking", () => {
      test("lists newest first, in pages, by kind and by status", async () => {
        const ids: string[] = [];
        for (let i = 0; i < 7; i += 1) {
          ids.unshift((await queue.enqueue(i % 2 === 0 ? "echo" : "single", value(`${i}`))).id);
          await new Promise((resolve) => setTimeout(resolve, 2)); // distinct creation times
        }
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await queue.list({ limit: 3, cursor });
          expect(page.items.length).toBeLessThanOrEqual(3);
          seen.push(...page.items.map((job) => job.id));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(seen).toEqual(ids);
        expect((await queue.list({ kind: "single", limit: 10 })).items.map((job) => job.kind)).toEqual(
          Array(3).fill("single"),
        );
        await queue.cancel(ids[0] as Job["id"]);
        const cancelled = await queue.list({ statuses: ["cancelled"], limit: 10 });
        expect(cancelled.items.map((job) => job.id)).toEqual([ids[0]]);
        expect((await queue.list({ statuses: ["queued", "scheduled"], limit: 10 })).items).toHaveLength(6);
      });

      test("counts jobs by status", async () => {
        await queue.enqueue("echo", value("later"), { runAt: new Date(Date.now() + 60_000) });
        await queue.cancel((await queue.enqueue("single", value("gone"))).id);
        await queue.work({
          echo: async (payload) => {
            if ((payload as { value: string }).value === "bad") throw new AppError("document_corrupt", "Broken.");
            if ((payload as { value: string }).value === "worse") throw new AppError("model_busy", "Busy.");
          },
        });
        await status(await queue.enqueue("echo", value("fine")), "succeeded");
        await status(await queue.enqueue("echo", value("bad")), "failed");
        await status(await queue.enqueue("echo", value("worse")), "dead");
        await queue.enqueue("single", value("waits"));
        expect(await queue.counts()).toEqual({
          queued: 1,
          scheduled: 1,
          running: 0,
          succeeded: 1,
          failed: 1,
          dead: 1,
          cancelled: 1,
        });
      });

      test("prunes ended jobs only", async () => {
        await queue.work({ echo: async () => null });
        const done = await status(await queue.enqueue("echo", value("x")), "succeeded");
        const gone = await queue.enqueue("single", value("y"));
        await queue.cancel(gone.id);
        const waiting = await queue.enqueue("single", value("z"));
        expect(await queue.prune(new Date(Date.now() - 60_000))).toBe(0);
        expect(await queue.prune(new Date(Date.now() + 60_000))).toBe(2);
        expect(await queue.get(done.id)).toBeNull();
        expect(await queue.get(gone.id)).toBeNull();
        expect((await queue.list({ limit: 10 })).items.map((job) => job.id)).toEqual([waiting.id]);
      });

      test("a job that never was is null", async () => {
        expect(await queue.get(newId("job"))).toBeNull();
      });
    });
  });
}

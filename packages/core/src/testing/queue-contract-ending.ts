/** The queue contract: jobs that fail, and jobs that are cancelled. */
import { describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { JobContext, JobHandler } from "../ports/queue.ts";
import { value } from "./queue-stage.ts";
import type { QueueStage } from "./queue-stage.ts";
import { waitUntil } from "./wait-until.ts";

export function endingTests(stage: QueueStage): void {
  describe("failing", () => {
    test("C2 an error worth retrying is tried again after a pause, until it works", async () => {
      const attempts: number[] = [];
      await stage.queue.work({
        echo: async (_, { job }) => {
          attempts.push(job.attempt);
          if (job.attempt < 3) throw new AppError("model_busy", "Busy.");
        },
      });
      const job = await stage.status(await stage.queue.enqueue("echo", value("x")), "succeeded");
      expect(attempts).toEqual([1, 2, 3]);
      expect(job.attempt).toBe(3);
    });

    test("C2 when the attempts are used up the job is dead, with the reason", async () => {
      let calls = 0;
      await stage.queue.work({
        echo: async () => {
          calls += 1;
          throw new AppError("model_failed", "The model gave no vectors.");
        },
      });
      const job = await stage.status(await stage.queue.enqueue("echo", value("x")), "dead");
      expect(calls).toBe(3);
      expect(job).toMatchObject({
        attempt: 3,
        error: { code: "model_failed", detail: "The model gave no vectors." },
      });
    });

    test("an error that retrying cannot cure fails at once", async () => {
      let calls = 0;
      await stage.queue.work({
        echo: async () => {
          calls += 1;
          throw new AppError("document_encrypted", "The file is encrypted.");
        },
      });
      const job = await stage.status(await stage.queue.enqueue("echo", value("x")), "failed");
      expect(calls).toBe(1);
      expect(job.error).toEqual({ code: "document_encrypted", detail: "The file is encrypted." });
    });

    test("an error that is not ours never shows its own words", async () => {
      await stage.queue.work({
        brief: async () => {
          throw new Error("secret path /etc/x");
        },
      });
      const job = await stage.status(await stage.queue.enqueue("brief", value("x")), "dead");
      expect(job.error?.code).toBe("unexpected");
      expect(job.error?.detail).not.toContain("secret");
    });

    test("a payload that does not fit fails before the handler sees it, without showing its values", async () => {
      let called = false;
      await stage.queue.work({ echo: async () => void (called = true) });
      const job = await stage.status(await stage.queue.enqueue("echo", { value: 7, extra: "hush" }), "failed");
      expect(called).toBe(false);
      expect(job.error).toMatchObject({ code: "request_invalid" });
      expect(job.error?.detail).toContain("value");
      expect(job.error?.detail).not.toContain("hush");
    });

    test("C2 a job over its time is stopped, tried again, and finally dead", async () => {
      const reasons: unknown[] = [];
      await stage.queue.work({
        brief: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reasons.push((signal.reason as AppError).code);
              reject(signal.reason as AppError);
            });
          }),
      });
      const job = await stage.status(await stage.queue.enqueue("brief", value("x")), "dead");
      expect(reasons).toEqual(["job_timeout", "job_timeout"]);
      expect(job.error?.code).toBe("job_timeout");
    });

    test("C2 a handler that ignores its signal cannot hold the job for ever", async () => {
      await stage.queue.work({ brief: () => new Promise(() => undefined) });
      const job = await stage.status(await stage.queue.enqueue("brief", value("x")), "dead");
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
      const job = await stage.queue.enqueue("echo", value("x"));
      expect((await stage.queue.cancel(job.id)).status).toBe("cancelled");
      await stage.queue.work({
        echo: async (payload) => void (called ||= (payload as { value: string }).value === "x"),
      });
      await stage.status(await stage.queue.enqueue("echo", value("after")), "succeeded");
      expect(called).toBe(false);
      expect(await stage.queue.get(job.id)).toMatchObject({ status: "cancelled", payload: value("x") });
    });

    test("a running job is aborted, and stays cancelled", async () => {
      const { started, handler } = hanging();
      await stage.queue.work({ echo: handler });
      const job = await stage.queue.enqueue("echo", value("x"));
      const { signal } = await started;
      expect((await stage.queue.cancel(job.id)).status).toBe("cancelled");
      await waitUntil(() => signal.aborted, { what: "the signal", everyMs: 5 });
      expect((signal.reason as AppError).code).toBe("job_cancelled");
      expect((await stage.status(job, "cancelled")).attempt).toBe(1);
    });

    test("a job running in another process is aborted", async () => {
      const { started, handler } = hanging();
      await (await stage.open()).work({ echo: handler });
      const job = await stage.queue.enqueue("echo", value("x"));
      const { signal } = await started;
      await stage.queue.cancel(job.id);
      await waitUntil(() => signal.aborted, { what: "the signal in the other process", everyMs: 5 });
      await stage.status(job, "cancelled");
    });

    test("a handler that ends well after the cancel does not undo it", async () => {
      const started = Promise.withResolvers<null>();
      const ended = Promise.withResolvers<null>();
      await stage.queue.work({
        echo: async (payload, { signal }) => {
          if ((payload as { value: string }).value === "next") return null;
          started.resolve(null);
          await new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null)));
          setImmediate(() => ended.resolve(null));
          return "finished all the same";
        },
      });
      const job = await stage.queue.enqueue("echo", value("x"));
      await started.promise;
      await stage.queue.cancel(job.id);
      await ended.promise;
      await stage.status(await stage.queue.enqueue("echo", value("next")), "succeeded");
      expect((await stage.queue.get(job.id))?.status).toBe("cancelled");
    });

    test("what has ended or never was cannot be cancelled", async () => {
      await stage.queue.work({ echo: async () => null });
      const job = await stage.status(await stage.queue.enqueue("echo", value("x")), "succeeded");
      await expect(stage.queue.cancel(job.id)).rejects.toMatchObject({ code: "conflict" });
      await expect(stage.queue.cancel(newId("job"))).rejects.toMatchObject({ code: "not_found" });
    });
  });
}

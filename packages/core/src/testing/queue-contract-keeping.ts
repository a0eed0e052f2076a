/** The queue contract: putting jobs back, closing workers, and looking at what there is. */
import { describe, expect, test } from "vitest";
import type { Job } from "../domain.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import { value } from "./queue-stage.ts";
import type { QueueStage } from "./queue-stage.ts";

export function keepingTests(stage: QueueStage): void {
  describe("again", () => {
    test("failed, dead and cancelled jobs can be put back with all their attempts", async () => {
      let broken = true;
      await stage.queue.work({
        echo: async (payload) => {
          const text = (payload as { value: string }).value;
          if (broken && text === "failed") throw new AppError("document_corrupt", "Broken.");
          if (broken && text === "dead") throw new AppError("model_busy", "Busy.");
        },
      });
      const failed = await stage.status(await stage.queue.enqueue("echo", value("failed")), "failed");
      const dead = await stage.status(await stage.queue.enqueue("echo", value("dead")), "dead");
      const later = new Date(Date.now() + 60_000);
      const cancelled = await stage.queue.enqueue("echo", value("cancelled"), { runAt: later });
      await stage.queue.cancel(cancelled.id);
      broken = false;
      for (const job of [failed, dead, cancelled]) {
        await stage.queue.retry(job.id);
        expect(await stage.status(job, "succeeded")).toMatchObject({ attempt: 1, error: null });
      }
    });

    test("a waiting or succeeded job cannot be put back", async () => {
      const waiting = await stage.queue.enqueue("echo", value("x"), { runAt: new Date(Date.now() + 60_000) });
      await expect(stage.queue.retry(waiting.id)).rejects.toMatchObject({ code: "conflict" });
      await stage.queue.work({ echo: async () => null });
      const done = await stage.status(await stage.queue.enqueue("echo", value("y")), "succeeded");
      await expect(stage.queue.retry(done.id)).rejects.toMatchObject({ code: "conflict" });
      await expect(stage.queue.retry(newId("job"))).rejects.toMatchObject({ code: "not_found" });
    });
  });

  describe("closing", () => {
    test("C3 a worker that closes gives its job back unharmed, and the next one takes it", async () => {
      const started = Promise.withResolvers<null>();
      const worker = await stage.queue.work({
        echo: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            started.resolve(null);
            signal.addEventListener("abort", () => reject(signal.reason as AppError));
          }),
      });
      const job = await stage.queue.enqueue("echo", value("x"));
      await started.promise;
      await worker.close(10);
      expect(await stage.queue.get(job.id)).toMatchObject({ status: "queued", attempt: 0, error: null });
      await (await stage.open()).work({ echo: async () => "second" });
      expect(await stage.status(job, "succeeded")).toMatchObject({ result: "second", attempt: 1 });
    });

    test("closing waits for a job that ends within the grace time", async () => {
      const started = Promise.withResolvers<null>();
      const release = Promise.withResolvers<null>();
      const worker = await stage.queue.work({
        echo: async () => {
          started.resolve(null);
          await release.promise;
          return "in time";
        },
      });
      const job = await stage.queue.enqueue("echo", value("x"));
      await started.promise;
      const closed = worker.close(10_000);
      release.resolve(null);
      await closed;
      expect(await stage.queue.get(job.id)).toMatchObject({ status: "succeeded", result: "in time" });
    });

    test("a closed worker takes nothing more", async () => {
      let called = false;
      const worker = await stage.queue.work({ single: async () => void (called = true) });
      await worker.close();
      const job = await stage.queue.enqueue("single", value("x"));
      await stage.queue.work({ echo: async () => null });
      await stage.status(await stage.queue.enqueue("echo", value("y")), "succeeded");
      expect(called).toBe(false);
      expect((await stage.queue.get(job.id))?.status).toBe("queued");
    });
  });

  describe("looking", () => {
    test("lists newest first, in pages, by kind and by status", async () => {
      const ids: string[] = [];
      for (let i = 0; i < 7; i += 1) {
        ids.unshift((await stage.queue.enqueue(i % 2 === 0 ? "echo" : "single", value(`${i}`))).id);
        await new Promise((resolve) => setTimeout(resolve, 2)); // distinct creation times
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await stage.queue.list({ limit: 3, cursor });
        expect(page.items.length).toBeLessThanOrEqual(3);
        seen.push(...page.items.map((job) => job.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(ids);
      expect((await stage.queue.list({ kind: "single", limit: 10 })).items.map((job) => job.kind)).toEqual(
        Array(3).fill("single"),
      );
      await stage.queue.cancel(ids[0] as Job["id"]);
      const cancelled = await stage.queue.list({ statuses: ["cancelled"], limit: 10 });
      expect(cancelled.items.map((job) => job.id)).toEqual([ids[0]]);
      expect((await stage.queue.list({ statuses: ["queued", "scheduled"], limit: 10 })).items).toHaveLength(6);
    });

    test("counts jobs by status", async () => {
      await stage.queue.enqueue("echo", value("later"), { runAt: new Date(Date.now() + 60_000) });
      await stage.queue.cancel((await stage.queue.enqueue("single", value("gone"))).id);
      await stage.queue.work({
        echo: async (payload) => {
          if ((payload as { value: string }).value === "bad") throw new AppError("document_corrupt", "Broken.");
          if ((payload as { value: string }).value === "worse") throw new AppError("model_busy", "Busy.");
        },
      });
      await stage.status(await stage.queue.enqueue("echo", value("fine")), "succeeded");
      await stage.status(await stage.queue.enqueue("echo", value("bad")), "failed");
      await stage.status(await stage.queue.enqueue("echo", value("worse")), "dead");
      await stage.queue.enqueue("single", value("waits"));
      expect(await stage.queue.counts()).toEqual({
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
      await stage.queue.work({ echo: async () => null });
      const done = await stage.status(await stage.queue.enqueue("echo", value("x")), "succeeded");
      const gone = await stage.queue.enqueue("single", value("y"));
      await stage.queue.cancel(gone.id);
      const waiting = await stage.queue.enqueue("single", value("z"));
      expect(await stage.queue.prune(new Date(Date.now() - 60_000))).toBe(0);
      expect(await stage.queue.prune(new Date(Date.now() + 60_000))).toBe(2);
      expect(await stage.queue.get(done.id)).toBeNull();
      expect(await stage.queue.get(gone.id)).toBeNull();
      expect((await stage.queue.list({ limit: 10 })).items.map((job) => job.id)).toEqual([waiting.id]);
    });

    test("a job that never was is null", async () => {
      expect(await stage.queue.get(newId("job"))).toBeNull();
    });
  });
}

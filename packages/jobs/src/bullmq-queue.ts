/**
 * The Queue port on BullMQ, for several processes or machines: one BullMQ queue per kind, so that BullMQ itself keeps
 * the kind's concurrency over all of them. Jobs carry our ids; a job's key is BullMQ's deduplication id, so it is unique
 * within its kind. While Redis is away every call fails with queue_unavailable within two seconds; workers go on by
 * themselves when it is back.
 */
import { AppError, newId } from "@lorekeep/core";
import type { Job, JobHandler, JobWorker, Logger, Queue } from "@lorekeep/core";
import { Queue as BullQueue } from "bullmq";
import type { Redis } from "ioredis";
import { openRecords } from "./bullmq-records.ts";
import type { JobData, KindQueue } from "./bullmq-records.ts";
import { openKindWorker } from "./bullmq-worker.ts";
import type { KindWorker } from "./bullmq-worker.ts";
import type { JobKinds } from "./kinds.ts";
import { onceId } from "./once-id.ts";
import { ask, checkEviction, connectForRequests, connectForWork } from "./redis.ts";
import { kindOf } from "./retry.ts";
import { DEFAULT_GRACE_MS } from "./sqlite-worker.ts";

export interface BullmqQueueOptions {
  /** redis://[user:password@]host:port/database */
  readonly redisUrl: string;
  readonly kinds: JobKinds;
  readonly logger: Logger;
  /** Before every key, so that installations can share a Redis. */
  readonly prefix?: string | undefined;
  readonly leaseMs?: number | undefined;
  readonly abortGraceMs?: number | undefined;
  readonly random?: (() => number) | undefined;
}

/** BullMQ takes the smallest number first; ours is turned around in the middle of its range. */
const PRIORITY_ZERO = 1_000_000;
const PRIORITY_LAST = 2_000_000;
const ENDED: readonly Job["status"][] = ["succeeded", "failed", "cancelled", "dead"];

export function openBullmqQueue(options: BullmqQueueOptions): Queue {
  const { kinds, logger } = options;
  const prefix = options.prefix ?? "lorekeep";
  const redis = connectForRequests(options.redisUrl, logger);
  redis.once("ready", () => void checkEviction(redis, logger));
  const queues = new Map<string, KindQueue>();
  for (const name of Object.keys(kinds)) {
    const queue = new BullQueue<JobData>(name, { connection: redis, prefix });
    queue.on("error", (error) => logger.debug("job.queue_error", { kind: name, error }));
    queues.set(name, queue);
  }
  const records = openRecords({ redis, prefix, queues });
  const cancelChannel = `${prefix}:cancel`;
  const workers = new Set<(graceMs?: number) => Promise<void>>();

  const find = async (id: string) => {
    const found = await records.find(id);
    if (found === null) throw new AppError("not_found", `There is no job ${id}.`, { jobId: id });
    return found;
  };

  const add = async (queue: KindQueue, id: string, data: JobData, extra: { priority?: number; createdAt: number }) => {
    const delay = Math.max(0, new Date(data.runAt).getTime() - Date.now());
    const priority = Math.min(PRIORITY_LAST, Math.max(1, PRIORITY_ZERO - Math.round(extra.priority ?? 0)));
    const deduplication = data.key === null ? {} : { deduplication: { id: data.key } };
    const settings = { jobId: id, delay, priority, timestamp: extra.createdAt, attempts: 1, ...deduplication };
    return (await queue.add(queue.name, data, settings)).id!;
  };

  return {
    enqueue: (kind, payload, { key, once, runAt, parentId, priority } = {}) =>
      ask(redis, async () => {
        const { maxAttempts } = kindOf(kinds, kind);
        const queue = queues.get(kind)!;
        const createdAt = Date.now();
        const data: JobData = {
          payload,
          parentId: parentId ?? null,
          key: key ?? null,
          maxAttempts,
          runAt: new Date(Math.max(createdAt, runAt?.getTime() ?? 0)).toISOString(),
          releasedCount: 0,
          error: null,
        };
        // The holder of the key may end between the two looks; then the second try makes the job.
        for (let tries = 0; tries < 3; tries += 1) {
          const id = once === true && key !== undefined ? onceId(kind, key) : newId("job");
          const known = once === true ? await records.find(id, kind) : null;
          if (known !== null) return known.job;
          await records.remember(kind, id, createdAt);
          const made = await add(queue, id, data, { createdAt, ...(priority === undefined ? {} : { priority }) });
          if (made !== id) await records.forget(kind, id);
          const found = await records.find(made);
          if (found !== null && (made === id || !ENDED.includes(found.job.status))) return found.job;
        }
        throw new AppError("conflict", "The key of this job changed hands too often. Try again.", { kind });
      }),

    async work(handlers: Readonly<Record<string, JobHandler>>): Promise<JobWorker> {
      for (const name of Object.keys(handlers)) kindOf(kinds, name);
      const connection = connectForWork(options.redisUrl, logger);
      const opened = Object.entries(handlers).map(([name, handler]) =>
        openKindWorker({
          name,
          queueName: name,
          prefix,
          kind: kindOf(kinds, name),
          handler,
          records,
          redis: connection,
          logger,
          leaseMs: options.leaseMs ?? 30_000,
          abortGraceMs: options.abortGraceMs,
          random: options.random ?? Math.random,
        }),
      );
      const listener = listenForCancels(connection, cancelChannel, opened);
      let isClosed = false;
      const begin = async (): Promise<void> => {
        // Before the first job is taken the limits must be known to all; this waits for Redis however long it is away.
        for (const name of Object.keys(handlers)) {
          await connection.hset(queues.get(name)!.toKey("meta"), "concurrency", kindOf(kinds, name).concurrency);
        }
        if (!isClosed) for (const worker of opened) worker.run();
      };
      const begun = begin().catch((error: unknown) => logger.debug("job.worker_not_begun", { error }));
      await Promise.race([begun, new Promise((resolve) => setTimeout(resolve, 1_000))]);
      const close = async (graceMs = DEFAULT_GRACE_MS): Promise<void> => {
        if (isClosed) return;
        isClosed = true;
        workers.delete(close);
        await Promise.all(opened.map((worker) => worker.close(graceMs)));
        listener.disconnect();
        connection.disconnect();
      };
      workers.add(close);
      return { close };
    },

    get: (id) => ask(redis, async () => (await records.find(id))?.job ?? null),
    list: (query) => ask(redis, () => records.list(query)),
    counts: () => ask(redis, () => records.counts()),
    prune: (endedBefore) => ask(redis, () => records.prune(endedBefore)),

    cancel: (id) =>
      ask(redis, async () => {
        const { job, queue, bull } = await find(id);
        if (ENDED.includes(job.status)) {
          throw new AppError("conflict", `Job ${id} has already ended (${job.status}).`, { jobId: id });
        }
        const cancelled: Job = { ...job, status: "cancelled", endedAt: new Date().toISOString() };
        await records.setCancelled(cancelled); // first: whoever starts the job now sees it
        await bull?.remove().catch(() => undefined); // refused while it runs: its worker stops it
        if (job.key !== null && (await queue.getDeduplicationJobId(job.key)) === id) {
          await queue.removeDeduplicationKey(job.key);
        }
        await redis.publish(cancelChannel, id);
        return cancelled;
      }),

    retry: (id) =>
      ask(redis, async () => {
        const { job, queue, bull } = await find(id);
        const refuse = (why: string) =>
          new AppError("conflict", `Job ${id} (${job.status}) cannot be tried again: ${why}.`, { jobId: id });
        if (!ENDED.includes(job.status) || job.status === "succeeded") throw refuse("only what failed can");
        if (bull !== null && (await bull.isActive())) throw refuse("it is still stopping");
        if (job.key !== null && (await queue.getDeduplicationJobId(job.key)) !== null) {
          throw refuse("another job with its key is waiting");
        }
        const { payload, parentId, key, maxAttempts } = job;
        const runAt = new Date().toISOString();
        await bull?.remove();
        await records.unsetCancelled(id);
        const data = { payload, parentId, key, maxAttempts, runAt, releasedCount: 0, error: null };
        await add(queue, id, data, { createdAt: new Date(job.createdAt).getTime() });
        return (await find(id)).job;
      }),

    async close() {
      await Promise.all([...workers].map((close) => close()));
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => undefined))); // Redis may be away
      redis.disconnect();
    },
  };
}

/** Hears of cancelled jobs from other processes. */
function listenForCancels(connection: Redis, channel: string, workers: readonly KindWorker[]): Redis {
  const listener = connection.duplicate();
  listener.on("error", () => undefined); // the connection it was made from logs outages
  listener.on("message", (_channel, id) => {
    for (const worker of workers) worker.stopCancelled(id);
  });
  void listener.subscribe(channel).catch(() => undefined); // closed before it was connected
  return listener;
}

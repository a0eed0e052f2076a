/**
 * What BullMQ knows about a job, as a Job of ours.
 *
 * BullMQ has no cancelled jobs, no order over several queues and no difference between "failed" and "dead", so beside its
 * keys lie two of ours: `PREFIX:jobs`, every job by time of creation (member `kind|id`), and `PREFIX:cancelled`, the jobs
 * that were cancelled as they were then. A job in the latter is cancelled whatever BullMQ says. Attempts are counted and
 * retries decided by us: BullMQ runs each job once and is told to delay it, so `attempt` = starts − starts given back.
 */
import type { DocumentError, Job, JobId, JobStatus } from "@lorekeep/core";
import { JOB_STATUSES } from "@lorekeep/core";
import type { Job as BullJob, Queue as BullQueue, JobState } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";

export interface JobData {
  readonly payload: unknown;
  readonly parentId: string | null;
  readonly key: string | null;
  readonly maxAttempts: number;
  readonly runAt: string;
  /** Starts that do not count, because a worker gave the job back. */
  readonly releasedCount: number;
  /** Of the last attempt. */
  readonly error: DocumentError | null;
}
export type QueuedJob = BullJob<JobData, unknown>;
export type KindQueue = BullQueue<JobData>;

/** How a job ended; written as BullMQ's failedReason. */
const failureSchema = z.object({
  status: z.enum(["failed", "dead", "cancelled"]),
  error: z.object({ code: z.string(), detail: z.string() }),
});
export type Failure = z.infer<typeof failureSchema>;

/** Names looked at in one go while listing. */
const LIST_SLICE = 200;
const cursorOf = (job: Job) => `${Date.parse(job.createdAt)}|${job.kind}|${job.id}`;

const progressSchema = z.object({ done: z.number(), total: z.number().nullable(), note: z.string().nullable() });

const STATES: Partial<Record<JobState | "unknown", JobStatus>> = {
  waiting: "queued",
  prioritized: "queued",
  "waiting-children": "queued",
  delayed: "scheduled",
  active: "running",
  completed: "succeeded",
  failed: "failed",
};

export interface RecordsOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly queues: ReadonlyMap<string, KindQueue>;
}

export interface Found {
  readonly job: Job;
  readonly queue: KindQueue;
  /** BullMQ's; null when it has forgotten the job (it was cancelled while it waited). */
  readonly bull: QueuedJob | null;
}

export function openRecords({ redis, prefix, queues }: RecordsOptions) {
  const allKey = `${prefix}:jobs`;
  const cancelledKey = `${prefix}:cancelled`;

  const find = async (id: string, kind?: string): Promise<Found | null> => {
    const snapshot = await redis.hget(cancelledKey, id);
    for (const [name, queue] of queues) {
      if (kind !== undefined && name !== kind) continue;
      // The state first: the job read after it is not older.
      const state = await queue.getJobState(id);
      const bull = state === "unknown" ? undefined : await queue.getJob(id);
      if (bull === undefined) continue;
      return { job: snapshot === null ? toJob(bull, state) : readSnapshot(snapshot), queue, bull };
    }
    if (snapshot === null) return null;
    const job = readSnapshot(snapshot);
    const queue = queues.get(job.kind);
    return queue === undefined ? null : { job, queue, bull: null };
  };

  /** Ids of the jobs with these statuses; `failed` and `dead` are told apart later. */
  const idsWith = async (statuses: readonly JobStatus[], kind: string | undefined): Promise<string[]> => {
    const types = new Set<"wait" | "prioritized" | "delayed" | "active" | "completed" | "failed">();
    if (statuses.includes("queued")) types.add("wait").add("prioritized");
    if (statuses.includes("scheduled")) types.add("delayed");
    if (statuses.includes("running")) types.add("active");
    if (statuses.includes("succeeded")) types.add("completed");
    if (statuses.includes("failed") || statuses.includes("dead")) types.add("failed");
    const ids = statuses.includes("cancelled") ? await redis.hkeys(cancelledKey) : [];
    for (const [name, queue] of queues) {
      if (types.size > 0 && (kind === undefined || name === kind))
        ids.push(...(await queue.getRanges([...types], 0, -1)));
    }
    return ids;
  };

  const positionAfter = async (cursor: string | undefined): Promise<number> => {
    if (cursor === undefined) return 0;
    const [createdAt, ...member] = cursor.split("|");
    const rank = await redis.zrevrank(allKey, member.join("|"));
    return rank === null ? redis.zcount(allKey, `(${createdAt}`, "+inf") : rank + 1;
  };

  const remember = (kind: string, id: string, createdAt: number) => redis.zadd(allKey, createdAt, `${kind}|${id}`);
  const forget = (kind: string, id: string) => redis.zrem(allKey, `${kind}|${id}`);

  /** A process killed between remembering a job and adding it leaves a name without a job. */
  const forgetOrphans = async (before: Date): Promise<void> => {
    for (const member of await redis.zrangebyscore(allKey, "-inf", before.getTime())) {
      const [kind, id] = member.split("|") as [string, string];
      if ((await find(id, kind)) === null) await forget(kind, id);
    }
  };

  return {
    find,
    remember,
    forget,
    async isCancelled(id: string): Promise<boolean> {
      return (await redis.hexists(cancelledKey, id)) === 1;
    },
    async setCancelled(job: Job): Promise<void> {
      await redis.hset(cancelledKey, job.id, JSON.stringify(job));
    },
    async unsetCancelled(id: string): Promise<void> {
      await redis.hdel(cancelledKey, id);
    },

    /** Newest first. The cursor is `createdAt|kind|id` of the last job seen, which may be gone by now. */
    async list(query: { statuses?: readonly JobStatus[]; kind?: string; limit: number; cursor?: string | undefined }) {
      const wanted = query.statuses && new Set(await idsWith(query.statuses, query.kind));
      const items: Job[] = [];
      for (let at = await positionAfter(query.cursor); ; at += LIST_SLICE) {
        const members = await redis.zrevrange(allKey, at, at + LIST_SLICE - 1);
        for (const member of members) {
          const [kind, id] = member.split("|") as [string, string];
          if ((query.kind !== undefined && kind !== query.kind) || wanted?.has(id) === false) continue;
          const job = (await find(id, kind))?.job;
          if (job === undefined || query.statuses?.includes(job.status) === false) continue;
          if (items.length === query.limit) return { items, nextCursor: cursorOf(items.at(-1)!) };
          items.push(job);
        }
        if (members.length < LIST_SLICE) return { items, nextCursor: null };
      }
    },

    async counts(): Promise<Record<JobStatus, number>> {
      const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
      const cancelled = new Set(await redis.hkeys(cancelledKey));
      counts.cancelled = cancelled.size;
      for (const queue of queues.values()) {
        const states = await queue.getJobCounts("wait", "prioritized", "delayed", "completed");
        counts.queued += (states.wait ?? 0) + (states.prioritized ?? 0);
        counts.scheduled += states.delayed ?? 0;
        counts.succeeded += states.completed ?? 0;
        const live = (ids: string[]) => ids.filter((id) => !cancelled.has(id));
        counts.running += live(await queue.getRanges(["active"], 0, -1)).length;
        const failed = live(await queue.getRanges(["failed"], 0, -1));
        const reasons = await Promise.all(failed.map((id) => redis.hget(queue.toKey(id), "failedReason")));
        for (const reason of reasons) counts[readFailure(reason).status] += 1;
      }
      return counts;
    },

    async prune(endedBefore: Date): Promise<number> {
      const gone = new Map<string, string>();
      for (const [id, snapshot] of Object.entries(await redis.hgetall(cancelledKey))) {
        const job = readSnapshot(snapshot);
        if (job.endedAt === null || job.endedAt >= endedBefore.toISOString()) continue;
        await queues.get(job.kind)?.remove(id); // still there when it was running; 0 while its handler is unwinding
        await redis.hdel(cancelledKey, id);
        gone.set(id, job.kind);
      }
      for (const [kind, queue] of queues) {
        for (const type of ["completed", "failed"] as const) {
          for (const id of await queue.clean(Date.now() - endedBefore.getTime(), 0, type)) gone.set(id, kind);
        }
      }
      for (const [id, kind] of gone) await forget(kind, id);
      await forgetOrphans(endedBefore);
      return gone.size;
    },
  };
}
export type Records = ReturnType<typeof openRecords>;

export function readFailure(reason: string | null | undefined): Failure {
  try {
    return failureSchema.parse(JSON.parse(reason ?? ""));
  } catch {
    // Written by BullMQ itself, for example when a job stalled too often.
    return { status: "dead", error: { code: "unexpected", detail: "The job was given up by the queue." } };
  }
}

function readSnapshot(text: string): Job {
  return JSON.parse(text) as Job; // written by setCancelled
}

function toJob(bull: QueuedJob, state: JobState | "unknown"): Job {
  const { data } = bull;
  const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  const failure = state === "failed" ? readFailure(bull.failedReason) : null;
  const status = failure?.status ?? STATES[state] ?? "queued";
  const progress = progressSchema.safeParse(bull.progress);
  const isWaiting = status === "queued" || status === "scheduled";
  return {
    id: bull.id as JobId, // made by newId in enqueue
    kind: bull.name,
    status,
    payload: data.payload,
    result: state === "completed" ? (bull.returnvalue ?? null) : null,
    error: (failure?.error as DocumentError | undefined) ?? (state === "completed" ? null : data.error),
    progress: progress.success ? progress.data : { done: 0, total: null, note: null },
    attempt: Math.max(0, bull.attemptsStarted - data.releasedCount),
    maxAttempts: data.maxAttempts,
    parentId: data.parentId as JobId | null,
    key: data.key,
    runAt: data.runAt,
    createdAt: new Date(bull.timestamp).toISOString(),
    startedAt: isWaiting ? null : time(bull.processedOn),
    endedAt: time(bull.finishedOn),
  };
}

import {
  AppError,
  JOB_STATUSES,
  jobListQuerySchema,
  jobListSchema,
  jobSchema,
  type JobResponse,
  type JobStatus,
} from "@lorekeep/core";
import { describeJob, describeNextRun, SCHEDULED_REINDEX_ID } from "../describe-job.ts";
import { notFound, requireId } from "../ids.ts";
import { defineRoute, type Route } from "../route.ts";

type ShownStatus = JobResponse["status"];
const isShownStatus = (word: string): word is ShownStatus =>
  word === "delayed" || (JOB_STATUSES as readonly string[]).includes(word);

/** `status` is one word or several with commas between. Throws request_invalid. */
function readStatuses(text: string | undefined): ReadonlySet<ShownStatus> | null {
  if (text === undefined) return null;
  const words = text.split(",").map((word) => word.trim());
  const wrong = words.find((word) => !isShownStatus(word));
  if (wrong !== undefined)
    throw new AppError("request_invalid", `status must be one of ${[...JOB_STATUSES, "delayed"].join(", ")}.`);
  return new Set(words.filter(isShownStatus));
}

/** In the queue's words: a delayed job is a queued one. */
function storedStatuses(shown: ReadonlySet<ShownStatus>): JobStatus[] {
  return [...new Set([...shown].map((status) => (status === "delayed" ? "queued" : status)))];
}

function changeRoute(verb: "cancel" | "retry", action: string, summary: string): Route {
  return defineRoute({
    method: "post",
    path: `/api/v1/jobs/{id}:${verb}`,
    access: ["admin"],
    summary,
    reply: { status: 200, schema: jobSchema },
    handle: async ({ platform, services, params, actor }) => {
      refuseSchedule(params.id);
      const job = await platform.queue[verb](requireId("job", params.id));
      await platform.store.audit.record({ actor: actor.id, action, target: job.id });
      return describeJob(platform, job, services.now());
    },
  });
}

export const jobRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/jobs",
    access: ["admin"],
    summary: "Jobs, newest first; the next nightly run comes first as `scheduled`.",
    query: jobListQuerySchema,
    reply: { status: 200, schema: jobListSchema },
    handle: async ({ platform, services, query }) => {
      const { limit, cursor, kind } = query;
      const statuses = readStatuses(query.status);
      const page = await platform.queue.list({
        limit,
        cursor,
        ...(kind === undefined ? {} : { kind }),
        ...(statuses === null ? {} : { statuses: storedStatuses(statuses) }),
      });
      const now = services.now();
      const items = await Promise.all(page.items.map((job) => describeJob(platform, job, now)));
      const nextRun = cursor === undefined ? describeNextRun(await platform.operations.schedule()) : null;
      const isWanted = (job: JobResponse) => (statuses?.has(job.status) ?? true) && (kind ?? job.kind) === job.kind;
      const all = nextRun !== null && isWanted(nextRun) ? [nextRun, ...items] : items;
      return { items: all.filter((job) => statuses?.has(job.status) ?? true), nextCursor: page.nextCursor };
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/jobs/{id}",
    access: ["admin"],
    summary: "One job: progress, error, result.",
    reply: { status: 200, schema: jobSchema },
    handle: async ({ platform, services, params }) => {
      if (params.id === SCHEDULED_REINDEX_ID) {
        const nextRun = describeNextRun(await platform.operations.schedule());
        if (nextRun !== null) return nextRun;
      }
      const job = await platform.queue.get(requireId("job", params.id));
      if (job === null) throw notFound("job");
      return describeJob(platform, job, services.now());
    },
  }),
  changeRoute("cancel", "job.cancelled", "Cancels a job that waits or runs."),
  changeRoute("retry", "job.retried", "Puts a failed, dead or cancelled job back into the queue."),
];

function refuseSchedule(id: string): void {
  if (id === SCHEDULED_REINDEX_ID)
    throw new AppError(
      "conflict",
      "This is the next run of the schedule. Change it with PUT /api/v1/schedules/reindex.",
    );
}

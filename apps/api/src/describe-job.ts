/**
 * Jobs as the outside sees them. A queued job whose time has not come is `delayed`; the next nightly run, which is no row
 * of the queue yet, is shown as one of status `scheduled`.
 */
import type { Job, JobResponse, Schedule } from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";
import { z } from "zod";
import { isId } from "@lorekeep/core";

export const SCHEDULED_REINDEX_ID = "schedule:reindex";

const subjectSchema = z.object({
  documentId: z.string().optional(),
  collectionId: z.string().optional(),
  name: z.string().optional(),
});

export async function describeJob(platform: Platform, job: Job, now: Date): Promise<JobResponse> {
  const isDelayed = job.status === "queued" && new Date(job.runAt).getTime() > now.getTime();
  return { ...job, status: isDelayed ? "delayed" : job.status, subject: await subjectOf(platform, job) };
}

async function subjectOf(platform: Platform, job: Job): Promise<JobResponse["subject"]> {
  const payload = subjectSchema.safeParse(job.payload);
  if (!payload.success || Object.keys(payload.data).length === 0) return null;
  const { documentId } = payload.data;
  if (payload.data.name !== undefined || documentId === undefined || !isId("document", documentId)) return payload.data;
  const document = await platform.store.documents.get(documentId);
  return { ...payload.data, name: document?.name };
}

/** null when the schedule is off. */
export function describeNextRun(schedule: Schedule): JobResponse | null {
  if (!schedule.enabled || schedule.nextDueAt === null) return null;
  return {
    id: SCHEDULED_REINDEX_ID,
    kind: "reindex",
    status: "scheduled",
    parentId: null,
    progress: { done: 0, total: null, note: null },
    attempt: 0,
    maxAttempts: 1,
    error: null,
    result: null,
    subject: null,
    runAt: schedule.nextDueAt,
    createdAt: schedule.lastDueAt ?? schedule.nextDueAt,
    startedAt: null,
    endedAt: null,
  };
}

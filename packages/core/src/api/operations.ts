/** Jobs, schedules, keys, audit, models, set-up and session. */
import { z } from "zod";
import { JOB_STATUSES, SCOPES } from "../domain.ts";
import { pageOf, pageQuerySchema, timeSchema } from "./common.ts";

export const jobSchema = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.enum([...JOB_STATUSES, "delayed"]),
  parentId: z.string().nullable(),
  progress: z.object({ done: z.number(), total: z.number().nullable(), note: z.string().nullable() }),
  attempt: z.int(),
  maxAttempts: z.int(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  result: z.unknown(),
  /** What it works on, when that is a document or a collection. */
  subject: z
    .object({ documentId: z.string().optional(), collectionId: z.string().optional(), name: z.string().optional() })
    .nullable(),
  runAt: timeSchema,
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
});
export type JobResponse = z.infer<typeof jobSchema>;
export const jobListSchema = pageOf(jobSchema);
export const jobListQuerySchema = pageQuerySchema.extend({
  status: z.string().optional(),
  kind: z.string().max(100).optional(),
});

export const scheduleSchema = z.object({
  cron: z.string(),
  timezone: z.string(),
  enabled: z.boolean(),
  nextDueAt: timeSchema.nullable(),
  lastDueAt: timeSchema.nullable(),
  lastReport: z.unknown(),
});
export type ScheduleResponse = z.infer<typeof scheduleSchema>;
export const putScheduleSchema = z.strictObject({
  cron: z.string().min(1).max(200),
  timezone: z.string().min(1).max(100),
  enabled: z.boolean(),
});
export type PutScheduleRequest = z.infer<typeof putScheduleSchema>;

/** What the nightly job did; kept as its job's result and as the schedule's lastReport. */
export const reindexReportSchema = z.object({
  startedAt: timeSchema,
  endedAt: timeSchema,
  foldersRead: z.int(),
  documentsAdded: z.int(),
  documentsChanged: z.int(),
  documentsRemoved: z.int(),
  documentsRetried: z.int(),
  documentsFailed: z.int(),
  purgedRows: z.int(),
  purgedBlobs: z.int(),
  indexes: z.array(
    z.object({
      generationId: z.string(),
      collection: z.string(),
      vectors: z.int(),
      missing: z.int(),
      orphans: z.int(),
      recallAt10: z.number().nullable(),
      healed: z.boolean(),
      compacted: z.boolean(),
    }),
  ),
  bytesBefore: z.int(),
  bytesAfter: z.int(),
  problems: z.array(z.string()),
});
export type ReindexReport = z.infer<typeof reindexReportSchema>;

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  collectionIds: z.array(z.string()).nullable(),
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type ApiKeyResponse = z.infer<typeof apiKeySchema>;
export const apiKeyListSchema = pageOf(apiKeySchema);
export const createApiKeySchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  scopes: z.array(z.enum(SCOPES)).min(1),
  collections: z.array(z.string()).min(1).nullable().optional(),
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
});
export type CreateApiKeyRequest = z.input<typeof createApiKeySchema>;
/** `secret` is shown this once. */
export const createdApiKeySchema = apiKeySchema.extend({ secret: z.string() });
export type CreatedApiKeyResponse = z.infer<typeof createdApiKeySchema>;

export const auditListSchema = pageOf(
  z.object({
    id: z.int(),
    at: timeSchema,
    actor: z.string(),
    action: z.string(),
    target: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  }),
);

export const modelStatusSchema = z.object({
  name: z.string(),
  role: z.enum(["generator", "embedder"]),
  state: z.enum(["ready", "loading", "downloading", "missing", "failed"]),
  inUse: z.boolean(),
  licence: z.string(),
  languages: z.string(),
  sizeBytes: z.int(),
  /** Present while downloading. */
  progress: z.object({ doneBytes: z.int(), totalBytes: z.int().nullable(), bytesPerSecond: z.number() }).nullable(),
  detail: z.string().nullable(),
});
export type ModelStatus = z.infer<typeof modelStatusSchema>;
export const modelListSchema = z.object({ items: z.array(modelStatusSchema) });

/** GET /session answers without login too: the web app asks it first. */
export const sessionSchema = z.object({
  user: z.object({ id: z.string(), name: z.string(), role: z.string() }).nullable(),
  setupRequired: z.boolean(),
  version: z.string(),
});
export type SessionResponse = z.infer<typeof sessionSchema>;
const password = z.string().min(10, "at least 10 characters").max(200);
/** POST /setup with the secret of the one-time link makes the owner and signs in. */
export const setupSchema = z.strictObject({
  secret: z.string().min(20).max(200),
  name: z.string().trim().min(1).max(200),
  password,
});
export type SetupRequest = z.infer<typeof setupSchema>;
export const loginSchema = z.strictObject({ name: z.string().min(1).max(200), password: z.string().min(1).max(200) });
export type LoginRequest = z.infer<typeof loginSchema>;

/** POST /samples loads the sample document that we wrote, and says what to ask it. */
export const sampleResponseSchema = z.object({
  collectionId: z.string(),
  documentIds: z.array(z.string()),
  questions: z.array(z.object({ language: z.string(), text: z.string() })),
});
export type SampleResponse = z.infer<typeof sampleResponseSchema>;

export const overviewSchema = z.object({
  documents: z.record(z.string(), z.int()),
  collections: z.int(),
  chunks: z.int(),
  jobs: z.record(z.string(), z.int()),
  models: z.array(modelStatusSchema),
});
export type OverviewResponse = z.infer<typeof overviewSchema>;

export const healthSchema = z.object({ status: z.literal("ok"), version: z.string() });
export const readinessSchema = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.boolean()) });
export type ReadinessResponse = z.infer<typeof readinessSchema>;

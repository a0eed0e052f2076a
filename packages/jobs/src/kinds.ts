/**
 * Every kind of job in one table: what its payload looks like and how it is run.
 * Payloads are checked when a job is taken from the queue, because rows may have been written by an earlier release.
 */
import { z } from "zod";
import type {
  CollectionId,
  DatasetId,
  DocumentId,
  EvaluationId,
  FineTuneId,
  GenerationId,
  JobPolicy,
} from "@lorekeep/core";

export interface JobKind<Payload = unknown> extends Omit<JobPolicy, "kind"> {
  readonly payload: z.ZodType<Payload>;
}
export type JobKinds = Readonly<Record<string, JobKind>>;

// The ids in payloads were made by newId and come back unchanged, so the brand may be put on again.
const documentId = z
  .string()
  .min(1)
  .transform((value) => value as DocumentId);
const collectionId = z
  .string()
  .min(1)
  .transform((value) => value as CollectionId);
const generationId = z
  .string()
  .min(1)
  .transform((value) => value as GenerationId);
const datasetId = z
  .string()
  .min(1)
  .transform((value) => value as DatasetId);
const fineTuneId = z
  .string()
  .min(1)
  .transform((value) => value as FineTuneId);
const evaluationId = z
  .string()
  .min(1)
  .transform((value) => value as EvaluationId);

const minutes = (count: number) => count * 60_000;

/** `concurrency` counts running jobs of the kind over all processes. */
export const JOB_KINDS = {
  /** Parse, chunk, embed, store and index one document; `generationId` names the generation when it is not the serving one. */
  "ingest-document": {
    payload: z.strictObject({ documentId, generationId: generationId.optional() }),
    maxAttempts: 4,
    backoffMs: 2_000,
    timeoutMs: minutes(60),
    concurrency: 2,
  },
  /** Remove rows and bytes of what was deleted, in slices. */
  "delete-purge": {
    payload: z.strictObject({}),
    maxAttempts: 10,
    backoffMs: 1_000,
    timeoutMs: minutes(30),
    concurrency: 1,
  },
  /** Fill a new generation beside the serving one, then let it serve. */
  "build-generation": {
    payload: z.strictObject({ collectionId, generationId }),
    maxAttempts: 5,
    backoffMs: 5_000,
    timeoutMs: minutes(24 * 60),
    concurrency: 1,
  },
  /** The nightly run: read watched folders again, retry what failed, verify and compact. */
  reindex: {
    payload: z.strictObject({ trigger: z.enum(["schedule", "manual"]), dueAt: z.iso.datetime() }),
    maxAttempts: 3,
    backoffMs: 30_000,
    timeoutMs: minutes(12 * 60),
    concurrency: 1,
  },
  /** Add examples to a dataset, from documents, feedback and wrong passages. */
  "draft-examples": {
    payload: z.strictObject({
      datasetId,
      from: z.array(z.enum(["documents", "feedback", "unanswerable"])).min(1),
      limit: z.int().min(1).max(5000),
    }),
    maxAttempts: 3,
    backoffMs: 5_000,
    timeoutMs: minutes(60),
    concurrency: 1,
  },
  /** Train an adapter, export it, judge it. Goes on at its checkpoint after a crash, however often. */
  "fine-tune": {
    payload: z.strictObject({ fineTuneId }),
    maxAttempts: 10,
    backoffMs: 10_000,
    timeoutMs: minutes(20 * 24 * 60),
    concurrency: 1,
  },
  /** Ask a set's questions over a collection and keep what came back. Goes on at its next question after a crash. */
  evaluate: {
    payload: z.strictObject({ evaluationId }),
    maxAttempts: 10,
    backoffMs: 10_000,
    timeoutMs: minutes(24 * 60),
    concurrency: 1,
  },
  /** Ask a collection its own and foreign questions, and keep what each refusal threshold would do. */
  "refusal-curve": {
    payload: z.strictObject({ collectionId, name: z.string().optional() }),
    maxAttempts: 3,
    backoffMs: 10_000,
    timeoutMs: minutes(4 * 60),
    concurrency: 1,
  },
} as const satisfies JobKinds;

export type JobKindName = keyof typeof JOB_KINDS;
export type JobPayload<Name extends JobKindName> = z.infer<(typeof JOB_KINDS)[Name]["payload"]>;

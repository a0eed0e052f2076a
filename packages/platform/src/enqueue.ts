/**
 * The jobs that use cases start, each with its key: a second job of a key whose first has not ended is not made, so
 * asking twice is free.
 */
import { AppError } from "@lorekeep/core";
import type {
  Clock,
  Collection,
  DocumentRecord,
  EvaluationId,
  FineTuneId,
  Generation,
  Job,
  JobId,
  Logger,
  Queue,
} from "@lorekeep/core";
import type { JobPayload } from "@lorekeep/jobs";

/** The bytes are part of the key: new bytes need a run of their own even while the old ones are being read. */
export function enqueueIngest(
  queue: Queue,
  document: Pick<DocumentRecord, "id" | "blob">,
  options: { parentId?: JobId; priority?: number } = {},
): Promise<Job> {
  const payload: JobPayload<"ingest-document"> = { documentId: document.id };
  const key = `ingest-document:${document.id}:${document.blob.slice(0, 16)}`;
  return queue.enqueue("ingest-document", payload, { key, ...options });
}

/** Rows and originals of what was deleted or replaced go away, and the indexes forget them. */
export function enqueuePurge(queue: Queue): Promise<Job> {
  const payload: JobPayload<"delete-purge"> = {};
  return queue.enqueue("delete-purge", payload, { key: "delete-purge", priority: 5 });
}

export function enqueueBuild(queue: Queue, generation: Pick<Generation, "id" | "collectionId">): Promise<Job> {
  const payload: JobPayload<"build-generation"> = {
    generationId: generation.id,
    collectionId: generation.collectionId,
  };
  return queue.enqueue("build-generation", payload, { key: `build-generation:${generation.id}` });
}

/** Asked for by a person, so before ordinary jobs; the nightly run comes from the schedule. */
export function enqueueReindex(queue: Queue, clock: Clock): Promise<Job> {
  const payload: JobPayload<"reindex"> = { trigger: "manual", dueAt: clock.now().toISOString() };
  return queue.enqueue("reindex", payload, { key: "reindex:manual", priority: 1 });
}

/** One drafting of a dataset at a time; asking again while it runs is the same job. */
export function enqueueDraft(queue: Queue, payload: JobPayload<"draft-examples">): Promise<Job> {
  const key = `draft-examples:${payload.datasetId}:${[...payload.from].sort().join("+")}`;
  return queue.enqueue("draft-examples", payload, { key, priority: 1 });
}

export function enqueueFineTune(queue: Queue, fineTuneId: FineTuneId): Promise<Job> {
  const payload: JobPayload<"fine-tune"> = { fineTuneId };
  return queue.enqueue("fine-tune", payload, { key: `fine-tune:${fineTuneId}` });
}

export function enqueueEvaluation(queue: Queue, evaluationId: EvaluationId): Promise<Job> {
  const payload: JobPayload<"evaluate"> = { evaluationId };
  return queue.enqueue("evaluate", payload, { key: `evaluate:${evaluationId}` });
}

/** One measuring of a collection at a time; asking again while it runs is the same job. */
export function enqueueRefusalCurve(queue: Queue, { id, name }: Pick<Collection, "id" | "name">): Promise<Job> {
  const payload: JobPayload<"refusal-curve"> = { collectionId: id, name };
  return queue.enqueue("refusal-curve", payload, { key: `refusal-curve:${id}`, priority: 1 });
}

/**
 * The work of a committed row whose job may come later: while the queue is away the row stands, and the sweep of the workers
 * (sweep-waiting.ts) makes its job when the queue is back (J5).
 */
export async function enqueueOrWait(logger: Logger, enqueue: () => Promise<Job>): Promise<void> {
  try {
    await enqueue();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "queue_unavailable") throw error;
    logger.warn("job.waits_for_queue", { code: error.code });
  }
}

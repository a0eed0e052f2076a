/**
 * Finds work that has a row but no job: a crash came between the two, or the queue was away. Asking for a job twice makes
 * one, so a worker may sweep as often as it likes: at its start, every night, and every half minute beside a remote queue.
 */
import { toAppError } from "@lorekeep/core";
import type { DocumentRecord, Logger, Queue, Store } from "@lorekeep/core";
import { enqueueBuild, enqueueIngest, enqueuePurge } from "./enqueue.ts";
import { isHeld } from "./evaluation/hold-generation.ts";

export interface SweepParts {
  readonly store: Store;
  readonly queue: Queue;
  readonly logger: Logger;
}

const REMOTE_SWEEP_MS = 30_000;

/** Documents that are queued, or were being processed by a process that died. */
export async function adoptWaiting({ store, queue }: Pick<SweepParts, "store" | "queue">): Promise<void> {
  for (const status of ["queued", "processing"] as const) {
    const waiting: DocumentRecord[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.documents.list({ status, limit: 200, cursor });
      waiting.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    for (const document of waiting) await enqueueIngest(queue, document);
  }
}

/** Everything that may wait: documents, generations being built, and what was deleted. */
export async function sweepWaiting(parts: SweepParts): Promise<void> {
  try {
    await adoptWaiting(parts);
    for (const generation of await parts.store.collections.generations())
      // One that is only tried is asked for by the evaluation that tries it.
      if (generation.status === "building" && !(await isHeld(parts.store.settings, generation)))
        await enqueueBuild(parts.queue, generation);
    await enqueuePurge(parts.queue);
  } catch (error) {
    const { code } = toAppError(error);
    parts.logger.warn("sweep.failed", { code, ...(code === "queue_unavailable" ? {} : { error }) });
  }
}

/** Sweeps now; beside a queue that can be away, again every half minute. Returns the way to stop it. */
export async function startSweeping(
  parts: SweepParts,
  options: { isRemote: boolean; everyMs?: number },
): Promise<() => void> {
  await sweepWaiting(parts);
  if (!options.isRemote) return () => undefined;
  const timer = setInterval(() => void sweepWaiting(parts), options.everyMs ?? REMOTE_SWEEP_MS);
  return () => clearInterval(timer);
}

/**
 * Runs whose job is over without having said so (out of attempts after crashes, cancelled while it waited, pruned) would look
 * alive for ever. Called when a worker starts.
 */
import type { FineTune, Job, JobId, Page } from "@lorekeep/core";
import { finishSwitchesOn } from "../evaluation/switch-on.ts";
import { putAwayForgotten } from "../evaluation/try-candidate.ts";
import { isEnded } from "./fine-tunes.ts";
import { evaluationIdOf, fineTuneIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";

const PAGE = 200;

export async function closeAbandoned(parts: AdaptationParts): Promise<void> {
  const { fineTunes, evaluations } = parts.store;
  const endedAt = parts.clock.now().toISOString();
  for await (const row of all((cursor) => fineTunes.list({ limit: PAGE, cursor }))) {
    const change = isEnded(row) ? null : await verdictOn(parts, row.jobId);
    if (change !== null) await fineTunes.update(fineTuneIdOf(row), { ...change, etaSeconds: null, endedAt });
  }
  const trying = new Set<string>();
  for await (const row of all((cursor) => evaluations.list({ limit: PAGE, cursor }))) {
    const change = row.endedAt !== null ? null : await verdictOn(parts, row.jobId);
    if (change !== null) await evaluations.update(evaluationIdOf(row), { ...change, endedAt });
    else if (row.endedAt === null) trying.add(row.collectionId);
  }
  // First: what was switched on is no longer only tried.
  await finishSwitchesOn(parts);
  await putAwayForgotten(parts, trying);
}

async function* all<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

type Verdict = { readonly status: "cancelled" } | { readonly status: "failed"; readonly error: FineTune["error"] };

/** Null while its job may still go on. */
async function verdictOn({ queue }: AdaptationParts, jobId: string | null): Promise<Verdict | null> {
  const job: Job | null = jobId === null ? null : await queue.get(jobId as JobId); // as the row says
  if (job !== null && job.endedAt === null) return null;
  if (job?.status === "cancelled") return { status: "cancelled" };
  const error = job?.error ?? { code: "unexpected", detail: "The run was interrupted too often. Start it again." };
  return { status: "failed", error: { ...error } };
}

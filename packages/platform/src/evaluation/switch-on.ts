/**
 * What a run has tried begins to serve. Everything that can be refused is asked first; then settings, adapter and the wish for an index
 * are written in one transaction with the mark on the run; then the index is begun, which a wish that was left behind by a crash
 * does again when a worker starts. The tried index is complete (if the run ended within a day), so its flip takes moments.
 */
import { AppError } from "@lorekeep/core";
import type { AdapterId, CollectionId, Evaluation, EvaluationId } from "@lorekeep/core";
import { z } from "zod";
import { findCollection } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { AdaptationParts } from "../adaptation/parts.ts";
import { rebuild } from "../collection-settings.ts";
import type { LibraryParts } from "../collection-settings.ts";
import { switchingOnName } from "./hold-generation.ts";
import { targetOfCandidate, withCandidate } from "./try-candidate.ts";

/** `adapter`: throws not_found, and conflict for one that failed its gate or has another base. */
export interface SwitchChecks {
  adapter(id: AdapterId): Promise<unknown>;
}

const targetSchema = z.object({
  embedder: z.string(),
  embedderFingerprint: z.string(),
  dimensions: z.int(),
  chunking: z.object({ maxTokens: z.int(), overlapTokens: z.int() }),
});

/** Throws conflict for a run that is no trial or has not succeeded, and what the checks throw: then nothing has changed. */
export async function switchOn(
  parts: AdaptationParts,
  checks: SwitchChecks,
  { actor, id }: { readonly actor: Actor; readonly id: EvaluationId },
): Promise<Evaluation> {
  const run = await parts.store.evaluations.get(id);
  if (run === null) throw new AppError("not_found", "There is no such evaluation.", { evaluationId: id });
  const candidate = run.candidate ?? null;
  if (candidate === null) throw new AppError("conflict", "This run tried nothing: it measured what serves.");
  if (run.status !== "succeeded") throw new AppError("conflict", "Only what has been measured can be switched on.");
  const { adapter, writing, retrieval } = candidate;
  if (writing !== undefined && writing !== parts.config.models.writing)
    throw new AppError("conflict", `The way of writing is set in the configuration: models.writing = "${writing}".`, {
      writing,
    });
  const collection = await findCollection(parts.store.collections, actor, run.collectionId);
  const adapterId = adapter as AdapterId | null | undefined; // looked up here
  if (adapterId != null) await checks.adapter(adapterId);
  const target = await targetOfCandidate(parts, collection, candidate);
  const switched = await parts.store.evaluations.switchOn(id, {
    collectionId: collection.id,
    actor: actor.id,
    at: parts.clock.now().toISOString(),
    settings: Object.keys(candidate),
    adapterId,
    // As it was measured, not as it was trained.
    adapterScale: Number(run.setting["adapterScale"] ?? 1),
    ...(retrieval === undefined ? {} : { retrieval: withCandidate(collection, candidate).retrieval }),
    ...(target === null ? {} : { pending: { name: switchingOnName(collection.id), value: target } }),
  });
  if (target !== null) await finishSwitchOn(parts, collection.id);
  return switched;
}

/** Begins the index that was switched on; nothing where none is waited for. */
export async function finishSwitchOn(
  parts: Pick<LibraryParts, "store" | "queue" | "logger">,
  id: CollectionId,
): Promise<void> {
  const { settings } = parts.store;
  const wanted = targetSchema.safeParse(await settings.get(switchingOnName(id))).data;
  if (wanted === undefined) return;
  await rebuild(parts, id, wanted);
  await settings.put(switchingOnName(id), null);
}

/** When a worker starts: indexes that were switched on and not begun, because the process died between. One that fails keeps no other back. */
export async function finishSwitchesOn(parts: Pick<LibraryParts, "store" | "queue" | "logger">): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await parts.store.collections.list({ limit: 200, cursor });
    for (const { id } of page.items)
      await finishSwitchOn(parts, id).catch((error: unknown) =>
        parts.logger.warn("switch_on.not_finished", { collectionId: id, error }),
      );
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

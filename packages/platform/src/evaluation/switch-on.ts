/**
 * What a run has tried begins to serve: search settings at once, an embedder or chunking when its index is complete (it is, if the
 * run ended within a day: the flip takes moments), an adapter through the same gate as everywhere.
 */
import { AppError } from "@lorekeep/core";
import type { AdapterId, Evaluation, EvaluationId } from "@lorekeep/core";
import { findCollection } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { Adaptation } from "../adaptation.ts";
import type { AdaptationParts } from "../adaptation/parts.ts";

type Switches = Pick<Adaptation, "activateAdapter">;

/** Throws conflict for a run that is no trial or has not succeeded, and for an adapter that failed its gate. */
export async function switchOn(
  parts: AdaptationParts,
  switches: Switches,
  { actor, id }: { readonly actor: Actor; readonly id: EvaluationId },
): Promise<Evaluation> {
  const run = await parts.store.evaluations.get(id);
  if (run === null) throw new AppError("not_found", "There is no such evaluation.", { evaluationId: id });
  const candidate = run.candidate ?? null;
  if (candidate === null) throw new AppError("conflict", "This run tried nothing: it measured what serves.");
  if (run.status !== "succeeded") throw new AppError("conflict", "Only what has been measured can be switched on.");
  const { embedder, chunking, retrieval, adapter, writing } = candidate;
  if (writing !== undefined && writing !== parts.config.models.writing)
    throw new AppError("conflict", `The way of writing is set in the configuration: models.writing = "${writing}".`, {
      writing,
    });
  const collection = await findCollection(parts.store.collections, actor, run.collectionId);
  // The adapter first: it is what can be refused.
  const scale = Number(run.setting.adapterScale ?? 1);
  if (adapter !== undefined)
    await switchAdapter(parts, switches, { actor, adapter, scale, collectionId: collection.id });
  if (embedder !== undefined || chunking !== undefined || retrieval !== undefined)
    await parts.library.updateCollection(actor, collection.id, { embedder, chunking, retrieval });
  const switchedOnAt = parts.clock.now().toISOString();
  const detail = { collectionId: collection.id, settings: Object.keys(candidate).join(" ") };
  await parts.store.audit.record({ actor: actor.id, action: "evaluation.switched-on", target: id, detail });
  return parts.store.evaluations.update(id, { switchedOnAt });
}

async function switchAdapter(
  parts: AdaptationParts,
  switches: Switches,
  request: { actor: Actor; adapter: string | null; scale: number; collectionId: string },
): Promise<void> {
  const { actor, adapter, scale, collectionId } = request;
  if (adapter !== null) {
    await switches.activateAdapter(actor, adapter as AdapterId, { collections: [collectionId], scale }); // looked up there
    return;
  }
  const id = collectionId as Parameters<typeof parts.store.adapters.activate>[0]["collectionId"]; // as the row says
  await parts.store.adapters.activate({ collectionId: id, adapterId: null, scale: 1, actor: actor.id });
  await parts.store.audit.record({ actor: actor.id, action: "adapter.deactivated", detail: { collectionId } });
}

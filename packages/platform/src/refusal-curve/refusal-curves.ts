/** Refusal curves as use cases: what is known of a collection's threshold, making it anew, and what the nightly run renews. */
import { AppError } from "@lorekeep/core";
import type { Collection, JobHandler, JobId } from "@lorekeep/core";
import type { JobPayload } from "@lorekeep/jobs";
import { findCollection, listAllCollections, requireScope } from "../access.ts";
import { enqueueRefusalCurve } from "../enqueue.ts";
import { readerName, runRefusalCurve } from "./curve-job.ts";
import type { CurveParts } from "./curve-job.ts";
import { judgeName, keepCurve, readKept, stalenessOf } from "./kept-curves.ts";
import type { RefusalCurves, RefusalCurveView } from "./refusal-curve-view.ts";

export interface OpenedRefusalCurves {
  readonly refusalCurves: RefusalCurves;
  readonly handlers: Readonly<Record<"refusal-curve", JobHandler>>;
  /** For the nightly run: curves that no longer speak for their collection are made anew. Returns names of collections. */
  readonly renewStale: () => Promise<string[]>;
}

async function viewOf(parts: CurveParts, collection: Collection): Promise<RefusalCurveView> {
  const { curve, jobId } = await readKept(parts.store, collection.id);
  const judge = judgeName(await readerName(parts.answer));
  return {
    collectionId: collection.id,
    threshold: collection.retrieval.refusalThreshold,
    defaultThreshold: parts.config.retrieval.refusalThreshold,
    curve,
    ...(await stalenessOf(parts.store, curve, { collection, judge })),
    job: jobId === null ? null : await parts.queue.get(jobId as JobId), // as the queue named it
  };
}

async function start(parts: CurveParts, collection: Collection): Promise<void> {
  const job = await enqueueRefusalCurve(parts.queue, collection);
  await keepCurve(parts.store, collection.id, { jobId: job.id });
}

async function renewStale(parts: CurveParts): Promise<string[]> {
  const renewed: string[] = [];
  for (const collection of await listAllCollections(parts.store.collections)) {
    const { curve, stale } = await viewOf(parts, collection);
    if (curve === null || stale === null || collection.documentCount === 0) continue;
    await start(parts, collection);
    renewed.push(collection.name);
  }
  return renewed;
}

export function openRefusalCurves(parts: CurveParts): OpenedRefusalCurves {
  const { collections } = parts.store;
  return {
    refusalCurves: {
      async state(actor, name) {
        requireScope(actor, "admin");
        return viewOf(parts, await findCollection(collections, actor, name));
      },
      async make(actor, name) {
        requireScope(actor, "admin");
        const collection = await findCollection(collections, actor, name);
        if (collection.documentCount === 0)
          throw new AppError("conflict", "The collection has no documents that could be asked.");
        await start(parts, collection);
        return viewOf(parts, collection);
      },
    },
    // The queue has checked the payload against its kind's schema, so the cast holds.
    handlers: {
      "refusal-curve": (payload, context) =>
        runRefusalCurve(parts, (payload as JobPayload<"refusal-curve">).collectionId, context),
    },
    renewStale: () => renewStale(parts),
  };
}

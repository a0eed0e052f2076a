/**
 * The curve of a collection as it is kept: a small JSON value of figures and counts, without a word of a question or a document,
 * so that nothing here has to be forgotten when a document is. It names what it was measured on, to know when it is out of date.
 */
import { createHash } from "node:crypto";
import { refusalCurveSchema } from "@lorekeep/core";
import type { Collection, CollectionId, RefusalCurve, Store, REFUSAL_STALE_REASONS } from "@lorekeep/core";
import { REFUSAL_JUDGE } from "@lorekeep/rag";
import { z } from "zod";

/** The last run stands beside the last curve: a cancelled one leaves the curve as it was. */
const keptSchema = z.object({ curve: refusalCurveSchema.nullable(), jobId: z.string().nullable() });
export type KeptCurve = z.infer<typeof keptSchema>;

/** A tenth of the documents is a large change. */
const LARGE_CHANGE = 0.1;

const settingName = (id: CollectionId): string => `refusal-curve:${id}`;

/** What cannot be read (another release wrote it) counts as none. */
export async function readKept({ settings }: Pick<Store, "settings">, id: CollectionId): Promise<KeptCurve> {
  return keptSchema.safeParse(await settings.get(settingName(id))).data ?? { curve: null, jobId: null };
}

export async function keepCurve(
  store: Pick<Store, "settings">,
  id: CollectionId,
  changes: Partial<KeptCurve>,
): Promise<void> {
  await store.settings.put(settingName(id), { ...(await readKept(store, id)), ...changes });
}

/** For a collection that is deleted. */
export async function forgetCurve({ settings }: Pick<Store, "settings">, id: CollectionId): Promise<void> {
  await settings.put(settingName(id), null);
}

/** Changes when the fitted models change, or when another reader has a say. */
export const judgeName = (reader: string | null): string =>
  createHash("sha256")
    .update(JSON.stringify([REFUSAL_JUDGE, reader]))
    .digest("hex")
    .slice(0, 12);

export interface Staleness {
  readonly stale: (typeof REFUSAL_STALE_REASONS)[number] | null;
  readonly changedDocuments: number;
}

export async function stalenessOf(
  { documents }: Pick<Store, "documents">,
  curve: RefusalCurve | null,
  now: { readonly collection: Collection; readonly judge: string },
): Promise<Staleness> {
  if (curve === null) return { stale: null, changedDocuments: 0 };
  const { id, documentCount, generationId } = now.collection;
  const touched = await documents.countChangedSince(id, curve.madeAt);
  // What went away is not there to be counted: with `touched` new ones among those that are left, at least so many did.
  const changedDocuments = Math.max(touched, Math.abs(documentCount - curve.documentCount));
  const isLarge = changedDocuments > 0 && changedDocuments >= LARGE_CHANGE * curve.documentCount;
  const stale =
    generationId !== curve.generationId ? "index" : now.judge !== curve.judge ? "judge" : isLarge ? "documents" : null;
  return { stale, changedDocuments };
}

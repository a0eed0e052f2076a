/**
 * The loop on a schedule, off by default: when enough people have corrected answers since the last fine-tune, the nightly run
 * drafts what they said into the dataset and trains. An adapter answers without being asked for only when this is wanted and
 * its gate has passed.
 */
import type { AdapterId, Dataset, FineTune } from "@lorekeep/core";
import { toAppError } from "@lorekeep/core";
import { z } from "zod";
import { feedbackExamples } from "@lorekeep/rag";
import { cleanDataset } from "./datasets.ts";
import { startFineTune } from "./fine-tunes.ts";
import { datasetIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";

export const AUTO_TRAIN_SETTING = "adaptation.autoTrain";
/** Who did it, in history and audit log. */
export const AUTO_ACTOR = { id: "schedule" } as const;

export const autoTrainSchema = z.object({
  enabled: z.boolean().default(false),
  /** New ratings and corrections that are worth a run. */
  minCorrections: z.int().min(1).default(50),
  autoActivate: z.boolean().default(false),
  preset: z.enum(["quick", "thorough"]).default("thorough"),
});
export type AutoTrain = z.infer<typeof autoTrainSchema>;

export async function readAutoTrain({ store }: Pick<AdaptationParts, "store">): Promise<AutoTrain> {
  const stored = autoTrainSchema.safeParse((await store.settings.get(AUTO_TRAIN_SETTING)) ?? {});
  return stored.success ? stored.data : autoTrainSchema.parse({});
}

/** Ids of the fine-tunes it started. A dataset that cannot be trained is logged and passed over. */
export async function trainWhenDue(parts: AdaptationParts): Promise<string[]> {
  const setting = await readAutoTrain(parts);
  if (!setting.enabled) return [];
  const started: string[] = [];
  for (const dataset of (await parts.store.datasets.list({ limit: 200 })).items) {
    if (dataset.collectionId === null || dataset.newSinceLastFineTune < setting.minCorrections) continue;
    try {
      await takeFeedback(parts, dataset);
      started.push((await startFineTune(parts, AUTO_ACTOR, { dataset: dataset.id, preset: setting.preset })).id);
    } catch (error) {
      parts.logger.warn("fine-tune.auto_failed", { datasetId: dataset.id, code: toAppError(error).code });
    }
  }
  return started;
}

/** What people wrote or liked needs no review; problems that cleaning finds keep an example out. */
async function takeFeedback({ ...parts }: AdaptationParts, dataset: Dataset): Promise<void> {
  const id = datasetIdOf(dataset);
  const collectionId = dataset.collectionId as NonNullable<
    Parameters<typeof parts.store.conversations.feedback>[0]["collectionId"]
  >;
  const known = new Set((await parts.store.datasets.allExamples(id, {})).map(({ externalId }) => externalId));
  let cursor: string | undefined;
  do {
    const page = await parts.store.conversations.feedback({ collectionId, limit: 200, cursor });
    const drafts = feedbackExamples(page.items, { status: "approved" });
    await parts.store.datasets.addExamples(
      id,
      drafts.filter(({ externalId }) => !known.has(externalId)),
    );
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  await cleanDataset(parts, id);
}

/** Only for runs of datasets with a collection: there it answers from now on. */
export async function activateIfWanted(
  parts: AdaptationParts,
  fineTune: FineTune,
  adapterId: AdapterId,
): Promise<void> {
  const { enabled, autoActivate } = await readAutoTrain(parts);
  if (!enabled || !autoActivate) return;
  const dataset = await parts.store.datasets.get(fineTune.datasetId as ReturnType<typeof datasetIdOf>);
  if (dataset === null || dataset.collectionId === null) return;
  const collectionId = dataset.collectionId as Parameters<typeof parts.store.adapters.activeFor>[0];
  await parts.store.adapters.activate({ collectionId, adapterId, scale: 1, actor: AUTO_ACTOR.id });
  const detail = { collectionId, automatic: true };
  await parts.store.audit.record({ actor: AUTO_ACTOR.id, action: "adapter.activated", target: adapterId, detail });
}

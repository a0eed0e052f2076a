/**
 * "42 new corrections: train?" What people said about answers becomes training data in one click, or by itself in the nightly run
 * when that is switched on. An adapter answers without being asked for only when this is wanted too and its gate has passed.
 *
 * What people wrote or liked needs no review; an example in which cleaning finds a problem waits for one.
 */
import { AppError, autoTrainSchema, toAppError, trainOnFeedbackSchema } from "@lorekeep/core";
import type { AdapterId, AutoTrain, AutoTrainState, Collection, CollectionId, Dataset, FineTune } from "@lorekeep/core";
import { feedbackExamples } from "@lorekeep/rag";
import { findCollection, listAllCollections, requireScope, SCRATCH_PREFIX } from "../access.ts";
import type { Adaptation } from "../adaptation.ts";
import { cleanDataset, findDataset } from "./datasets.ts";
import { MIN_HELD_OUT } from "./estimate.ts";
import { startFineTune } from "./fine-tunes.ts";
import { datasetIdOf, exampleIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import { readFeedback } from "./read-feedback.ts";
import { usableExamples } from "./training-examples.ts";

export const AUTO_TRAIN_SETTING = "adaptation.autoTrain";
/** Who did it, in history and audit log. */
export const AUTO_ACTOR = { id: "schedule" } as const;
const PAGE = 200;
/** Ratings of a collection without a dataset are counted by reading them; past this many they are shown as this many. */
const COUNT_LIMIT = 1000;

export async function readAutoTrain({ store }: Pick<AdaptationParts, "store">): Promise<AutoTrain> {
  const stored = autoTrainSchema.safeParse((await store.settings.get(AUTO_TRAIN_SETTING)) ?? {});
  return stored.success ? stored.data : autoTrainSchema.parse({});
}

type AutoTrainUseCases = Pick<Adaptation, "autoTrain" | "putAutoTrain" | "trainOnFeedback">;

export function autoTrainUseCases(parts: AdaptationParts): AutoTrainUseCases {
  const state = async (): Promise<AutoTrainState> => ({
    ...(await readAutoTrain(parts)),
    waiting: await whatWaits(parts),
  });
  return {
    async autoTrain(actor) {
      requireScope(actor, "admin");
      return state();
    },
    async putAutoTrain(actor, given) {
      requireScope(actor, "admin");
      const setting = autoTrainSchema.parse(given);
      await parts.store.settings.put(AUTO_TRAIN_SETTING, setting);
      await parts.store.audit.record({ actor: actor.id, action: "auto-train.changed", detail: { ...setting } });
      return state();
    },
    async trainOnFeedback(actor, given) {
      requireScope(actor, "admin");
      const { collection: name, dataset: wanted, preset } = trainOnFeedbackSchema.parse(given);
      const collection = await findCollection(parts.store.collections, actor, name);
      const dataset =
        wanted === undefined ? await datasetFor(parts, actor, collection) : await findDataset(parts, wanted);
      // Before anything is written: a question set takes no corrections, since it measures what is learnt from them.
      if (dataset.purpose === "evaluation")
        throw new AppError(
          "request_invalid",
          "This is a question set: nothing is trained on what measures the training.",
        );
      if (dataset.collectionId !== collection.id)
        throw new AppError("request_invalid", "This dataset belongs to another collection.");
      return trainWithFeedback(parts, actor, { dataset, preset: preset ?? (await readAutoTrain(parts)).preset });
    },
  };
}

/** Ids of the fine-tunes it started. A dataset that cannot be trained is logged and passed over. */
export async function trainWhenDue(parts: AdaptationParts): Promise<string[]> {
  const { enabled, minCorrections, preset } = await readAutoTrain(parts);
  if (!enabled) return [];
  const started: string[] = [];
  for (const { datasetId, count } of await whatWaits(parts)) {
    if (datasetId === null || count < minCorrections) continue;
    try {
      const dataset = await findDataset(parts, datasetId);
      started.push((await trainWithFeedback(parts, AUTO_ACTOR, { dataset, preset })).id);
    } catch (error) {
      parts.logger.warn("fine-tune.auto_failed", { datasetId, code: toAppError(error).code });
    }
  }
  return started;
}

/** By dataset; of collections without one only those that people have said something about. */
async function whatWaits(parts: AdaptationParts): Promise<AutoTrainState["waiting"]> {
  const datasets = (await parts.store.datasets.list({ limit: PAGE, purpose: "training" })).items;
  const collections = await listAllCollections(parts.store.collections);
  const waiting: AutoTrainState["waiting"] = [];
  for (const { id, name } of collections) {
    if (name.startsWith(SCRATCH_PREFIX)) continue;
    const named = { collectionId: id, collectionName: name };
    const own = datasets.filter(({ collectionId }) => collectionId === id);
    for (const dataset of own.filter(({ newSinceLastFineTune }) => newSinceLastFineTune > 0))
      waiting.push({
        ...{ ...named, datasetId: dataset.id, datasetName: dataset.name },
        count: dataset.newSinceLastFineTune,
      });
    const count = own.length === 0 ? (await readFeedback(parts.store, id, COUNT_LIMIT)).length : 0;
    if (count > 0) waiting.push({ ...named, datasetId: null, datasetName: null, count });
  }
  return waiting;
}

/** The newest of the collection, else a new one with the collection's name. */
async function datasetFor(
  { store }: AdaptationParts,
  actor: { readonly id: string },
  { id, name }: Collection,
): Promise<Dataset> {
  const there = (await store.datasets.list({ limit: PAGE, purpose: "training" })).items.find(
    ({ collectionId }) => collectionId === id,
  );
  if (there !== undefined) return there;
  const made = await store.datasets.create({ name, collectionId: id });
  await store.audit.record({ actor: actor.id, action: "dataset.created", target: made.id });
  return made;
}

async function trainWithFeedback(
  parts: AdaptationParts,
  actor: { readonly id: string },
  { dataset, preset }: { dataset: Dataset; preset: AutoTrain["preset"] },
): Promise<FineTune> {
  await takeFeedback(parts, dataset);
  const usable = await usableExamples(parts.store, datasetIdOf(dataset));
  const judges = usable.filter(({ split, answer }) => split === "validation" && answer !== null).length;
  if (judges < MIN_HELD_OUT)
    throw new AppError(
      "request_invalid",
      `The corrections are in the dataset “${dataset.name}” now, but only ${judges} held-out questions have an answer: at least ${MIN_HELD_OUT} are needed to judge an adapter. Add examples from a file or from documents.`,
      { datasetId: dataset.id, judges },
    );
  return startFineTune(parts, actor, { dataset: dataset.id, preset });
}

async function takeFeedback(parts: AdaptationParts, dataset: Dataset): Promise<void> {
  const { datasets } = parts.store;
  const id = datasetIdOf(dataset);
  const rated = await readFeedback(parts.store, dataset.collectionId as CollectionId); // as the store wrote it
  const known = new Set((await datasets.allExamples(id, {})).map(({ externalId }) => externalId));
  const drafts = feedbackExamples(rated).filter(({ externalId }) => !known.has(externalId));
  await datasets.addExamples(id, drafts);
  const fresh = new Set(drafts.map(({ externalId }) => externalId));
  await cleanDataset(parts, id);
  for (const example of await datasets.allExamples(id, { status: "pending" }))
    if (example.externalId !== null && fresh.has(example.externalId) && example.problems.length === 0)
      await datasets.updateExample(exampleIdOf(example), { status: "approved" });
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
  const collectionId = dataset.collectionId as CollectionId;
  await parts.store.adapters.activate({ collectionId, adapterId, scale: 1, actor: AUTO_ACTOR.id });
  const detail = { collectionId, automatic: true };
  await parts.store.audit.record({ actor: AUTO_ACTOR.id, action: "adapter.activated", target: adapterId, detail });
}

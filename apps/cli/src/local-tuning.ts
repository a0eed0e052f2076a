/** The closed loop of the data folder that this process has opened. */
import { createReadStream } from "node:fs";
import { linesOfBytes } from "@lorekeep/core";
import type { AdapterId, DatasetId, FineTuneId } from "@lorekeep/core";
import { LOCAL_ACTOR } from "@lorekeep/platform";
import type { Platform } from "@lorekeep/platform";
import type { Tuning } from "./tuning.ts";

const SHOWN = { limit: 100 };

// Ids given by people are looked up; one that is none is simply not found, so the casts below hold.
export function openLocalTuning({ adaptation, config }: Platform): Tuning {
  return {
    importDataset: ({ path, name, collection }) => {
      const lines = linesOfBytes(createReadStream(path), config.limits.jsonBytes);
      return adaptation.importDataset(LOCAL_ACTOR, { name, collection, lines });
    },
    createDataset: (request) => adaptation.createDataset(LOCAL_ACTOR, request),
    dataset: (id) => adaptation.dataset(LOCAL_ACTOR, id as DatasetId),
    datasets: async () => (await adaptation.datasets(LOCAL_ACTOR, SHOWN)).items,
    draft: (id, request) => adaptation.draftExamples(LOCAL_ACTOR, id as DatasetId, request),
    exportDataset: async (id, format) => (await adaptation.exportDataset(LOCAL_ACTOR, id as DatasetId, format)).bytes,
    estimate: (request) => adaptation.estimate(LOCAL_ACTOR, request),
    start: (request) => adaptation.startFineTune(LOCAL_ACTOR, request),
    startFromFeedback: (request) => adaptation.trainOnFeedback(LOCAL_ACTOR, request),
    fineTune: (id) => adaptation.fineTune(LOCAL_ACTOR, id as FineTuneId),
    fineTunes: async () => (await adaptation.fineTunes(LOCAL_ACTOR, SHOWN)).items,
    pause: (id) => adaptation.pauseFineTune(LOCAL_ACTOR, id as FineTuneId),
    resume: (id) => adaptation.resumeFineTune(LOCAL_ACTOR, id as FineTuneId),
    cancel: (id) => adaptation.cancelFineTune(LOCAL_ACTOR, id as FineTuneId),
    adapters: async () => (await adaptation.adapters(LOCAL_ACTOR, SHOWN)).items,
    activate: (id, request) => adaptation.activateAdapter(LOCAL_ACTOR, id as AdapterId, request),
    deactivate: (id, collections) => adaptation.deactivateAdapter(LOCAL_ACTOR, id as AdapterId, collections),
    rollback: (collection) => adaptation.rollbackAdapter(LOCAL_ACTOR, collection),
    exportAdapter: async (id, format) => (await adaptation.adapterFile(LOCAL_ACTOR, id as AdapterId, format)).bytes,
    importAdapter: ({ path, name }) => adaptation.importAdapter(LOCAL_ACTOR, { name, bytes: createReadStream(path) }),
  };
}

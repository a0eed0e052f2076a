/** The closed loop of the running server. */
import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import type { Client } from "@lorekeep/client";
import type { Tuning } from "./tuning.ts";

const SHOWN = { limit: 100 };

const bytesOf = async (response: Promise<Response>): Promise<Uint8Array> =>
  new Uint8Array(await (await response).arrayBuffer());

export function openServerTuning(client: Client): Tuning {
  const { datasets, fineTunes, adapters } = client;
  return {
    importDataset: async ({ path, ...fields }) =>
      datasets.upload({ fileName: basename(path), blob: await openAsBlob(path), ...fields }),
    createDataset: (request) => datasets.create(request),
    dataset: (id) => datasets.get(id),
    datasets: async () => (await datasets.list(SHOWN)).items,
    draft: (id, request) => datasets.draft(id, request),
    exportDataset: (id, format) => bytesOf(datasets.export(id, format)),
    estimate: (request) => fineTunes.estimate(request),
    start: (request) => fineTunes.start(request),
    startFromFeedback: (request) => fineTunes.fromFeedback(request),
    fineTune: (id) => fineTunes.get(id),
    fineTunes: async () => (await fineTunes.list(SHOWN)).items,
    pause: (id) => fineTunes.pause(id),
    resume: (id) => fineTunes.resume(id),
    cancel: (id) => fineTunes.cancel(id),
    adapters: async () => (await adapters.list(SHOWN)).items,
    activate: (id, request) => adapters.activate(id, request),
    deactivate: (id, collections) => adapters.deactivate(id, collections === undefined ? {} : { collections }),
    rollback: (collection) => adapters.rollback(collection === undefined ? {} : { collection }),
    exportAdapter: (id, format) => bytesOf(adapters.file(id, format)),
    importAdapter: async ({ path, name }) =>
      adapters.import({ fileName: basename(path), blob: await openAsBlob(path), name }),
  };
}

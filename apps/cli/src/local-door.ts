/** The data folder opened in this process, beside a server or without one. */
import { createReadStream } from "node:fs";
import { AppError } from "@lorekeep/core";
import type { ApiKeyId, ApiKeyResponse, DocumentId, JobId, ModelStatus } from "@lorekeep/core";
import { issueKey, LOCAL_ACTOR } from "@lorekeep/platform";
import type { Platform } from "@lorekeep/platform";
import type { Door } from "./door.ts";
import { openLocalTuning } from "./local-tuning.ts";

const PROGRESS_MS = 200;

// Ids given by people are looked up; one that is none is simply not found, so the casts below hold.
export function openLocalDoor(platform: Platform): Door {
  const { library, assistant, operations, store, models, queue } = platform;
  const job = async (id: string) => {
    const found = await queue.get(id as JobId);
    if (found === null) throw new AppError("not_found", "There is no such job.");
    return found;
  };
  return {
    search: (request) => assistant.search(LOCAL_ACTOR, { limit: 10, mode: "hybrid", explain: false, ...request }),
    chat: (request, signal) => assistant.chat(LOCAL_ACTOR, { ...request, regenerate: false, signal }),
    importFile: async ({ path, name, externalId, collection }) => {
      const request = { collection, name, externalId, mediaType: null, metadata: {}, bytes: createReadStream(path) };
      const { document, duplicate, replaced } = await library.upload(LOCAL_ACTOR, request);
      return { id: document.id, status: document.status, duplicate, replaced };
    },
    document: (id) => library.getDocument(LOCAL_ACTOR, id as DocumentId),
    deleteDocument: (id) => library.deleteDocument(LOCAL_ACTOR, id as DocumentId),
    reindex: () => operations.reindex(LOCAL_ACTOR),
    job,
    createKey: async (request) => {
      const key = await issueKey(platform, LOCAL_ACTOR, request);
      return { ...describeKey(key), secret: key.secret };
    },
    listKeys: async () => (await store.accounts.listKeys()).map(describeKey),
    revokeKey: async (id) => {
      if (!(await store.accounts.revokeKey(id as ApiKeyId))) throw new AppError("not_found", "There is no such key.");
    },
    listModels: () => models.list(),
    pullModel: (name, onProgress, signal) => pull(platform, name, onProgress, signal),
    tuning: openLocalTuning(platform),
    close: () => platform.close(),
  };
}

type StoredKey = Awaited<ReturnType<Platform["store"]["accounts"]["listKeys"]>>[number];

const describeKey = (key: StoredKey): ApiKeyResponse => ({
  ...key,
  scopes: [...key.scopes],
  collectionIds: key.collectionIds === null ? null : [...key.collectionIds],
});

async function pull(
  { models }: Platform,
  name: string,
  onProgress: (model: ModelStatus) => void,
  signal: AbortSignal,
): Promise<void> {
  const timer = setInterval(() => {
    models
      .list()
      .then((all) => all.filter((model) => model.name === name).forEach(onProgress))
      .catch(() => undefined); // only a progress bar depends on it
  }, PROGRESS_MS);
  try {
    await models.pull(name, signal);
  } finally {
    clearInterval(timer);
  }
}

/** Through the running server: the same HTTP that everybody uses. */
import { openAsBlob } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "@lorekeep/core";
import { createClient } from "@lorekeep/client";
import type { Door } from "./door.ts";
import { openServerTuning } from "./server-tuning.ts";

const POLL_MS = 500;

export function openServerDoor(options: { url: string; apiKey: string }): Door {
  const client = createClient({ baseUrl: options.url, apiKey: options.apiKey });
  return {
    search: (request) => client.search(request),
    chat: (request, signal) => client.chat(request, { signal }),
    importFile: async ({ path, name, externalId, collection }) => {
      const { items } = await client.documents.upload([{ name, blob: await openAsBlob(path), externalId }], {
        collection,
      });
      const [item] = items;
      if (item === undefined) throw new AppError("unexpected", "The server did not say what became of the file.");
      return {
        id: item.id,
        status: item.status,
        duplicate: item.duplicateOf !== undefined,
        replaced: item.replaced === true,
      };
    },
    document: (id) => client.documents.get(id),
    deleteDocument: (id) => client.documents.delete(id),
    reindex: () => client.reindex(),
    job: (id) => client.jobs.get(id),
    createKey: (request) => client.keys.create(request),
    listKeys: async () => (await client.keys.list()).items,
    revokeKey: (id) => client.keys.revoke(id),
    listModels: async () => (await client.models.list()).items,
    pullModel: async (name, onProgress, signal) => {
      await client.models.pull(name);
      for (;;) {
        const model = (await client.models.list({ signal })).items.find((each) => each.name === name);
        if (model === undefined) throw new AppError("not_found", `There is no model named ${name}.`);
        onProgress(model);
        if (model.state === "failed" || model.state === "missing")
          throw new AppError("model_download_failed", model.detail ?? `${name} could not be fetched.`);
        if (model.state !== "downloading") return;
        await pause(POLL_MS, undefined, { signal });
      }
    },
    tuning: openServerTuning(client),
    close: async () => undefined,
  };
}

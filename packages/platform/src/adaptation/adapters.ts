/** Adapters as use cases: where they answer, how that is put back, and how they come in and go out. */
import { AppError, activateAdapterSchema } from "@lorekeep/core";
import type { Adapter, AdapterId, CollectionId } from "@lorekeep/core";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { findCollection, requireScope, resolveCollections } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { Adaptation } from "../adaptation.ts";
import { adapterFile, importAdapterFile } from "./adapter-files.ts";
import { compareAnswers } from "./compare-answers.ts";
import type { AdaptationParts } from "./parts.ts";
import { activeCollections, requireBase, withDefault } from "./serving-adapter.ts";
import type { ServingParts } from "./serving-adapter.ts";

type AdapterUseCases = Pick<
  Adaptation,
  | "adapters"
  | "adapter"
  | "activateAdapter"
  | "deactivateAdapter"
  | "rollbackAdapter"
  | "adapterHistory"
  | "adapterFile"
  | "importAdapter"
  | "deleteAdapter"
  | "compareAnswers"
>;
type Parts = AdaptationParts & ServingParts;
type Stored = Adapter & { file: string };

const HISTORY_ITEMS = 200;

async function findAdapter(parts: Parts, id: AdapterId): Promise<Stored> {
  const found = await parts.store.adapters.get(id);
  if (found === null) throw new AppError("not_found", "There is no such adapter.", { adapterId: id });
  return withDefault(parts, found);
}

/** The file's name is a matter of the data folder. */
const shown = ({ file: _file, ...adapter }: Stored): Adapter => adapter;

async function collectionIds(
  parts: Parts,
  actor: Actor,
  names: readonly string[] | undefined,
): Promise<(CollectionId | "*")[]> {
  if (names === undefined) return ["*"];
  const named = names.filter((name) => name !== "*");
  const found = await resolveCollections(parts.store.collections, actor, named);
  return [...found.map(({ id }) => id), ...(named.length < names.length ? (["*"] as const) : [])];
}

/** Throws not_found, and conflict for an adapter of another base or, without `force`, one that failed its gate. */
export async function requireActivatable(parts: Parts, id: AdapterId, force = false): Promise<void> {
  const adapter = await findAdapter(parts, id);
  requireBase(adapter, parts.config);
  if (adapter.gate !== null && !adapter.passed && !force)
    throw new AppError(
      "conflict",
      "This adapter did not pass its gate: the report says where it is worse than the base. It can be switched on with `force`.",
    );
}

async function activate(
  parts: Parts,
  actor: Actor,
  id: AdapterId,
  given: Parameters<Adaptation["activateAdapter"]>[2],
): Promise<Adapter> {
  const { collections, scale, force } = activateAdapterSchema.parse(given);
  await requireActivatable(parts, id, force);
  for (const collectionId of await collectionIds(parts, actor, collections)) {
    await parts.store.adapters.activate({ collectionId, adapterId: id, scale, actor: actor.id });
    const detail = { collectionId, scale, force };
    await parts.store.audit.record({ actor: actor.id, action: "adapter.activated", target: id, detail });
  }
  return shown(await findAdapter(parts, id));
}

async function deactivate(
  parts: Parts,
  actor: Actor,
  id: AdapterId,
  collections: readonly string[] | undefined,
): Promise<Adapter> {
  const active = new Set<string>(activeCollections(await findAdapter(parts, id)));
  const wanted =
    collections === undefined
      ? ([...active] as (CollectionId | "*")[]) // as the rows say
      : (await collectionIds(parts, actor, collections)).filter((each) => active.has(each));
  for (const collectionId of wanted) {
    await parts.store.adapters.activate({ collectionId, adapterId: null, scale: 1, actor: actor.id });
    const detail = { collectionId };
    await parts.store.audit.record({ actor: actor.id, action: "adapter.deactivated", target: id, detail });
  }
  return shown(await findAdapter(parts, id));
}

async function remove(parts: Parts, actor: Actor, id: AdapterId): Promise<void> {
  const adapter = await findAdapter(parts, id);
  if (adapter.origin === "built-in")
    throw new AppError("conflict", "This adapter comes with Lorekeep. It can be switched off, not deleted.");
  if (adapter.activeIn.length > 0)
    throw new AppError("conflict", "This adapter answers somewhere. Switch it off first.");
  await parts.store.adapters.delete(id);
  // Answers that are being written with it keep what they have loaded.
  await rm(join(parts.adaptersFolder, adapter.file), { force: true });
  const detail = { name: adapter.name, version: adapter.version };
  await parts.store.audit.record({ actor: actor.id, action: "adapter.deleted", target: id, detail });
}

export function adapterUseCases(parts: Parts): AdapterUseCases {
  const { adapters, audit } = parts.store;
  return {
    async adapters(actor, query) {
      requireScope(actor, "admin");
      await parts.builtIn();
      const page = await adapters.list(query);
      return { ...page, items: await Promise.all(page.items.map((item) => withDefault(parts, item))) };
    },
    async adapter(actor, id) {
      requireScope(actor, "admin");
      return shown(await findAdapter(parts, id));
    },
    async activateAdapter(actor, id, request) {
      requireScope(actor, "admin");
      return activate(parts, actor, id, request);
    },
    async deactivateAdapter(actor, id, collections) {
      requireScope(actor, "admin");
      return deactivate(parts, actor, id, collections);
    },
    async rollbackAdapter(actor, collection) {
      requireScope(actor, "admin");
      const collectionId =
        collection === undefined || collection === "*"
          ? "*"
          : (await findCollection(parts.store.collections, actor, collection)).id;
      const item = await adapters.rollback({ collectionId, actor: actor.id });
      if (item === null)
        throw new AppError("conflict", "Nothing was ever switched here: there is nothing to put back.");
      const detail = { collectionId };
      await audit.record({ actor: actor.id, action: "adapter.rolled-back", target: item.adapterId, detail });
      return item;
    },
    async adapterHistory(actor) {
      requireScope(actor, "admin");
      return { items: await adapters.history(HISTORY_ITEMS) };
    },
    async adapterFile(actor, id, format) {
      requireScope(actor, "admin");
      return adapterFile(parts, await findAdapter(parts, id), format);
    },
    async importAdapter(actor, request) {
      requireScope(actor, "admin");
      const adapter = await importAdapterFile(parts, request);
      const detail = { name: adapter.name, sha256: adapter.sha256 };
      await audit.record({ actor: actor.id, action: "adapter.imported", target: adapter.id, detail });
      return adapter;
    },
    async deleteAdapter(actor, id) {
      requireScope(actor, "admin");
      return remove(parts, actor, id);
    },
    async compareAnswers(actor, request, signal) {
      requireScope(actor, "admin");
      return compareAnswers(parts, actor, request, signal);
    },
  };
}

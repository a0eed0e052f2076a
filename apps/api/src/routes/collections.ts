import {
  AppError,
  collectionListSchema,
  collectionSchema,
  createCollectionSchema,
  pageQuerySchema,
  updateCollectionSchema,
  type Collection,
} from "@lorekeep/core";
import type { Actor, Platform } from "@lorekeep/platform";
import { notFound } from "../ids.ts";
import { defineRoute } from "../route.ts";

/** By id or unique name. Throws not_found. */
async function findCollection(platform: Platform, actor: Actor, idOrName: string): Promise<Collection> {
  const [collection] = await platform.library.resolveCollections(actor, [idOrName]);
  if (collection === undefined) throw notFound("collection");
  return collection;
}

export const collectionRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/collections",
    access: ["search", "chat", "ingest"],
    summary: "Collections that the caller may see.",
    query: pageQuerySchema,
    reply: { status: 200, schema: collectionListSchema },
    handle: async ({ platform, actor, query }) => {
      if (actor.collectionIds === null) return platform.store.collections.list(query);
      const found = await Promise.all(actor.collectionIds.map((id) => platform.store.collections.get(id)));
      return { items: found.filter((collection) => collection !== null), nextCursor: null };
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/collections",
    access: ["admin"],
    summary: "Makes a collection.",
    body: createCollectionSchema,
    reply: { status: 201, schema: collectionSchema },
    handle: ({ platform, actor, body }) => platform.library.createCollection(actor, body),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/collections/{id}",
    access: ["search", "chat", "ingest"],
    summary: "One collection, by id or name.",
    reply: { status: 200, schema: collectionSchema },
    handle: ({ platform, actor, params }) => findCollection(platform, actor, params.id),
  }),
  defineRoute({
    method: "patch",
    path: "/api/v1/collections/{id}",
    access: ["admin"],
    summary: "Changes settings; a new embedder or chunking is built in the background while the old one answers.",
    body: updateCollectionSchema,
    reply: { status: 200, schema: collectionSchema },
    handle: async ({ platform, actor, params, body }) => {
      if (Object.keys(body).length === 0) throw new AppError("request_invalid", "Name at least one setting to change.");
      const { id } = await findCollection(platform, actor, params.id);
      return platform.library.updateCollection(actor, id, body);
    },
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/collections/{id}",
    access: ["admin"],
    summary: "Deletes a collection with all its documents.",
    reply: { status: 204 },
    handle: async ({ platform, actor, params }) => {
      const { id } = await findCollection(platform, actor, params.id);
      await platform.library.deleteCollection(actor, id);
    },
  }),
];

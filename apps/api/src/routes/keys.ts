/** API keys: what they may do, in which collections, until when (L3). The secret is shown once. */
import { apiKeyListSchema, AppError, createApiKeySchema, createdApiKeySchema } from "@lorekeep/core";
import { KEY_PREFIX } from "../auth.ts";
import { hashToken, newToken } from "../credentials.ts";
import { notFound, requireId } from "../ids.ts";
import { defineRoute } from "../route.ts";

const SHOWN_LENGTH = KEY_PREFIX.length + 6;

export const keyRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/keys",
    access: ["admin"],
    summary: "Keys with their rights and last use; never their secrets.",
    reply: { status: 200, schema: apiKeyListSchema },
    handle: async ({ platform }) => ({ items: await platform.store.accounts.listKeys(), nextCursor: null }),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/keys",
    access: ["admin"],
    summary: "Makes a key; its secret is in this answer and nowhere else.",
    body: createApiKeySchema,
    reply: { status: 201, schema: createdApiKeySchema },
    handle: async ({ platform, services, actor, body }) => {
      const { accounts, audit } = platform.store;
      const names = body.collections ?? null;
      if (names !== null && body.scopes.includes("admin"))
        throw new AppError("request_invalid", "A key with the right admin cannot be limited to collections.");
      const expiresAt = body.expiresAt == null ? null : new Date(body.expiresAt);
      if (expiresAt !== null && expiresAt.getTime() <= services.now().getTime())
        throw new AppError("request_invalid", "expiresAt lies in the past.");
      const collections = names === null ? null : await platform.library.resolveCollections(actor, names);
      const secret = `${KEY_PREFIX}${newToken()}`;
      const key = await accounts.createKey({
        name: body.name,
        prefix: secret.slice(0, SHOWN_LENGTH),
        secretHash: hashToken(secret),
        scopes: [...new Set(body.scopes)],
        collectionIds: collections?.map((collection) => collection.id) ?? null,
        expiresAt: expiresAt?.toISOString() ?? null,
      });
      await audit.record({
        actor: actor.id,
        action: "key.created",
        target: key.id,
        detail: { scopes: key.scopes, collectionIds: key.collectionIds, expiresAt: key.expiresAt },
      });
      return { ...key, secret };
    },
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/keys/{id}",
    access: ["admin"],
    summary: "Revokes a key: it stops working at once.",
    reply: { status: 204 },
    handle: async ({ platform, actor, params }) => {
      const id = requireId("apiKey", params.id);
      if (!(await platform.store.accounts.revokeKey(id))) throw notFound("key");
      await platform.store.audit.record({ actor: actor.id, action: "key.revoked", target: id });
    },
  }),
];

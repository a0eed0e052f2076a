/** API keys: what they may do, in which collections, until when (L3). The secret is shown once. */
import { apiKeyListSchema, AppError, createApiKeySchema, createdApiKeySchema } from "@lorekeep/core";
import { issueKey } from "@lorekeep/platform";
import { notFound, requireId } from "../ids.ts";
import { defineRoute } from "../route.ts";

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
      if (body.expiresAt != null && new Date(body.expiresAt).getTime() <= services.now().getTime())
        throw new AppError("request_invalid", "expiresAt lies in the past.");
      return issueKey(platform, actor, body);
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

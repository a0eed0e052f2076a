/** Makes an API key: 256 random bits, of which only the sha256 is kept; the secret is in the result and nowhere else (L3). */
import { createHash, randomBytes } from "node:crypto";
import { AppError } from "@lorekeep/core";
import type { ApiKey, CreateApiKeyRequest } from "@lorekeep/core";
import { resolveCollections } from "./access.ts";
import type { Actor, Platform } from "./platform.ts";

const PREFIX = "lk_";
const SHOWN_LENGTH = PREFIX.length + 6;

/** Throws not_found for an unknown collection, request_invalid for rights that contradict each other. */
export async function issueKey(
  { store }: Pick<Platform, "store">,
  actor: Actor,
  request: CreateApiKeyRequest,
): Promise<ApiKey & { secret: string }> {
  const names = request.collections ?? null;
  if (names !== null && request.scopes.includes("admin"))
    throw new AppError("request_invalid", "A key with the right admin cannot be limited to collections.");
  const collections = names === null ? null : await resolveCollections(store.collections, actor, names);
  const secret = `${PREFIX}${randomBytes(32).toString("base64url")}`;
  const key = await store.accounts.createKey({
    name: request.name,
    prefix: secret.slice(0, SHOWN_LENGTH),
    secretHash: createHash("sha256").update(secret, "utf8").digest("hex"),
    scopes: [...new Set(request.scopes)],
    collectionIds: collections?.map(({ id }) => id) ?? null,
    expiresAt: request.expiresAt ?? null,
  });
  await store.audit.record({ actor: actor.id, action: "key.created", target: key.id, detail: { scopes: key.scopes } });
  return { ...key, secret };
}

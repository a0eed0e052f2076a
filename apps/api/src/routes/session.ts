/** First run, signing in and out. There is no default password: the owner is made with a secret that only the log of the first start shows (S13). */
import { AppError, loginSchema, sessionSchema, setupSchema, type SessionResponse, type User } from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";
import type { Request } from "express";
import { endSession, startSession, type AuthOptions } from "../auth.ts";
import { hashPassword, hashToken, verifyPassword } from "../credentials.ts";
import { SETUP_PURPOSE } from "../owner-link.ts";
import { defineRoute } from "../route.ts";
import type { ApiServices } from "../services.ts";

const authOptions = ({ platform, now }: ApiServices): AuthOptions => ({
  accounts: platform.store.accounts,
  config: platform.config,
  now,
});
const addressOf = (request: Request): string => request.socket.remoteAddress ?? "";

async function describeSession(platform: Platform, user: User | null): Promise<SessionResponse> {
  const setupRequired = user === null && (await platform.store.accounts.countUsers()) === 0;
  return { user, setupRequired, version: platform.version };
}

export const sessionRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/session",
    access: "public",
    summary: "Who is signed in, and whether an owner has to be made first.",
    reply: { status: 200, schema: sessionSchema },
    handle: ({ platform, caller }) => describeSession(platform, caller?.user ?? null),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/setup",
    access: "public",
    summary: "Makes the owner with the secret of the one-time link, and signs in.",
    body: setupSchema,
    reply: { status: 201, schema: sessionSchema },
    handle: async ({ services, platform, body, request, response }) => {
      const { accounts, audit } = platform.store;
      services.logins.take(addressOf(request));
      if ((await accounts.countUsers()) > 0)
        throw new AppError("conflict", "There is an owner already. Sign in instead.");
      const passwordHash = await hashPassword(body.password);
      const isValid = await accounts.takeOneTimeSecret(
        SETUP_PURPOSE,
        hashToken(body.secret),
        services.now().toISOString(),
      );
      if (!isValid)
        throw new AppError(
          "setup_link_invalid",
          "This link is not valid any more. Start the server again: it prints a new one.",
        );
      const user = await accounts.createOwner({ name: body.name, passwordHash });
      await audit.record({ actor: `user:${user.id}`, action: "owner.created", target: user.id });
      await startSession(request, response, { ...authOptions(services), user });
      return describeSession(platform, user);
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/session",
    access: "public",
    summary: "Signs in: sets the session cookie.",
    body: loginSchema,
    reply: { status: 200, schema: sessionSchema },
    handle: async ({ services, platform, body, request, response }) => {
      const { accounts, audit } = platform.store;
      services.logins.take(addressOf(request));
      const found = await accounts.findUser(body.name.trim());
      const isRight = await verifyPassword(body.password, found?.passwordHash ?? null);
      if (found === null || !isRight) {
        if ((await accounts.countUsers()) === 0)
          throw new AppError(
            "setup_required",
            "There is no owner yet. Open the link that the server printed at its start.",
          );
        await audit.record({ actor: "nobody", action: "session.refused" });
        throw new AppError("unauthenticated", "The name or the password is wrong.");
      }
      await startSession(request, response, { ...authOptions(services), user: found });
      await audit.record({ actor: `user:${found.id}`, action: "session.started" });
      return describeSession(platform, found);
    },
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/session",
    access: "session",
    summary: "Signs out: the session ends on the server too.",
    reply: { status: 204 },
    handle: async ({ services, request, response }) => endSession(request, response, authOptions(services)),
  }),
];

/**
 * The one function that says who is calling, for every door: `Authorization: Bearer` (an API key, or the environment's
 * key) or the browser's session cookie. There is no other header and no query parameter (S6).
 *
 * A bearer that is given decides alone: when it is wrong, the cookie is not tried. A write that rests on the cookie must
 * come from our own origin: SameSite=Strict keeps other sites out, the Origin check keeps other ports of this host out.
 */
import { AppError, SCOPES, type Config, type Scope, type Store, type User } from "@lorekeep/core";
import type { Actor } from "@lorekeep/platform";
import type { Request, Response } from "express";
import { equalSecrets, hashToken, newToken } from "./credentials.ts";

export interface Caller {
  readonly actor: Actor;
  readonly door: "session" | "key" | "environment";
  readonly user: User | null;
}

export interface AuthOptions {
  readonly accounts: Store["accounts"];
  readonly config: Pick<Config, "apiKey" | "limits">;
  readonly now: () => Date;
}

export const SESSION_COOKIE = "lorekeep_session";
export const KEY_PREFIX = "lk_";
const MAX_SECRET_LENGTH = 200;

/** null when the request carries no valid credential. Throws forbidden for a cookie write from another origin. */
export async function authenticate(request: Request, options: AuthOptions): Promise<Caller | null> {
  const header = request.headers.authorization;
  if (header !== undefined) return authenticateBearer(header, options);
  const token = sessionTokenOf(request);
  if (token === null) return null;
  const session = await options.accounts.findSession(hashToken(token), options.now().toISOString());
  if (session === null) return null;
  requireOwnOrigin(request);
  const { user } = session;
  return { door: "session", user, actor: { id: `user:${user.id}`, scopes: SCOPES, collectionIds: null, key: null } };
}

async function authenticateBearer(header: string, options: AuthOptions): Promise<Caller | null> {
  const secret = /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1];
  if (secret === undefined || secret.length > MAX_SECRET_LENGTH) return null;
  const { apiKey } = options.config;
  if (apiKey !== null && equalSecrets(secret, apiKey)) {
    const actor: Actor = { id: "key:environment", scopes: SCOPES, collectionIds: null, key: null };
    return { door: "environment", user: null, actor };
  }
  if (!secret.startsWith(KEY_PREFIX)) return null;
  const key = await options.accounts.findKey(hashToken(secret), options.now().toISOString());
  if (key === null) return null;
  const scopes = key.scopes.includes("admin") ? SCOPES : key.scopes;
  return { door: "key", user: null, actor: { id: `key:${key.id}`, scopes, collectionIds: key.collectionIds, key } };
}

/** Any of these scopes will do. Throws unauthenticated or forbidden. */
export function requireScopes(caller: Caller | null, scopes: readonly Scope[]): asserts caller is Caller {
  requireCaller(caller);
  if (!scopes.some((scope) => caller.actor.scopes.includes(scope)))
    throw new AppError("forbidden", `This needs the right ${scopes.join(" or ")}, which this key does not have.`);
}

export function requireCaller(caller: Caller | null): asserts caller is Caller {
  if (caller === null)
    throw new AppError("unauthenticated", "Sign in, or send a valid key as `Authorization: Bearer KEY`.");
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Throws forbidden when a write comes from a page of another origin. A request without Origin must say that it is same-origin. */
export function requireOwnOrigin(request: Request): void {
  if (SAFE_METHODS.has(request.method)) return;
  const { origin, host } = request.headers;
  const fetchSite = request.headers["sec-fetch-site"];
  const isOwn = origin === undefined ? fetchSite === "same-origin" : host !== undefined && hostOf(origin) === host;
  if (!isOwn) throw new AppError("forbidden", "This request comes from another site, so the session does not count.");
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

export function sessionTokenOf(request: Request): string | null {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === SESSION_COOKIE && value !== undefined && /^[\w-]{20,200}$/.test(value)) return value;
  }
  return null;
}

export async function startSession(
  request: Request,
  response: Response,
  options: AuthOptions & { user: User },
): Promise<void> {
  const token = newToken();
  const lifetimeMs = options.config.limits.sessionDays * 86_400_000;
  const expiresAt = new Date(options.now().getTime() + lifetimeMs).toISOString();
  await options.accounts.createSession({ userId: options.user.id, tokenHash: hashToken(token), expiresAt });
  response.cookie(SESSION_COOKIE, token, { ...cookieOptions(request), maxAge: lifetimeMs });
}

export async function endSession(request: Request, response: Response, options: AuthOptions): Promise<void> {
  const token = sessionTokenOf(request);
  if (token !== null) await options.accounts.deleteSession(hashToken(token));
  response.clearCookie(SESSION_COOKIE, cookieOptions(request));
}

const cookieOptions = (request: Request) =>
  ({ httpOnly: true, sameSite: "strict", path: "/", secure: request.secure }) as const;

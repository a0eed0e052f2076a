/** A real HTTP server on a free port over a platform in memory, with the ways in that tests need. */
import { hashToken, newToken } from "../credentials.ts";
import { SESSION_COOKIE } from "../auth.ts";
import { startServer, type RunningServer } from "../server.ts";
import type { ApiKey, Scope } from "@lorekeep/core";
import { fakePlatform, type FakePlatform } from "./fake-platform.ts";

export const ENVIRONMENT_KEY = "environment-key-0123456789";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly platform: FakePlatform;
  readonly server: RunningServer;
  /** With the environment's key unless `key` says otherwise; `key: null` = no credential. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** Makes a key, as POST /keys would. */
  makeKey(scopes: readonly Scope[], options?: Partial<Pick<ApiKey, "collectionIds" | "expiresAt">>): Promise<string>;
  /** Cookie header of a signed-in owner. */
  signIn(): Promise<string>;
}

export interface CallOptions {
  readonly key?: string | null;
  readonly json?: unknown;
  readonly body?: RequestInit["body"];
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export async function startTestServer(
  settings: Parameters<typeof fakePlatform>[0] & { graceMs?: number; webFolder?: string; now?: () => Date } = {},
): Promise<TestServer> {
  const { graceMs = 200, webFolder = "/nonexistent", now, ...config } = settings;
  const platform = fakePlatform({ apiKey: ENVIRONMENT_KEY, ...config });
  const server = await startServer({ platform, host: "127.0.0.1", port: 0, webFolder, graceMs, now });
  const call: TestServer["call"] = (method, path, { key = ENVIRONMENT_KEY, json, body, headers, signal } = {}) =>
    fetch(`${server.url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? (body === undefined ? {} : { body }) : { body: JSON.stringify(json) }),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    url: server.url,
    platform,
    server,
    call,
    makeKey: async (scopes, options = {}) => {
      const secret = `lk_${newToken()}`;
      const key = {
        name: "test",
        prefix: secret.slice(0, 9),
        scopes,
        collectionIds: null,
        expiresAt: null,
        ...options,
      };
      await platform.store.accounts.createKey({ ...key, secretHash: hashToken(secret) });
      return secret;
    },
    signIn: async () => {
      const { accounts } = platform.store;
      const user = await accounts.createOwner({ name: "owner", passwordHash: "" });
      const token = newToken();
      await accounts.createSession({ userId: user.id, tokenHash: hashToken(token), expiresAt: "2999-01-01" });
      return `${SESSION_COOKIE}=${token}`;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

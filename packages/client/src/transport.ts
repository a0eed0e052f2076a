/**
 * One place that talks HTTP: the base address, the bearer key, problem details → ClientError, JSON → zod.
 * Runs in browsers and in Node; the browser's session cookie travels by itself on the same origin.
 */
import { problemSchema } from "@lorekeep/core";
import type { z } from "zod";

export interface ClientOptions {
  /** `http://127.0.0.1:7777`, or "" in a page that the server itself delivered. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** What the server answered instead of a result. `code` is from the closed table in core/errors.ts; `unreachable` when nothing answered. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  /** From `Retry-After`, when the server said so. */
  readonly retryAfterSeconds: number | null;

  constructor(
    problem: {
      status: number;
      code: string;
      detail: string;
      requestId: string | null;
      retryAfterSeconds?: number | null;
    },
    options?: ErrorOptions,
  ) {
    super(problem.detail, options);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.requestId = problem.requestId;
    this.retryAfterSeconds = problem.retryAfterSeconds ?? null;
  }
}

export type QueryValues = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface SendOptions {
  readonly query?: QueryValues | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: FormData | Blob | string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** The response of a request that succeeded; throws ClientError otherwise, and the signal's reason when aborted. */
  send(method: string, path: string, options?: SendOptions): Promise<Response>;
  json<Schema extends z.ZodType>(
    schema: Schema,
    method: string,
    path: string,
    options?: SendOptions,
  ): Promise<z.output<Schema>>;
  url(path: string, query?: QueryValues): string;
}

export function createTransport(options: ClientOptions): Transport {
  const base = options.baseUrl.replace(/\/+$/, "");
  const doFetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));

  const url = (path: string, query: QueryValues = {}) => {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined && value !== null) params.set(name, String(value));
    const text = params.toString();
    return `${base}${path}${text === "" ? "" : `?${text}`}`;
  };

  const send = async (method: string, path: string, request: SendOptions = {}) => {
    const headers = new Headers(request.headers);
    if (options.apiKey !== undefined) headers.set("authorization", `Bearer ${options.apiKey}`);
    if (!headers.has("accept")) headers.set("accept", "application/json, application/problem+json");
    let body = request.body;
    if (request.json !== undefined) {
      headers.set("content-type", "application/json");
      body = JSON.stringify(request.json);
    }
    let response: Response;
    try {
      response = await doFetch(url(path, request.query), {
        method,
        headers,
        credentials: "same-origin",
        ...(body === undefined ? {} : { body }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
    } catch (error) {
      if (request.signal?.aborted === true) throw error;
      throw new ClientError(
        { status: 0, code: "unreachable", detail: "The Lorekeep server did not answer.", requestId: null },
        { cause: error },
      );
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  };

  return {
    send,
    url,
    async json(schema, method, path, request) {
      const response = await send(method, path, request);
      return schema.parse(await response.json());
    },
  };
}

async function problemOf(response: Response): Promise<ClientError> {
  const retryAfter = Number(response.headers.get("retry-after") ?? "");
  const text = await response.text().catch(() => "");
  const parsed = problemSchema.safeParse(parseJson(text));
  const retryAfterSeconds = response.headers.has("retry-after") && Number.isFinite(retryAfter) ? retryAfter : null;
  if (parsed.success) return new ClientError({ ...parsed.data, retryAfterSeconds });
  return new ClientError({
    status: response.status,
    code: "unexpected",
    detail: `The server answered ${response.status} ${response.statusText}.`.replace(" .", "."),
    requestId: response.headers.get("x-request-id"),
    retryAfterSeconds,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

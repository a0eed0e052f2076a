/**
 * Serves routes: who is calling → may they → not too often → is the request well formed → handler → is the answer what
 * was declared. Nothing of a body is read before the caller is known (S7).
 */
import { AppError, type Logger } from "@lorekeep/core";
import type { Express, Request, RequestHandler, Response } from "express";
import type { z } from "zod";
import { authenticate, requireCaller, requireOwnOrigin, requireScopes, type Caller } from "./auth.ts";
import { isLocalOperator } from "./local-operator.ts";
import { parseInput } from "./parse-input.ts";
import { requestIdOf } from "./problem.ts";
import { readJsonBody } from "./read-body.ts";
import { isDefinedRoute, type Access, type Route } from "./route.ts";
import type { ApiServices } from "./services.ts";

const mounted = new WeakSet<RequestHandler>();
/** True for handlers that serve a declared route, and for the answers to paths that are no route. */
export const isMountedHandler = (handler: RequestHandler): boolean => mounted.has(handler);

/** `/a/{id}:verb` → Express 5's `/a/:id\:verb`. */
export const expressPath = (path: string): string => path.replaceAll(":", "\\:").replace(/\{(\w+)\}/g, ":$1");

export function mountRoutes(app: Express, routes: readonly Route[], services: ApiServices): void {
  // `/documents/{id}:reprocess` also looks like `/documents/{id}`: the more literal path goes first.
  const ordered = [...routes].sort((a, b) => literalLength(b.path) - literalLength(a.path));
  for (const route of ordered) {
    if (!isDefinedRoute(route)) throw new Error(`${route.method} ${route.path} was not made by defineRoute`);
    const handler: RequestHandler = (request, response, next) => {
      serve(route, request, response, services).catch(next);
    };
    mounted.add(handler);
    app[route.method](expressPath(route.path), handler);
  }
  const fallback = answerUnknownPaths(routes);
  mounted.add(fallback);
  app.use(fallback);
}

const literalLength = (path: string): number => path.replace(/\{\w+\}/g, "").length;

async function serve(route: Route, request: Request, response: Response, services: ApiServices): Promise<void> {
  response.locals["route"] = route.path;
  response.setHeader("cache-control", "no-store");
  const logger = services.platform.logger.child({ requestId: requestIdOf(response) });
  const caller = await admit(route, request, response, services);
  const signal = goneSignal(response, services.closed);
  const context = {
    services,
    platform: services.platform,
    caller,
    actor: caller?.actor ?? null,
    params: pathParameters(request),
    query: route.query === null ? undefined : parseInput(route.query, request.query, "query"),
    body: route.body === null ? undefined : await parseJson(route.body, route.bodyOptional, request, services),
    request,
    response,
    signal,
    logger,
  };
  if (request.method === "HEAD" && "mediaType" in route.reply) {
    response.status(route.reply.status).type(route.reply.mediaType).end();
    return;
  }
  await answer(route, response, await route.handle(context), logger);
}

/** Throws unauthenticated, forbidden, rate_limited. */
async function admit(
  route: Route,
  request: Request,
  response: Response,
  services: ApiServices,
): Promise<Caller | null> {
  const { platform, now } = services;
  const caller = await authenticate(request, {
    accounts: platform.store.accounts,
    config: platform.config,
    now,
  });
  response.locals["actor"] = caller?.actor.id ?? null;
  if (!isProbe(route) && caller?.door !== "environment")
    services.requests.take(caller?.actor.id ?? `address:${request.socket.remoteAddress ?? ""}`);
  checkAccess(route.access, request, caller);
  return caller;
}

const isProbe = (route: Route): boolean => route.path === "/healthz" || route.path === "/readyz";

function checkAccess(access: Access, request: Request, caller: Caller | null): void {
  if (access === "public") {
    // Signing in sets a cookie, so a browser's request must come from our own page.
    if (request.headers.origin !== undefined) requireOwnOrigin(request);
    return;
  }
  if (access === "operator") {
    if (!isLocalOperator(request)) requireScopes(caller, ["admin"]);
    return;
  }
  if (access === "session") {
    requireCaller(caller);
    if (caller.door !== "session") throw new AppError("forbidden", "This is for people who are signed in.");
    return;
  }
  requireScopes(caller, access);
}

const MAX_PARAMETER_LENGTH = 300;

function pathParameters(request: Request): Record<string, string> {
  const entries = Object.entries(request.params).map(([name, value]) => [name, String(value)] as const);
  for (const [, value] of entries)
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    if (value.length > MAX_PARAMETER_LENGTH || /[\u0000-\u001f\u007f]/.test(value))
      throw new AppError("not_found", "There is nothing under this id.");
  return Object.fromEntries(entries);
}

async function parseJson(
  schema: z.ZodType,
  optional: boolean,
  request: Request,
  services: ApiServices,
): Promise<unknown> {
  const { jsonBytes } = services.platform.config.limits;
  return parseInput(schema, await readJsonBody(request, jsonBytes, { optional }), "body");
}

/** Fires when the connection closes before the answer is complete, or when the server gives up waiting. */
function goneSignal(response: Response, closed: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort(new AppError("aborted", "The server is closing."));
  response.once("close", () => {
    closed.removeEventListener("abort", abort);
    if (!response.writableFinished) gone.abort(new AppError("aborted", "The caller has gone."));
  });
  if (closed.aborted) abort();
  else closed.addEventListener("abort", abort, { once: true });
  return gone.signal;
}

async function answer(route: Route, response: Response, value: unknown, logger: Logger): Promise<void> {
  const { reply } = route;
  if ("mediaType" in reply || response.headersSent || response.destroyed) return;
  if (!("schema" in reply)) {
    response.status(reply.status).end();
    return;
  }
  // The declared schema is also what keeps inner fields in: whatever it does not name does not leave.
  const parsed = reply.schema.safeParse(value);
  if (!parsed.success) {
    logger.error("http.answer-invalid", { route: route.path, faults: parsed.error.issues.map((issue) => issue.path) });
    throw new AppError("unexpected", "The answer did not have the declared form. The log has the details.");
  }
  response.status(reply.status).json(parsed.data);
}

/** Under the API's folders nothing is left to the web app: 405 for a wrong method, 404 for a wrong path. */
function answerUnknownPaths(routes: readonly Route[]): RequestHandler {
  const paths = routes.map((route) => ({ method: route.method.toUpperCase(), pattern: patternOf(route.path) }));
  return (request, response, next) => {
    const allowed = paths.filter(({ pattern }) => pattern.test(request.path)).map(({ method }) => method);
    if (allowed.length > 0) {
      response.setHeader("allow", [...new Set(allowed)].join(", "));
      next(new AppError("method_not_allowed", `This path answers ${[...new Set(allowed)].join(", ")} only.`));
    } else if (/^\/(api|v1)(\/|$)/.test(request.path)) next(new AppError("not_found", "There is no such route."));
    else next();
  };
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}/?$`, "i");
}

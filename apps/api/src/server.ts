/** The HTTP server over an open platform: headers, routes, web app, errors, and an orderly end. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";
import compression from "compression";
import express, { type Express } from "express";
import { mountRoutes } from "./mount-routes.ts";
import { problemMiddleware } from "./problem.ts";
import { rateLimit } from "./rate-limit.ts";
import { requestLog } from "./request-log.ts";
import { routes } from "./routes/index.ts";
import { securityHeaders } from "./security-headers.ts";
import type { ApiServices } from "./services.ts";
import { webApp } from "./web-app.ts";

export interface ServerOptions {
  readonly platform: Platform;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** The built web app; may not be there yet. */
  readonly webFolder: string;
  /** How long running answers may go on when the server closes. */
  readonly graceMs?: number | undefined;
  readonly now?: (() => Date) | undefined;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, ends watching streams at once, waits `graceMs` for the rest, then cuts. */
  close(): Promise<void>;
}

const GRACE_MS = 5_000;
/** Time for an aborted answer to say so to its reader. */
const FAREWELL_MS = 1_000;
const LOGINS_PER_MINUTE = 20;

/** Throws config_invalid when the address cannot be listened on. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const closing = new AbortController();
  const closed = new AbortController();
  const now = options.now ?? (() => new Date());
  const app = createApp(options.webFolder, {
    platform: options.platform,
    requests: rateLimit({ perMinute: options.platform.config.limits.requestsPerMinute, what: "requests", now }),
    logins: rateLimit({ perMinute: LOGINS_PER_MINUTE, what: "tries to sign in", now }),
    closing: closing.signal,
    closed: closed.signal,
    now,
  });
  const server = createServer({ requestTimeout: 3_600_000, keepAliveTimeout: 30_000 }, app);
  const port = await listen(server, options.host, options.port);
  return {
    port,
    url: `http://${displayHost(options.host)}:${port}`,
    async close() {
      closing.abort();
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await Promise.race([ended, pause(options.graceMs ?? GRACE_MS)]);
      closed.abort();
      await Promise.race([ended, pause(FAREWELL_MS)]);
      server.closeAllConnections();
      await ended;
    },
  };
}

/** The application without a socket. Every layer of its router is one of these middlewares or a declared route (tested). */
export function createApp(webFolder: string, services: ApiServices): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", "simple");
  app.set("case sensitive routing", true);
  app.use(requestLog(services.platform));
  app.use(securityHeaders);
  app.use(
    compression({ filter: (request, response) => !isEventStream(response) && compression.filter(request, response) }),
  );
  mountRoutes(app, routes, services);
  app.use(webApp(webFolder));
  app.use(problemMiddleware(services.platform.logger));
  return app;
}

const isEventStream = (response: { getHeader(name: string): unknown }): boolean =>
  String(response.getHeader("content-type")).startsWith("text/event-stream");

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another program. Set LOREKEEP_PORT to another one, or to 0 for any free port",
  EACCES: "may not be used by this user. Set LOREKEEP_PORT to one above 1023",
  EADDRNOTAVAIL: "is not an address of this machine. Set LOREKEEP_HOST to one that is",
};

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = LISTEN_ERRORS[cause.code ?? ""] ?? `cannot be listened on (${cause.code ?? "unknown"})`;
      reject(new AppError("config_invalid", `Port ${port} on ${host} ${reason}.`, { host, port }, { cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port)); // holds: a TCP server that listens
  });
}

function displayHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs).unref());
}

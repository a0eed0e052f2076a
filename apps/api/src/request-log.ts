/** An id for each request, one log line and one count when it ends. Paths are logged as patterns: no ids, queries or bodies. */
import { randomUUID } from "node:crypto";
import type { Platform } from "@lorekeep/platform";
import type { RequestHandler } from "express";

const QUIET: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics", "other"]);

export function requestLog(platform: Platform): RequestHandler {
  return function logRequest(request, response, next) {
    const requestId = randomUUID();
    const startedMs = performance.now();
    response.locals["requestId"] = requestId;
    response.setHeader("x-request-id", requestId);
    response.once("close", () => {
      const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
      // 499: the caller went away before the answer was complete.
      const status = response.writableFinished ? response.statusCode : 499;
      const route: unknown = response.locals["route"];
      const labels = { method: request.method, route: typeof route === "string" ? route : "other", status };
      platform.operations.observeRequest(labels, durationMs);
      const actor: unknown = response.locals["actor"];
      // Probes and the web app's files come all the time and say little.
      const level = QUIET.has(labels.route) && status < 500 ? "debug" : "info";
      platform.logger[level]("http.answered", { requestId, ...labels, durationMs, actor: actor ?? null });
    });
    next();
  };
}

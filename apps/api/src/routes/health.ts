/** For whoever watches over the process. */
import { healthSchema, readinessSchema } from "@lorekeep/core";
import { defineRoute } from "../route.ts";

export const healthRoutes = [
  defineRoute({
    method: "get",
    path: "/healthz",
    access: "public",
    summary: "Alive: the process answers.",
    reply: { status: 200, schema: healthSchema },
    handle: async ({ platform }) => ({ status: "ok" as const, version: platform.version }),
  }),
  defineRoute({
    method: "get",
    path: "/readyz",
    access: "public",
    summary: "Ready: models are loaded and migrations done; 503 with the same body while not.",
    reply: { status: 200, schema: readinessSchema },
    handle: async ({ platform, response }) => {
      const readiness = await platform.operations.readiness();
      if (!readiness.ready) response.status(503).json(readinessSchema.parse(readiness));
      return readiness;
    },
  }),
  defineRoute({
    method: "get",
    path: "/metrics",
    access: "operator",
    summary: "Prometheus metrics; without a key only for programs on the same machine.",
    reply: { status: 200, mediaType: "text/plain; version=0.0.4; charset=utf-8" },
    handle: async ({ platform, response }) => {
      response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
      response.end(await platform.operations.metrics());
    },
  }),
];

/** The admin's overview, the audit log, models, and the sample. */
import {
  auditListSchema,
  modelListSchema,
  modelStatusSchema,
  overviewSchema,
  pageQuerySchema,
  sampleResponseSchema,
  toAppError,
  type ModelStatus,
} from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";
import { notFound } from "../ids.ts";
import { defineRoute } from "../route.ts";

async function findModel(platform: Platform, name: string): Promise<ModelStatus> {
  const model = (await platform.models.list()).find((each) => each.name === name);
  if (model === undefined) throw notFound("model");
  return model;
}

export const operationRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/overview",
    access: ["admin"],
    summary: "Counts for the first page of the admin.",
    reply: { status: 200, schema: overviewSchema },
    handle: ({ platform }) => platform.operations.overview(),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/audit",
    access: ["admin"],
    summary: "Who did what, newest first.",
    query: pageQuerySchema,
    reply: { status: 200, schema: auditListSchema },
    handle: ({ platform, query }) => platform.store.audit.list(query),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/models",
    access: ["admin"],
    summary: "Models of the catalogue: what is in use, what is there, what is being fetched.",
    reply: { status: 200, schema: modelListSchema },
    handle: async ({ platform }) => ({ items: await platform.models.list() }),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/models/{name}:pull",
    access: ["admin"],
    summary: "Starts fetching a model of the catalogue; `GET /models` shows the progress.",
    reply: { status: 202, schema: modelStatusSchema },
    handle: async ({ platform, services, actor, params, logger }) => {
      const { name } = await findModel(platform, params.name);
      await platform.store.audit.record({ actor: actor.id, action: "model.pulled", target: name });
      // Goes on after this answer; its failure is the model's state.
      platform.models.pull(name, services.closing).catch((error: unknown) => {
        logger.warn("model.pull-failed", { model: name, code: toAppError(error).code });
      });
      return findModel(platform, name);
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/samples",
    access: ["ingest"],
    summary: "Loads the sample document, and says what to ask it.",
    reply: { status: 202, schema: sampleResponseSchema },
    handle: ({ platform, actor }) => platform.library.loadSample(actor),
  }),
];

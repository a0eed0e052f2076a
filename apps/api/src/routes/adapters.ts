/**
 * What was learnt: switched on and off per collection, put back, compared, taken along and brought in. Switching is also
 * answered under a plain path (`/activate`), for callers whose routers do not like a colon.
 */
import {
  activateAdapterSchema,
  adapterChangeSchema,
  adapterFileQuerySchema,
  adapterFormSchema,
  adapterHistorySchema,
  adapterListSchema,
  adapterSchema,
  AppError,
  compareRequestSchema,
  compareResponseSchema,
  deactivateAdapterSchema,
  pageQuerySchema,
  rollbackAdapterSchema,
} from "@lorekeep/core";
import { z } from "zod";
import { requireId } from "../ids.ts";
import { isMultipart, withFormFile } from "../read-form-file.ts";
import { defineRoute, type Route } from "../route.ts";
import { sendDownload } from "../send-download.ts";

const fileFormSchema = adapterFormSchema.extend({ file: z.string().meta({ format: "binary" }) });

function switchRoutes(separator: ":" | "/"): Route[] {
  const named = (verb: string) => (separator === ":" ? {} : { operationId: `post_adapters_id_path_${verb}` });
  return [
    defineRoute({
      method: "post",
      path: `/api/v1/adapters/{id}${separator}activate`,
      access: ["admin"],
      summary: "Switches an adapter on, everywhere or for some collections; from the next question on it answers.",
      body: activateAdapterSchema,
      bodyOptional: true,
      reply: { status: 200, schema: adapterSchema },
      ...named("activate"),
      handle: ({ platform, actor, params, body }) =>
        platform.adaptation.activateAdapter(actor, requireId("adapter", params.id), body),
    }),
    defineRoute({
      method: "post",
      path: `/api/v1/adapters/{id}${separator}deactivate`,
      access: ["admin"],
      summary: "Switches an adapter off, everywhere or for some collections.",
      body: deactivateAdapterSchema,
      bodyOptional: true,
      reply: { status: 200, schema: adapterSchema },
      ...named("deactivate"),
      handle: ({ platform, actor, params, body }) =>
        platform.adaptation.deactivateAdapter(actor, requireId("adapter", params.id), body.collections),
    }),
  ];
}

const collectiveRoutes = [
  defineRoute({
    method: "post",
    path: "/api/v1/adapters:rollback",
    access: ["admin"],
    summary: "Puts back what answered before the last switch.",
    body: rollbackAdapterSchema,
    bodyOptional: true,
    reply: { status: 200, schema: adapterChangeSchema },
    handle: ({ platform, actor, body }) => platform.adaptation.rollbackAdapter(actor, body.collection),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/adapters:history",
    access: ["admin"],
    summary: "Which adapter answered where, since when, and who switched.",
    reply: { status: 200, schema: adapterHistorySchema },
    handle: ({ platform, actor }) => platform.adaptation.adapterHistory(actor),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/adapters:compare",
    access: ["admin"],
    summary: "Answers one question in four ways: base, retrieval, adapter, both.",
    body: compareRequestSchema,
    reply: { status: 200, schema: compareResponseSchema },
    handle: ({ platform, actor, body, signal }) => platform.adaptation.compareAnswers(actor, body, signal),
  }),
];

export const adapterRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/adapters",
    access: ["admin"],
    summary: "Adapters, newest first.",
    query: pageQuerySchema,
    reply: { status: 200, schema: adapterListSchema },
    handle: ({ platform, actor, query }) => platform.adaptation.adapters(actor, query),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/adapters",
    access: ["admin"],
    summary: "Brings in an adapter trained elsewhere: GGUF, or a zip of PEFT's two files.",
    reads: { "multipart/form-data": fileFormSchema },
    reply: { status: 201, schema: adapterSchema },
    handle: ({ platform, actor, request, response, signal }) => {
      if (!isMultipart(request))
        throw new AppError("request_invalid", "Send a form (multipart/form-data) with one part named `file`.");
      return withFormFile({ platform, request, response, signal }, adapterFormSchema, ({ name, fields, bytes }) =>
        platform.adaptation.importAdapter(actor, { name: fields.name ?? (name.slice(0, 200) || "Adapter"), bytes }),
      );
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/adapters/{id}",
    access: ["admin"],
    summary: "One adapter: gate report, data card, where it answers.",
    reply: { status: 200, schema: adapterSchema },
    handle: ({ platform, actor, params }) => platform.adaptation.adapter(actor, requireId("adapter", params.id)),
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/adapters/{id}",
    access: ["admin"],
    summary: "Deletes an adapter that answers nowhere.",
    reply: { status: 204 },
    handle: ({ platform, actor, params }) => platform.adaptation.deleteAdapter(actor, requireId("adapter", params.id)),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/adapters/{id}/file",
    access: ["admin"],
    summary: "The adapter as GGUF, or as a zip that Python's peft loads.",
    query: adapterFileQuerySchema,
    reply: { status: 200, mediaType: "application/octet-stream" },
    handle: async ({ platform, actor, params, query, response }) => {
      const id = requireId("adapter", params.id);
      sendDownload(response, await platform.adaptation.adapterFile(actor, id, query.format));
    },
  }),
  ...collectiveRoutes,
  ...switchRoutes(":"),
  ...switchRoutes("/"),
];

/** Questions with their right answers: what a fine-tune learns from and what an evaluation asks. */
import {
  createDatasetSchema,
  datasetExportQuerySchema,
  datasetFormSchema,
  datasetListSchema,
  datasetSchema,
  draftExamplesSchema,
  exampleListQuerySchema,
  exampleListSchema,
  exampleSchema,
  jobSchema,
  linesOfBytes,
  pageQuerySchema,
  patchExampleSchema,
  reviewedExamplesSchema,
  reviewExamplesSchema,
  type Dataset,
} from "@lorekeep/core";
import type { Actor } from "@lorekeep/platform";
import { z } from "zod";
import { describeJob } from "../describe-job.ts";
import { requireId } from "../ids.ts";
import { parseInput } from "../parse-input.ts";
import { readJsonBody } from "../read-body.ts";
import { isMultipart, titleOfFile, withFormFile, type FormContext } from "../read-form-file.ts";
import { defineRoute } from "../route.ts";
import { sendDownload } from "../send-download.ts";

const fileFormSchema = datasetFormSchema.extend({ file: z.string().meta({ format: "binary" }) });

function importFile(context: FormContext & { readonly actor: Actor }): Promise<Dataset> {
  const { adaptation, config } = context.platform;
  return withFormFile(context, datasetFormSchema, (file) =>
    adaptation.importDataset(context.actor, {
      name: file.fields.name ?? titleOfFile(file.name, "Dataset"),
      collection: file.fields.collection,
      lines: linesOfBytes(file.bytes, config.limits.jsonBytes),
    }),
  );
}

const exampleRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/datasets/{id}/examples",
    access: ["admin"],
    summary: "Examples of a dataset, by status, source, problem or words.",
    query: exampleListQuerySchema,
    reply: { status: 200, schema: exampleListSchema },
    handle: ({ platform, actor, params, query }) => {
      const { limit, cursor, ...filter } = query;
      return platform.adaptation.examples(actor, requireId("dataset", params.id), filter, { limit, cursor });
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/datasets/{id}/examples:review",
    access: ["admin"],
    summary: "Approves or rejects many examples at once.",
    body: reviewExamplesSchema,
    reply: { status: 200, schema: reviewedExamplesSchema },
    handle: ({ platform, actor, params, body }) =>
      platform.adaptation.reviewExamples(actor, requireId("dataset", params.id), body),
  }),
  defineRoute({
    method: "patch",
    path: "/api/v1/examples/{id}",
    access: ["admin"],
    summary: "Changes an example, or approves or rejects it.",
    body: patchExampleSchema,
    reply: { status: 200, schema: exampleSchema },
    handle: ({ platform, actor, params, body }) =>
      platform.adaptation.updateExample(actor, requireId("example", params.id), body),
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/examples/{id}",
    access: ["admin"],
    summary: "Deletes an example.",
    reply: { status: 204 },
    handle: ({ platform, actor, params }) => platform.adaptation.deleteExample(actor, requireId("example", params.id)),
  }),
];

export const datasetRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/datasets",
    access: ["admin"],
    summary: "Datasets, newest first.",
    query: pageQuerySchema,
    reply: { status: 200, schema: datasetListSchema },
    handle: ({ platform, actor, query }) => platform.adaptation.datasets(actor, query),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/datasets",
    access: ["admin"],
    summary: "Makes a dataset of examples (JSON), or of a file of JSON lines (multipart: file, name, collection).",
    reads: { "application/json": createDatasetSchema, "multipart/form-data": fileFormSchema },
    reply: { status: 201, schema: datasetSchema },
    handle: async ({ platform, actor, request, response, signal }) => {
      if (isMultipart(request)) return importFile({ platform, actor, request, response, signal });
      const value = await readJsonBody(request, platform.config.limits.jsonBytes);
      return platform.adaptation.createDataset(actor, parseInput(createDatasetSchema, value, "body"));
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/datasets/{id}",
    access: ["admin"],
    summary: "One dataset: counts by status, source and problem.",
    reply: { status: 200, schema: datasetSchema },
    handle: ({ platform, actor, params }) => platform.adaptation.dataset(actor, requireId("dataset", params.id)),
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/datasets/{id}",
    access: ["admin"],
    summary: "Deletes a dataset with its examples; adapters trained on it stay.",
    reply: { status: 204 },
    handle: ({ platform, actor, params }) => platform.adaptation.deleteDataset(actor, requireId("dataset", params.id)),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/datasets/{id}:draft",
    access: ["admin"],
    summary: "Adds examples made from documents, feedback or wrong passages; the answer is a job.",
    body: draftExamplesSchema,
    reply: { status: 202, schema: jobSchema },
    handle: async ({ platform, services, actor, params, body }) => {
      const job = await platform.adaptation.draftExamples(actor, requireId("dataset", params.id), body);
      return describeJob(platform, job, services.now());
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/datasets/{id}/export",
    access: ["admin"],
    summary: "The dataset as JSON lines, or with a recipe for PEFT, LLaMA-Factory or Unsloth.",
    query: datasetExportQuerySchema,
    reply: { status: 200, mediaType: "application/octet-stream" },
    handle: async ({ platform, actor, params, query, response }) => {
      const id = requireId("dataset", params.id);
      sendDownload(response, await platform.adaptation.exportDataset(actor, id, query.format));
    },
  }),
  ...exampleRoutes,
];

/**
 * Step 2 of the tour: bytes come in as a stream, become a blob, a row and a job, and the answer is 202. Reading what became
 * of them needs the right to search or chat; whoever may only ingest sees states, never text.
 */
import {
  AppError,
  batchResponseSchema,
  chunkPreviewSchema,
  documentListQuerySchema,
  documentListSchema,
  documentSchema,
  importDocumentSchema,
  previewChunksSchema,
  uploadFieldsSchema,
  uploadResponseSchema,
  type BatchResponse,
  type ImportDocumentRequest,
  type UploadItem,
} from "@lorekeep/core";
import type { Actor, Platform, UploadOutcome } from "@lorekeep/platform";
import { z } from "zod";
import { requireId } from "../ids.ts";
import { parseInput } from "../parse-input.ts";
import { toRequestError } from "../problem.ts";
import { readJsonBody, readJsonLines } from "../read-body.ts";
import { receiveUploads } from "../read-upload.ts";
import { defineRoute } from "../route.ts";

const uploadQuerySchema = z.object({
  /** Used where the form names none. */
  collection: z.string().max(300).optional(),
  /** The caller promises that all fields of its form stand before its files. */
  fieldsFirst: z.enum(["true", "false"]).default("false"),
});
const uploadFormSchema = uploadFieldsSchema.extend({ file: z.array(z.string().meta({ format: "binary" })) });

function describeOutcome({ document, duplicate, replaced }: UploadOutcome): UploadItem {
  return {
    id: document.id,
    name: document.name,
    status: document.status,
    ...(duplicate ? { duplicateOf: document.id } : {}),
    ...(replaced ? { replaced: true } : {}),
  };
}

function importOne(platform: Platform, actor: Actor, value: unknown): Promise<UploadOutcome> {
  const request: ImportDocumentRequest = parseInput(importDocumentSchema, value, "body");
  if ([request.text, request.chunks, request.url].filter((part) => part !== undefined).length !== 1)
    throw new AppError("request_invalid", "Give exactly one of text, chunks and url.");
  return platform.library.importDocument(actor, request);
}

const externalIdSchema = z.object({ externalId: z.string().max(500) });

async function importLine(
  platform: Platform,
  actor: Actor,
  item: { line: number } & ({ value: unknown } | { error: AppError }),
): Promise<BatchResponse["items"][number]> {
  const value = "value" in item ? item.value : null;
  try {
    if ("error" in item) throw item.error;
    return describeOutcome(await importOne(platform, actor, value));
  } catch (thrown) {
    const error = toRequestError(thrown);
    // A fault of the server is not a fault of this line: the caller must learn that the batch was cut short.
    if (error.status >= 500) throw thrown;
    const named = externalIdSchema.safeParse(value);
    return {
      id: null,
      line: item.line,
      externalId: named.success ? named.data.externalId : null,
      error: { code: error.code, detail: error.message },
    };
  }
}

export const documentRoutes = [
  defineRoute({
    method: "post",
    path: "/api/v1/documents",
    access: ["ingest"],
    summary: "Uploads files (multipart), or imports text, ready-made chunks or a web address (JSON).",
    query: uploadQuerySchema,
    reads: { "multipart/form-data": uploadFormSchema, "application/json": importDocumentSchema },
    reply: { status: 202, schema: uploadResponseSchema },
    handle: async ({ platform, actor, query, request, response, signal }) => {
      if (/^multipart\//i.test(request.headers["content-type"] ?? "")) {
        const { collection } = query;
        const fieldsFirst = query.fieldsFirst === "true";
        const upload = { platform, actor, request, response, signal, collection, fieldsFirst };
        return { items: (await receiveUploads(upload)).map(describeOutcome) };
      }
      const value = await readJsonBody(request, platform.config.limits.jsonBytes);
      return { items: [describeOutcome(await importOne(platform, actor, withCollection(value, query.collection)))] };
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/documents:batch",
    access: ["ingest"],
    summary: "Imports one document a line (NDJSON of the JSON form); the items come back in the order of the lines.",
    query: uploadQuerySchema.pick({ collection: true }),
    reads: { "application/x-ndjson": importDocumentSchema },
    reply: { status: 202, schema: batchResponseSchema },
    handle: async ({ platform, actor, query, request }) => {
      const items: BatchResponse["items"] = [];
      for await (const item of readJsonLines(request, platform.config.limits.jsonBytes)) {
        const named = "value" in item ? { ...item, value: withCollection(item.value, query.collection) } : item;
        items.push(await importLine(platform, actor, named));
      }
      if (items.length === 0) throw new AppError("request_invalid", "The body holds no line of JSON.");
      return { items };
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/documents",
    access: ["search", "chat", "ingest"],
    summary: "Documents, newest first.",
    query: documentListQuerySchema,
    reply: { status: 200, schema: documentListSchema },
    handle: async ({ platform, actor, query }) => {
      const { limit, cursor, status, name } = query;
      const [collection] =
        query.collection === undefined ? [] : await platform.library.resolveCollections(actor, [query.collection]);
      return platform.store.documents.list({
        limit,
        cursor,
        status,
        nameContains: name,
        collectionId: collection?.id,
        collectionIds: actor.collectionIds ?? undefined,
      });
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/documents/{id}",
    access: ["search", "chat", "ingest"],
    summary: "One document: status, stages with times, error.",
    reply: { status: 200, schema: documentSchema },
    handle: ({ platform, actor, params }) => platform.library.getDocument(actor, requireId("document", params.id)),
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/documents/{id}",
    access: ["ingest"],
    summary: "Deletes a document: from now on nothing answers from it.",
    reply: { status: 204 },
    handle: ({ platform, actor, params }) => platform.library.deleteDocument(actor, requireId("document", params.id)),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/documents/{id}:reprocess",
    access: ["ingest"],
    summary: "Reads the original again.",
    reply: { status: 202, schema: documentSchema },
    handle: ({ platform, actor, params }) => platform.library.reprocess(actor, requireId("document", params.id)),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/documents/{id}:preview-chunks",
    access: ["admin"],
    summary: "What a chunking would make of the document. Nothing is stored.",
    body: previewChunksSchema,
    reply: { status: 200, schema: chunkPreviewSchema },
    handle: ({ platform, actor, params, body, signal }) =>
      platform.library.previewChunks(actor, requireId("document", params.id), body, signal),
  }),
];

const objectSchema = z.looseObject({});

/** The query's collection where the body names none. */
function withCollection(value: unknown, collection: string | undefined): unknown {
  const body = objectSchema.safeParse(value);
  return collection === undefined || !body.success ? value : { collection, ...body.data };
}

import { z } from "zod";
import { DOCUMENT_STATUSES, STAGES } from "../domain.ts";
import { languageSchema, metadataSchema, pageOf, pageQuerySchema, spanSchema, timeSchema } from "./common.ts";

export const documentSchema = z.object({
  id: z.string(),
  collectionId: z.string(),
  name: z.string(),
  title: z.string().nullable(),
  externalId: z.string().nullable(),
  source: z.enum(["upload", "text", "chunks", "url", "folder"]),
  mediaType: z.string(),
  sizeBytes: z.int(),
  status: z.enum(DOCUMENT_STATUSES),
  stages: z.array(
    z.object({
      name: z.enum(STAGES),
      startedAt: timeSchema,
      durationMs: z.number().nullable(),
      done: z.int(),
      total: z.int().nullable(),
    }),
  ),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  warnings: z.array(z.string()),
  metadata: metadataSchema,
  language: languageSchema.nullable(),
  pageCount: z.int().nullable(),
  chunkCount: z.int(),
  versionNumber: z.int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type DocumentResponse = z.infer<typeof documentSchema>;
export const documentListSchema = pageOf(documentSchema);
export const documentListQuerySchema = pageQuerySchema.extend({
  collection: z.string().optional(),
  status: z.enum(DOCUMENT_STATUSES).optional(),
  name: z.string().max(500).optional(),
});

/** The multipart form's text fields; files come beside them as `file`. */
export const uploadFieldsSchema = z.object({
  collection: z.string().optional(),
  metadata: z.string().max(200_000).optional(),
  externalId: z.string().max(500).optional(),
});

export const importDocumentSchema = z.strictObject({
  collection: z.string().optional(),
  title: z.string().max(1000).optional(),
  name: z.string().max(1000).optional(),
  externalId: z.string().min(1).max(500).optional(),
  metadata: metadataSchema.optional(),
  /** Exactly one of text, chunks and url. */
  text: z.string().optional(),
  mediaType: z.enum(["text/plain", "text/markdown", "text/html"]).optional(),
  chunks: z
    .array(z.strictObject({ text: z.string().min(1), page: z.int().min(1).optional() }))
    .min(1)
    .max(50_000)
    .optional(),
  url: z.url().optional(),
});
export type ImportDocumentRequest = z.input<typeof importDocumentSchema>;

export const uploadItemSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(DOCUMENT_STATUSES),
  duplicateOf: z.string().optional(),
  /** Set when this file replaced an earlier version under the same name. */
  replaced: z.boolean().optional(),
});
export const uploadResponseSchema = z.object({ items: z.array(uploadItemSchema) });
export type UploadItem = z.infer<typeof uploadItemSchema>;
export type UploadResponse = z.infer<typeof uploadResponseSchema>;

/** One item a line, in order. A bad line fails alone: its item has `error` and the number of the line (from 1). */
export const batchItemSchema = z.union([
  uploadItemSchema,
  z.object({
    id: z.null(),
    line: z.int(),
    externalId: z.string().nullable(),
    error: z.object({ code: z.string(), detail: z.string() }),
  }),
]);
export const batchResponseSchema = z.object({ items: z.array(batchItemSchema) });
export type BatchResponse = z.infer<typeof batchResponseSchema>;

export const chunkSchema = z.object({
  id: z.string(),
  ordinal: z.int(),
  text: z.string(),
  span: spanSchema,
  page: z.int().nullable(),
  headings: z.array(z.string()),
  tokenCount: z.int(),
});
export type ChunkResponse = z.infer<typeof chunkSchema>;
export const chunkListSchema = pageOf(chunkSchema);
/** GET /chunks/:id: a citation or a search result leads here. */
export const chunkDetailSchema = chunkSchema.extend({
  documentId: z.string(),
  collectionId: z.string(),
  documentName: z.string(),
});
export type ChunkDetailResponse = z.infer<typeof chunkDetailSchema>;

/** Parsed text for the viewer, from page `from`; highlight a span by its regions (PDF) or its offsets (everything else). */
export const documentTextQuerySchema = z.object({
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(50).default(10),
});
export const documentTextSchema = z.object({
  pages: z.array(
    z.object({
      ordinal: z.int(),
      page: z.int().nullable(),
      label: z.string().nullable(),
      start: z.int(),
      text: z.string(),
      regions: z.array(
        z.object({
          start: z.int(),
          end: z.int(),
          page: z.int(),
          x: z.number(),
          y: z.number(),
          width: z.number(),
          height: z.number(),
        }),
      ),
    }),
  ),
  nextFrom: z.int().nullable(),
});
export type DocumentTextResponse = z.infer<typeof documentTextSchema>;

/** SSE of GET /documents/:id/events: the document each time it changes; the stream ends at ready or failed. */
export const documentEventSchema = z.object({ type: z.literal("document"), document: documentSchema });
export type DocumentEvent = z.infer<typeof documentEventSchema>;

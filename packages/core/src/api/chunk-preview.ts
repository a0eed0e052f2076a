/** What a chunking would make of one document: POST /documents/{id}:preview-chunks. Nothing is stored. */
import { z } from "zod";
import { chunkingSchema } from "./common.ts";

export const previewChunksSchema = z.strictObject({
  chunking: chunkingSchema,
  /** Whose tokens are counted; absent: the embedder of the document's collection. */
  embedder: z.string().max(200).optional(),
});
export const chunkPreviewSchema = z.object({
  /** Of the whole document. */
  total: z.int(),
  meanTokens: z.number(),
  /** The first ones. */
  items: z.array(
    z.object({
      ordinal: z.int(),
      text: z.string(),
      page: z.int().nullable(),
      headings: z.array(z.string()),
      tokenCount: z.int(),
      /** Characters at its head that the chunk before ends with. */
      overlap: z.int(),
    }),
  ),
});
export type PreviewChunksRequest = z.infer<typeof previewChunksSchema>;
export type ChunkPreview = z.infer<typeof chunkPreviewSchema>;

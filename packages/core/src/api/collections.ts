import { z } from "zod";
import { chunkingSchema, languageSchema, pageOf, retrievalSettingsSchema, timeSchema } from "./common.ts";

const name = z.string().trim().min(1).max(200);

export const collectionSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  language: z.union([languageSchema, z.literal("auto")]),
  embedder: z.string(),
  chunking: chunkingSchema,
  retrieval: retrievalSettingsSchema,
  generationId: z.string(),
  nextGenerationId: z.string().nullable(),
  documentCount: z.int(),
  searchableCount: z.int().optional(),
  chunkCount: z.int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type CollectionResponse = z.infer<typeof collectionSchema>;
export const collectionListSchema = pageOf(collectionSchema);

export const createCollectionSchema = z.strictObject({
  name,
  description: z.string().max(2000).optional(),
  language: z.union([languageSchema, z.literal("auto")]).optional(),
  embedder: z.string().max(200).optional(),
  chunking: chunkingSchema.partial().optional(),
  retrieval: retrievalSettingsSchema.partial().optional(),
});
/** A changed embedder or chunking builds a new generation in the background while the old one answers. */
export const updateCollectionSchema = createCollectionSchema.partial();
export type CreateCollectionRequest = z.input<typeof createCollectionSchema>;
export type UpdateCollectionRequest = z.input<typeof updateCollectionSchema>;

import { z } from "zod";
import { filterSchema } from "../filter.ts";
import { languageSchema, spanSchema } from "./common.ts";

export const searchRequestSchema = z.strictObject({
  query: z.string().trim().min(1).max(8000),
  /** Ids or unique names; absent = every collection that the caller may read. */
  collections: z.array(z.string()).min(1).max(100).optional(),
  limit: z.int().min(1).max(100).default(10),
  mode: z.enum(["hybrid", "dense", "lexical"]).default("hybrid"),
  filter: filterSchema.optional(),
  explain: z.boolean().default(false),
  /** Has the best passages read once more beside the question: a better order for some hundred milliseconds. */
  rerank: z.boolean().default(false),
});
export type SearchRequest = z.input<typeof searchRequestSchema>;

export const searchResultSchema = z.object({
  documentId: z.string(),
  externalId: z.string().nullable(),
  documentName: z.string(),
  collectionId: z.string(),
  chunkId: z.string(),
  text: z.string(),
  page: z.int().nullable(),
  span: spanSchema,
  headings: z.array(z.string()),
  language: languageSchema.nullable(),
  mediaType: z.string(),
  score: z.number(),
  scores: z.object({
    dense: z.number().nullable(),
    lexical: z.number().nullable(),
    fused: z.number(),
    /** The reader's logit that the passage is about the query; absent without `rerank` and of passages that were not read. */
    relevance: z.number().optional(),
  }),
  /** Of an answer's passages: the number that cites it; absent: its place among them, from 1. */
  marker: z.int().optional(),
});
export type SearchResult = z.infer<typeof searchResultSchema>;
export const searchResponseSchema = z.object({
  results: z.array(searchResultSchema),
  tookMs: z.number(),
  /** How the query was served: arms, index plans, counts; more of it with `explain`. */
  plan: z.record(z.string(), z.unknown()),
});
export type SearchResponse = z.infer<typeof searchResponseSchema>;

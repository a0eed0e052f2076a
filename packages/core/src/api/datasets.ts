/**
 * Datasets and their examples on the wire: questions with their right answers, and the passages that hold them. What fine-tunes
 * learn from is also what an evaluation asks: one noun for both. Training on them is in adaptation.ts.
 */
import { z } from "zod";
import { languageSchema, pageOf, pageQuerySchema, timeSchema } from "./common.ts";

export const examplePassageSchema = z.object({
  title: z.string(),
  text: z.string(),
  /** True for the passage that holds the answer. */
  gold: z.boolean(),
  documentId: z.string().nullable(),
  chunkId: z.string().nullable(),
});
export type ExamplePassage = z.infer<typeof examplePassageSchema>;

export const EXAMPLE_SOURCES = ["upload", "feedback", "correction", "document", "unanswerable"] as const;
export const EXAMPLE_STATUSES = ["pending", "approved", "rejected"] as const;
export const EXAMPLE_PROBLEMS = [
  "duplicate",
  "near_duplicate",
  "leak",
  "too_long",
  "language",
  "personal_data",
  "unsupported_answer",
] as const;

export const exampleSchema = z.object({
  id: z.string(),
  datasetId: z.string(),
  externalId: z.string().nullable(),
  question: z.string(),
  /** null when the passages do not hold the answer: the model should refuse. */
  answer: z.string().nullable(),
  /** The answer a user rejected, for preference tuning. */
  rejectedAnswer: z.string().nullable(),
  answerable: z.boolean(),
  language: languageSchema,
  source: z.enum(EXAMPLE_SOURCES),
  passages: z.array(examplePassageSchema),
  /** Examples of one group (a document) are never split between training and validation. */
  group: z.string(),
  split: z.enum(["train", "validation"]),
  status: z.enum(EXAMPLE_STATUSES),
  problems: z.array(z.enum(EXAMPLE_PROBLEMS)),
  messageId: z.string().nullable(),
  createdAt: timeSchema,
});
export type Example = z.infer<typeof exampleSchema>;
export const exampleListSchema = pageOf(exampleSchema);
export const exampleListQuerySchema = pageQuerySchema.extend({
  status: z.enum(EXAMPLE_STATUSES).optional(),
  source: z.enum(EXAMPLE_SOURCES).optional(),
  problem: z.enum(EXAMPLE_PROBLEMS).optional(),
  query: z.string().max(200).optional(),
});
export const patchExampleSchema = z.strictObject({
  question: z.string().trim().min(1).max(8000).optional(),
  answer: z.string().trim().min(1).max(20_000).nullable().optional(),
  answerable: z.boolean().optional(),
  status: z.enum(EXAMPLE_STATUSES).optional(),
});
export type PatchExampleRequest = z.infer<typeof patchExampleSchema>;
/** POST /datasets/:id/examples:review sets the status of many at once. */
export const reviewExamplesSchema = z.strictObject({
  ids: z.array(z.string()).max(5000).optional(),
  /** Instead of ids: every pending example without a problem. */
  allSound: z.boolean().optional(),
  status: z.enum(EXAMPLE_STATUSES),
});
export type ReviewExamplesRequest = z.infer<typeof reviewExamplesSchema>;

/** One example as people write it: JSON of POST /datasets, a line of a JSONL file. */
export const newExampleSchema = z.object({
  id: z.string().max(500).optional(),
  question: z.string().trim().min(1).max(8000),
  answer: z.string().max(20_000).nullable().optional(),
  answers: z.array(z.string().max(20_000)).optional(),
  rejected: z.string().max(20_000).optional(),
  answerable: z.boolean().optional(),
  passages: z
    .array(
      z.object({ title: z.string().max(2000).default(""), text: z.string().max(50_000), gold: z.boolean().optional() }),
    )
    .max(20)
    .optional(),
  group: z.string().max(500).optional(),
});
export type NewExample = z.infer<typeof newExampleSchema>;

/** A dataset for evaluation is only asked: nothing is trained on it. */
export const DATASET_PURPOSES = ["training", "evaluation"] as const;
export const datasetSchema = z.object({
  id: z.string(),
  name: z.string(),
  purpose: z.enum(DATASET_PURPOSES).optional(),
  /** Where passages are looked up for examples that bring none, and whose feedback flows in. null = none. */
  collectionId: z.string().nullable(),
  exampleCount: z.int(),
  counts: z.object({
    approved: z.int(),
    pending: z.int(),
    rejected: z.int(),
    answerable: z.int(),
    unanswerable: z.int(),
    train: z.int(),
    validation: z.int(),
    preferences: z.int(),
  }),
  problems: z.partialRecord(z.enum(EXAMPLE_PROBLEMS), z.int()),
  sources: z.partialRecord(z.enum(EXAMPLE_SOURCES), z.int()),
  /** Ids of documents that were deleted since their text became examples. */
  deletedDocuments: z.array(z.string()),
  /** Their names when they were used, by id. */
  deletedDocumentNames: z.record(z.string(), z.string()).optional(),
  /** Corrections and thumbs that came after the last fine-tune on this dataset. */
  newSinceLastFineTune: z.int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type Dataset = z.infer<typeof datasetSchema>;
export const datasetListSchema = pageOf(datasetSchema);
export const createDatasetSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  collection: z.string().optional(),
  examples: z.array(newExampleSchema).max(20_000).default([]),
  /** Uploaded examples count as approved unless this is set. */
  review: z.boolean().default(false),
});
export type CreateDatasetRequest = z.input<typeof createDatasetSchema>;
/** POST /datasets/:id:draft adds examples made from the collection's documents, by rule; a job. */
export const draftExamplesSchema = z.strictObject({
  from: z.array(z.enum(["documents", "feedback", "unanswerable"])).min(1),
  limit: z.int().min(1).max(5000).default(200),
});
export type DraftExamplesRequest = z.input<typeof draftExamplesSchema>;

/**
 * Question sets: what an evaluation asks of a collection. A set is a dataset that nothing is trained on; its questions come from a
 * file, from rated answers, or from the documents by rule.
 */
import { z } from "zod";
import { EXAMPLE_SOURCES, examplePassageSchema, newExampleSchema } from "./datasets.ts";
import { languageSchema, pageOf, pageQuerySchema, timeSchema } from "./common.ts";

const name = z.string().trim().min(1).max(200);

export const questionSetSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** null = its collection is gone. */
  collectionId: z.string().nullable(),
  questionCount: z.int(),
  answerable: z.int(),
  unanswerable: z.int(),
  sources: z.partialRecord(z.enum(EXAMPLE_SOURCES), z.int()),
  /** Documents that gave questions and have been deleted: their questions went with them. */
  deletedDocuments: z.int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type QuestionSet = z.infer<typeof questionSetSchema>;
export const questionSetListSchema = pageOf(questionSetSchema);
export const questionSetListQuerySchema = pageQuerySchema.extend({
  /** Id or name. */
  collection: z.string().max(300).optional(),
});
export type QuestionSetListQuery = z.infer<typeof questionSetListQuerySchema>;

export const questionSchema = z.object({
  id: z.string(),
  question: z.string(),
  /** null when the documents do not hold the answer: a refusal is right. */
  answer: z.string().nullable(),
  answerable: z.boolean(),
  language: languageSchema,
  source: z.enum(EXAMPLE_SOURCES),
  /** What holds the answer; empty when it is not known. */
  gold: z.array(examplePassageSchema.omit({ gold: true })),
  createdAt: timeSchema,
});
export type Question = z.infer<typeof questionSchema>;
export const questionListSchema = pageOf(questionSchema);
export const questionListQuerySchema = pageQuerySchema.extend({
  source: z.enum(EXAMPLE_SOURCES).optional(),
  query: z.string().max(200).optional(),
});
export type QuestionListQuery = z.infer<typeof questionListQuerySchema>;

/** One question as people write it; the documents that answer it by external id or name. */
export const newQuestionSchema = newExampleSchema.extend({
  doc_id: z.union([z.string(), z.number()]).nullable().optional(),
  gold_docs: z
    .array(z.union([z.string(), z.number()]))
    .max(50)
    .optional(),
});
export type NewQuestion = z.input<typeof newQuestionSchema>;
export const draftQuestionsSchema = z.strictObject({
  from: z.array(z.enum(["documents", "feedback", "unanswerable"])).min(1),
  limit: z.int().min(1).max(2000).default(100),
});
export type DraftQuestionsRequest = z.input<typeof draftQuestionsSchema>;
export const createQuestionSetSchema = z.strictObject({
  name,
  /** Id or name. */
  collection: z.string().min(1).max(300),
  questions: z.array(newQuestionSchema).max(20_000).default([]),
  /** Started at once, as a job. */
  draft: draftQuestionsSchema.optional(),
});
export type CreateQuestionSetRequest = z.input<typeof createQuestionSetSchema>;
/** Fields of the multipart form of POST /question-sets, beside the part `file` (JSON lines or CSV). */
export const questionSetFormSchema = z.object({
  /** Absent = the file's name without its ending. */
  name: name.optional(),
  collection: z.string().trim().min(1).max(300),
});
export const patchQuestionSetSchema = z.strictObject({ name });
export type PatchQuestionSetRequest = z.infer<typeof patchQuestionSetSchema>;

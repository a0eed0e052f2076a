/** Evaluations: a dataset's questions asked over a collection, what came back, and whether two runs really differ. */
import { z } from "zod";
import { confidenceSchema } from "./adaptation.ts";
import { chunkingSchema, pageOf, retrievalSettingsSchema, spanSchema, timeSchema } from "./common.ts";

export const retrievalFiguresSchema = z.object({
  ndcgAt10: z.number(),
  mrrAt10: z.number(),
  recallAt10: z.number(),
  recallAt100: z.number(),
  latency: z.object({ p50: z.number(), p95: z.number() }),
});
const refusalShares = { right: z.number(), wrong: z.number(), balanced: z.number() };
export const evaluationFiguresSchema = z.object({
  questions: z.int(),
  lexical: retrievalFiguresSchema.optional(),
  dense: retrievalFiguresSchema.optional(),
  hybrid: retrievalFiguresSchema.optional(),
  answerF1: z.number().optional(),
  answerEm: z.number().optional(),
  fullAnswerF1: z.number().optional(),
  refusal: z
    .object({
      ...refusalShares,
      best: z
        .object({ ...refusalShares, threshold: z.number() })
        .optional()
        .describe("What the threshold with the best balance on these questions would do"),
    })
    .optional(),
  citationPrecision: z.number().optional(),
  citationRecall: z.number().optional(),
  unsupportedShare: z.number().optional(),
  cutShare: z.number().optional(),
  tokensPerSecond: z.number().optional(),
});
export type EvaluationFigures = z.infer<typeof evaluationFiguresSchema>;
/** One question's place in one arm; `ms` is how long the search took. */
export const rankFiguresSchema = z.object({
  ndcgAt10: z.number(),
  mrrAt10: z.number(),
  recallAt10: z.number(),
  recallAt100: z.number(),
  ms: z.number(),
});
export type RankFigures = z.infer<typeof rankFiguresSchema>;
/** What the chat said to one question, as far as figures are made of it. */
export const measuredAnswerSchema = z.object({
  shortAnswer: z.string().optional(),
  citations: z.array(
    z.looseObject({
      documentId: z.string(),
      chunkId: z.string().optional(),
      answerSpan: spanSchema,
      supported: z.boolean(),
    }),
  ),
  usage: z.object({ promptTokens: z.int(), completionTokens: z.int() }),
  generateMs: z.number(),
  cutSentenceCount: z.int().optional(),
  /** That the passages hold an answer, as the refusal saw it before writing; null = it was not asked. */
  probability: z.number().nullable(),
});
export type MeasuredAnswer = z.infer<typeof measuredAnswerSchema>;
export const evaluationItemSchema = z.object({
  question: z.string(),
  expected: z.string().nullable(),
  answer: z.string(),
  refused: z.boolean(),
  f1: z.number(),
  ndcgAt10: z.number().nullable(),
  /** The example of the dataset that was asked. */
  exampleId: z.string().nullable().optional(),
  answerable: z.boolean().optional(),
  /** Null or absent where nothing is known about the right passage, or answers were not asked for. */
  arms: z
    .object({ lexical: rankFiguresSchema, dense: rankFiguresSchema, hybrid: rankFiguresSchema })
    .nullable()
    .optional(),
  said: measuredAnswerSchema.nullable().optional(),
  /** Figures of this question by name, for comparing run with run. */
  figures: z.record(z.string(), z.number()).optional(),
  retrieved: z.array(
    z.object({
      documentName: z.string(),
      chunkId: z.string(),
      gold: z.boolean(),
      documentId: z.string().optional(),
      page: z.int().nullable().optional(),
      /** The beginning of the passage. */
      text: z.string().optional(),
    }),
  ),
});
export type EvaluationItem = z.infer<typeof evaluationItemSchema>;
/** What a run tries instead of the serving settings; absent = as the collection has it. */
export const evaluationCandidateSchema = z.strictObject({
  embedder: z.string().min(1).max(200).optional(),
  chunking: chunkingSchema.partial().optional(),
  retrieval: retrievalSettingsSchema.partial().optional(),
  writing: z.enum(["auto", "quote", "generate"]).optional(),
  /** Adapter id; null = the bare base. */
  adapter: z.string().nullable().optional(),
});
export type EvaluationCandidate = z.infer<typeof evaluationCandidateSchema>;
export const evaluationSchema = z.object({
  id: z.string(),
  name: z.string(),
  datasetId: z.string(),
  datasetName: z.string(),
  collectionId: z.string(),
  status: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
  jobId: z.string().nullable(),
  /** What was measured with: embedder, chunking, fusion weight, prompt, generator, adapter. */
  setting: z.record(z.string(), z.unknown()),
  figures: evaluationFiguresSchema.nullable(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  candidate: evaluationCandidateSchema.nullable().optional(),
  /** The run of the serving settings that this one is held against. */
  baselineId: z.string().nullable().optional(),
  switchedOnAt: timeSchema.nullable().optional(),
  createdAt: timeSchema,
  endedAt: timeSchema.nullable(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
export const evaluationListSchema = pageOf(evaluationSchema);
export const evaluationDetailSchema = evaluationSchema.extend({ items: z.array(evaluationItemSchema) });
export type EvaluationDetail = z.infer<typeof evaluationDetailSchema>;
export const createEvaluationSchema = z.strictObject({
  dataset: z.string().min(1),
  collection: z.string().optional(),
  name: z.string().trim().min(1).max(200).optional(),
  /** Adapter id; null = the bare base; absent = whatever answers now. */
  adapter: z.string().nullable().optional(),
  answers: z.boolean().default(true),
  /** Questions asked at most. */
  limit: z.int().min(1).max(2000).default(200),
  /** Settings to try before they are switched on: the serving ones are measured beside them. {} with an adapter tries that. */
  candidate: evaluationCandidateSchema.optional(),
  /** An earlier run to hold the candidate against; absent = one of the serving settings, measured when there is none. */
  baseline: z.string().min(1).max(300).optional(),
});
export type CreateEvaluationRequest = z.input<typeof createEvaluationSchema>;
/** GET /evaluations/:id:compare?with=ID: whether the difference between two runs is real. */
export const evaluationComparisonSchema = z.object({
  before: evaluationSchema,
  after: evaluationSchema,
  /** After minus before on the questions that both asked, 95 % interval by paired bootstrap. */
  differences: z.record(
    z.string(),
    z.object({
      before: z.number(),
      after: z.number(),
      mean: z.number(),
      interval: confidenceSchema,
      real: z.boolean(),
    }),
  ),
  questions: z.array(z.object({ question: z.string(), before: evaluationItemSchema, after: evaluationItemSchema })),
});
export type EvaluationComparison = z.infer<typeof evaluationComparisonSchema>;

/**
 * Fine-tunes, their gate and adapters: the wire shapes of the closed loop
 * documents → answers → feedback → dataset (datasets.ts) → LoRA → gate → hot swap → measured again.
 */
import { z } from "zod";
import { pageOf, timeSchema } from "./common.ts";

export const TARGETS = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"] as const;
export const MEMORY_MODES = ["auto", "fast", "checkpointed", "small"] as const;
/** Without defaults, for requests: what they leave out comes from their preset, then from `recipeSchema`. */
const recipeFields = {
  method: z.enum(["supervised", "preference"]),
  rank: z.int().min(1).max(64),
  alpha: z.number().positive().max(512),
  targets: z.array(z.enum(TARGETS)).min(1),
  learningRate: z.number().positive().max(0.1),
  epochs: z.number().positive().max(20),
  maxTokens: z.int().min(64).max(2048),
  batchTokens: z.int().min(64).max(8192),
  warmupShare: z.number().min(0).max(0.5),
  weightDecay: z.number().min(0).max(1),
  clipNorm: z.number().positive(),
  patience: z.int().min(1).max(50),
  beta: z.number().positive().max(5).describe("preference tuning: strength of the reference (DPO's beta)"),
  seed: z.int().min(0),
  memoryMode: z.enum(MEMORY_MODES),
};
export const recipeSchema = z.strictObject({
  method: recipeFields.method.default("supervised"),
  rank: recipeFields.rank.default(16),
  alpha: recipeFields.alpha.default(32),
  targets: recipeFields.targets.default([...TARGETS]),
  learningRate: recipeFields.learningRate.default(3e-4),
  epochs: recipeFields.epochs.default(2),
  maxTokens: recipeFields.maxTokens.default(512),
  batchTokens: recipeFields.batchTokens.default(1024),
  warmupShare: recipeFields.warmupShare.default(0.06),
  weightDecay: recipeFields.weightDecay.default(0.01),
  clipNorm: recipeFields.clipNorm.default(1),
  patience: recipeFields.patience.default(3),
  beta: recipeFields.beta.default(0.1),
  seed: recipeFields.seed.default(1),
  memoryMode: recipeFields.memoryMode.default("auto"),
});
export type Recipe = z.infer<typeof recipeSchema>;
export const createFineTuneSchema = z.strictObject({
  dataset: z.string().min(1),
  name: z.string().trim().min(1).max(200).optional(),
  /** Catalogue name or GGUF path; the configured generator when absent. */
  base: z.string().max(1000).optional(),
  /** quick = one epoch; thorough = three; fields below win over it. */
  preset: z.enum(["quick", "thorough"]).optional(),
  ...z.object(recipeFields).partial().shape,
});
export type CreateFineTuneRequest = z.input<typeof createFineTuneSchema>;

export const confidenceSchema = z.tuple([z.number(), z.number()]);
/** Shares and F1 are 0–1; loss is nats per answer token. A figure that was not measured is null. */
export const answerFiguresSchema = z.object({
  loss: z.number().nullable(),
  f1: z.number(),
  rougeL: z.number(),
  /** Unanswerable questions that were refused. */
  refusedRight: z.number().nullable(),
  /** Answerable questions that were refused. */
  refusedWrong: z.number(),
  /** Answers whose words stand in the passages. */
  citationSupport: z.number(),
  tokensPerSecond: z.number(),
  /** General questions, without passages: loss on held-back answers (nats per token). */
  generalLoss: z.number().nullable(),
  generalScore: z.number().nullable(),
});
export type AnswerFigures = z.infer<typeof answerFiguresSchema>;
export const gateSchema = z.object({
  passed: z.boolean(),
  /** One sentence for each rule that was looked at. */
  verdicts: z.array(z.object({ rule: z.string(), passed: z.boolean(), detail: z.string() })),
  base: answerFiguresSchema,
  adapter: answerFiguresSchema,
  /** Adapter minus base with its 95 % interval by paired bootstrap. */
  differences: z.record(z.string(), z.object({ mean: z.number(), interval: confidenceSchema })),
  exampleCount: z.int(),
  /** Is what serves what was trained? The same answers, with the adapter, by trainer and by serving engine: nats per token. */
  served: z
    .object({
      examples: z.int(),
      trainedLoss: z.number(),
      servedLoss: z.number(),
      /** Mean of the differences of single answers, without their sign. */
      gap: z.number(),
    })
    .optional(),
  samples: z.array(
    z.object({
      question: z.string(),
      expected: z.string().nullable(),
      base: z.string(),
      adapter: z.string(),
      baseF1: z.number(),
      adapterF1: z.number(),
      /** Documents whose passages were shown: the sample goes when one of them is deleted. */
      documentIds: z.array(z.string()).optional(),
    }),
  ),
});
export type Gate = z.infer<typeof gateSchema>;

export const FINE_TUNE_STATUSES = [
  "queued",
  "running",
  "paused",
  "succeeded",
  "failed",
  "cancelled",
  "rejected",
] as const;
export const lossPointSchema = z.object({ step: z.int(), loss: z.number() });
export const fineTuneSchema = z.object({
  id: z.string(),
  name: z.string(),
  datasetId: z.string(),
  datasetName: z.string(),
  base: z.string(),
  recipe: recipeSchema,
  status: z.enum(FINE_TUNE_STATUSES),
  /** prepare → train → export → gate. */
  phase: z.string(),
  jobId: z.string().nullable(),
  step: z.int(),
  steps: z.int(),
  loss: z.array(lossPointSchema),
  validationLoss: z.array(lossPointSchema),
  tokensPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  memoryBytes: z.int().nullable(),
  skippedSteps: z.int(),
  adapterId: z.string().nullable(),
  gate: gateSchema.nullable(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
});
export type FineTune = z.infer<typeof fineTuneSchema>;
export const fineTuneListSchema = pageOf(fineTuneSchema);
/** POST /fine-tunes:estimate. */
export const fineTuneEstimateSchema = z.object({
  examples: z.int(),
  tokens: z.int(),
  steps: z.int(),
  seconds: z.number(),
  checkingSeconds: z
    .number()
    .optional()
    .describe("Beside the training itself: held-out losses on the way, and the comparison with the base at the end"),
  tokensPerSecond: z.number(),
  memoryMode: z.enum(["fast", "checkpointed", "small"]),
  lanes: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .describe("2: each step is shared between two sessions, which is faster"),
  memoryBytes: z.int(),
  freeMemoryBytes: z.int(),
  diskBytes: z.int(),
  fits: z.boolean(),
  /** Why it cannot run, or what to expect. */
  notes: z.array(z.string()),
});
export type FineTuneEstimate = z.infer<typeof fineTuneEstimateSchema>;

/** Training by itself in the nightly run; off until somebody switches it on. */
export const autoTrainSchema = z.strictObject({
  enabled: z.boolean().default(false),
  /** New ratings and corrections that are worth a run. */
  minCorrections: z.int().min(1).max(10_000).default(50),
  /** Let an adapter that passed its gate answer without being asked. */
  autoActivate: z.boolean().default(false),
  preset: z.enum(["quick", "thorough"]).default("thorough"),
});
export type AutoTrain = z.infer<typeof autoTrainSchema>;
/** GET /schedules/training: the setting, and what people said that no training has seen. */
export const autoTrainStateSchema = autoTrainSchema.extend({
  waiting: z.array(
    z.object({
      collectionId: z.string(),
      collectionName: z.string(),
      /** null: nobody has made one for this collection; training makes it. */
      datasetId: z.string().nullable(),
      datasetName: z.string().nullable(),
      /** Ratings and corrections. */
      count: z.int(),
    }),
  ),
});
export type AutoTrainState = z.infer<typeof autoTrainStateSchema>;
/** POST /fine-tunes:from-feedback takes what people said into a dataset and trains on it. */
export const trainOnFeedbackSchema = z.strictObject({
  /** Id or name; its feedback flows into the given dataset, else into its newest one, else into a new one. */
  collection: z.string().min(1),
  dataset: z.string().min(1).optional(),
  preset: z.enum(["quick", "thorough"]).optional(),
});
export type TrainOnFeedbackRequest = z.input<typeof trainOnFeedbackSchema>;

export const adapterSchema = z.object({
  id: z.string(),
  name: z.string(),
  version: z.int(),
  base: z.string(),
  /** What it teaches: generator adapters answer; the box comes with one. */
  origin: z.enum(["fine-tune", "import", "built-in"]),
  fineTuneId: z.string().nullable(),
  rank: z.int(),
  alpha: z.number(),
  sizeBytes: z.int(),
  sha256: z.string(),
  /** False: the gate said no; it can be switched on by hand only with `force`. */
  passed: z.boolean(),
  gate: gateSchema.nullable(),
  card: z.record(z.string(), z.unknown()),
  /** Where it answers now: collection ids, "*" for all without one of their own. */
  activeIn: z.array(z.object({ collectionId: z.string(), scale: z.number(), since: timeSchema })),
  /** Ids of deleted documents whose text it was trained on: a retrain is offered. */
  deletedDocuments: z.array(z.string()),
  /** Their names when they were used, by id. */
  deletedDocumentNames: z.record(z.string(), z.string()).optional(),
  createdAt: timeSchema,
});
export type Adapter = z.infer<typeof adapterSchema>;
export const adapterListSchema = pageOf(adapterSchema);
export const activateAdapterSchema = z.strictObject({
  /** Collection ids or names; absent = everywhere. */
  collections: z.array(z.string()).min(1).optional(),
  scale: z.number().min(0).max(2).default(1),
  force: z.boolean().default(false),
});
export type ActivateAdapterRequest = z.input<typeof activateAdapterSchema>;
export const adapterHistorySchema = z.object({
  items: z.array(
    z.object({
      at: timeSchema,
      collectionId: z.string(),
      adapterId: z.string().nullable(),
      scale: z.number(),
      actor: z.string(),
    }),
  ),
});
export type AdapterHistory = z.infer<typeof adapterHistorySchema>;
/** POST /adapters:compare answers one question in four ways: base, retrieval, adapter, both. */
export const compareRequestSchema = z.strictObject({
  question: z.string().trim().min(1).max(8000),
  adapter: z.string(),
  collections: z.array(z.string()).min(1).optional(),
});
export type CompareRequest = z.infer<typeof compareRequestSchema>;
export const compareResponseSchema = z.object({
  question: z.string(),
  answers: z.array(
    z.object({
      way: z.enum(["base", "retrieval", "adapter", "retrieval+adapter"]),
      text: z.string(),
      refused: z.boolean(),
      citations: z.int(),
      tookMs: z.number(),
    }),
  ),
});
export type CompareResponse = z.infer<typeof compareResponseSchema>;

import { z } from "zod";
import { filterSchema } from "../filter.ts";
import { pageOf, spanSchema, timeSchema } from "./common.ts";
import { searchResultSchema } from "./search.ts";

export const chatRequestSchema = z.strictObject({
  conversationId: z.string().optional(),
  question: z.string().trim().min(1).max(8000),
  collections: z.array(z.string()).min(1).max(100).optional(),
  filter: filterSchema.optional(),
  adapter: z.string().nullable().optional(),
  stream: z.boolean().default(true),
  /** Answer the last question of the conversation again, replacing its answer. */
  regenerate: z.boolean().default(false),
});
export type ChatRequest = z.input<typeof chatRequestSchema>;

export const citationSchema = z.object({
  marker: z.int(),
  chunkId: z.string(),
  documentId: z.string(),
  documentName: z.string(),
  page: z.int().nullable(),
  /** Verbatim substring of the parsed text. */
  quote: z.string(),
  span: spanSchema,
  answerSpan: spanSchema,
  supported: z.boolean(),
  support: z.number(),
  verdict: z.enum(["supported", "weak"]).optional(),
  features: z.record(z.string(), z.number()).optional(),
});
export type CitationResponse = z.infer<typeof citationSchema>;

export const usageSchema = z.object({ promptTokens: z.int(), completionTokens: z.int() });
export const timingsSchema = z
  .record(z.string(), z.number())
  .describe("Milliseconds by step; firstTokenMs and totalMs among them");
export const traceStepSchema = z.object({
  name: z.string(),
  startMs: z.number(),
  durationMs: z.number(),
  detail: z.record(z.string(), z.unknown()),
});

/** The answer proper, word for word from the passage of `chunkId` where `span` (of the document) points. */
export const shortAnswerSchema = z.object({ text: z.string(), chunkId: z.string(), span: spanSchema });
export type ShortAnswer = z.infer<typeof shortAnswerSchema>;

/** Events of POST /chat, in this order: conversation, condensed?, passages, text-delta*, citations | refusal, end; `error` ends the stream. */
export const chatEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("conversation"), id: z.string(), messageId: z.string(), title: z.string() }),
  z.object({ type: z.literal("condensed"), question: z.string() }),
  z.object({ type: z.literal("passages"), items: z.array(searchResultSchema) }),
  z.object({ type: z.literal("text-delta"), text: z.string() }),
  /** `text` is the checked answer, which replaces the streamed one: unsupported sentences are cut, markers are right. */
  z.object({
    type: z.literal("citations"),
    items: z.array(citationSchema),
    text: z.string(),
    extractive: z.boolean(),
    cutSentences: z.array(z.string()),
    shortAnswer: shortAnswerSchema.optional(),
  }),
  z.object({
    type: z.literal("refusal"),
    reason: z.string(),
    text: z.string(),
    searched: z.object({ collections: z.array(z.string()), passageCount: z.int() }),
    suggestions: z.array(z.string()),
  }),
  z.object({
    type: z.literal("end"),
    usage: usageSchema,
    timings: timingsSchema,
    model: z.string(),
    adapter: z.string().nullable(),
    trace: z.array(traceStepSchema),
    stopped: z.boolean(),
  }),
  z.object({ type: z.literal("error"), code: z.string(), detail: z.string() }),
]);
export type ChatEvent = z.infer<typeof chatEventSchema>;

export const chatResponseSchema = z.object({
  conversationId: z.string(),
  messageId: z.string(),
  answer: z.string(),
  shortAnswer: shortAnswerSchema.optional(),
  refused: z.boolean(),
  reason: z.string().optional(),
  extractive: z.boolean(),
  condensedQuestion: z.string().nullable(),
  suggestions: z.array(z.string()),
  citations: z.array(citationSchema),
  passages: z.array(searchResultSchema),
  usage: usageSchema,
  timings: timingsSchema,
  model: z.string(),
  adapter: z.string().nullable(),
});
export type ChatResponse = z.infer<typeof chatResponseSchema>;

export const conversationSchema = z.object({
  id: z.string(),
  title: z.string(),
  collectionIds: z.array(z.string()),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type ConversationResponse = z.infer<typeof conversationSchema>;
export const conversationListSchema = pageOf(conversationSchema);

export const feedbackSchema = z.strictObject({
  rating: z.union([z.literal(1), z.literal(-1)]),
  correction: z.string().max(20_000).optional(),
  reason: z.string().max(2000).optional(),
});
export type FeedbackRequest = z.infer<typeof feedbackSchema>;

export const messageSchema = z.object({
  id: z.string(),
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  status: z.enum(["streaming", "complete", "stopped", "failed"]),
  condensedQuestion: z.string().nullable(),
  refused: z.boolean(),
  reason: z.string().nullable(),
  extractive: z.boolean(),
  citations: z.array(citationSchema),
  passages: z.array(searchResultSchema),
  trace: z.array(traceStepSchema),
  usage: usageSchema.nullable(),
  model: z.string().nullable(),
  /** Id of the adapter that it was written with. */
  adapter: z.string().nullable().optional(),
  shortAnswer: shortAnswerSchema.nullable().optional(),
  feedback: z
    .object({
      rating: z.union([z.literal(1), z.literal(-1)]),
      correction: z.string().nullable(),
      reason: z.string().nullable(),
    })
    .nullable(),
  createdAt: timeSchema,
});
export type MessageResponse = z.infer<typeof messageSchema>;
export const conversationDetailSchema = conversationSchema.extend({ messages: z.array(messageSchema) });
export type ConversationDetail = z.infer<typeof conversationDetailSchema>;

/** `filter`: what the question was narrowed to, which is not stored with its answer. */
export const moreRequestSchema = z.strictObject({ filter: filterSchema.optional() });
export type MoreRequest = z.input<typeof moreRequestSchema>;
/** The answer with what was added; `added` counts sentences, 0 = nothing more is known. */
export const moreResponseSchema = z.object({ message: messageSchema, added: z.int() });
export type MoreResponse = z.infer<typeof moreResponseSchema>;

/** Each sentence judged again without each passage: `alone` and `without` are support in [0,1]. */
export const attributionSchema = z.object({
  sentences: z.array(
    z.object({
      text: z.string(),
      answerSpan: spanSchema,
      support: z.number(),
      passages: z.array(
        z.object({
          marker: z.int(),
          chunkId: z.string(),
          documentId: z.string(),
          documentName: z.string(),
          alone: z.number(),
          without: z.number(),
          effect: z.enum(["falls", "weakens", "stays"]),
        }),
      ),
    }),
  ),
});
export type AttributionResponse = z.infer<typeof attributionSchema>;

export const renameConversationSchema = z.strictObject({ title: z.string().trim().min(1).max(300) });
/** False when the message was not being written (any more). */
export const stopResponseSchema = z.object({ stopped: z.boolean() });

/** The OpenAI-compatible doors: lenient, since others' clients send what they like. */
import { z } from "zod";
import { citationSchema } from "./chat.ts";
import { searchResultSchema } from "./search.ts";

const contentPart = z.object({ type: z.string(), text: z.string().optional() });
export const chatCompletionRequestSchema = z.object({
  model: z.string(),
  messages: z
    .array(z.object({ role: z.string(), content: z.union([z.string(), z.array(contentPart), z.null()]).optional() }))
    .min(1)
    .max(1000),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().min(1).max(32_000).nullish(),
  max_completion_tokens: z.int().min(1).max(32_000).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
});
export const embeddingsRequestSchema = z.object({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1).max(2048)]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  /** Ours: models with prefixes embed questions and passages differently. */
  input_type: z.enum(["query", "passage"]).nullish(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequestSchema>;
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequestSchema>;

const completionUsage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() });
/** What only we say: the checked text (a stream cannot take words back), its citations, and whether it is a refusal. */
export const completionExtraSchema = z.object({
  text: z.string(),
  refused: z.boolean(),
  reason: z.string().nullable(),
  extractive: z.boolean(),
  suggestions: z.array(z.string()),
  citations: z.array(citationSchema),
  passages: z.array(searchResultSchema),
  /** Id of the adapter that it was written with; null: none. */
  adapter: z.string().nullable().optional(),
});
export const chatCompletionSchema = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({ role: z.literal("assistant"), content: z.string() }),
      finish_reason: z.enum(["stop", "length"]),
    }),
  ),
  usage: completionUsage,
  lorekeep: completionExtraSchema.optional(),
});
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;
/** One `data:` line of a stream, which ends with `[DONE]`. */
export const chatCompletionChunkSchema = z.object({
  id: z.string(),
  object: z.literal("chat.completion.chunk"),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({ role: z.literal("assistant").optional(), content: z.string().optional() }),
      finish_reason: z.enum(["stop", "length"]).nullable(),
    }),
  ),
  usage: completionUsage.nullish(),
  lorekeep: completionExtraSchema.optional(),
});
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>;
export const embeddingsResponseSchema = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index: z.int(),
      /** Numbers, or little-endian float32 in base64. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
});
export const openAiModelListSchema = z.object({
  object: z.literal("list"),
  data: z.array(z.object({ id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string() })),
});

/** Shapes that every route shares. Everything from outside is parsed with these, once, on both ends of the wire. */
import { z } from "zod";

/** RFC 9457 problem details; `code` is from the closed table in errors.ts. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** Half-open [start, end) in UTF-16 code units. */
export const spanSchema = z.tuple([z.int(), z.int()]);
export const timeSchema = z.string().describe("ISO 8601, UTC");
export const metadataSchema = z.record(
  z.string().min(1).max(200),
  z.union([z.string().max(10_000), z.number(), z.boolean(), z.array(z.string().max(1000)).max(200)]),
);
export const languageSchema = z.enum(["en", "zh", "other"]);
export const chunkingSchema = z.strictObject({
  maxTokens: z.int().min(32).max(480),
  overlapTokens: z.int().min(0).max(200),
});
/** Of the versions that GET /prompts names. */
export const promptChoiceSchema = z.strictObject({
  version: z.string().min(1).max(100),
  /** In place of the version's own; the rule that passages are data stays. */
  instructions: z.string().trim().min(1).max(2000).optional(),
  /** Approved answers of the collection, shown to the generator before the question, at most. */
  examples: z.int().min(0).max(3).optional(),
});
export const retrievalSettingsSchema = z.strictObject({
  passageCount: z.int().min(1).max(20),
  denseWeight: z.number().min(0).max(1),
  refusalThreshold: z.number().min(0).max(1),
  /** What the generator is asked with; absent or null: the shipped prompt. */
  prompt: promptChoiceSchema.nullable().optional(),
});

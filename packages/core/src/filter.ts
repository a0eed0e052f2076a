/** The search filter: every condition given must hold; it is applied before top-k in both arms. */
import { z } from "zod";

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const metadataConditionSchema = z.union([
  scalar,
  z.strictObject({
    in: z.array(scalar).min(1).max(100).optional(),
    gte: z.union([z.string(), z.number()]).optional(),
    lte: z.union([z.string(), z.number()]).optional(),
    exists: z.boolean().optional(),
  }),
]);

export const filterSchema = z.strictObject({
  documentIds: z.array(z.string()).min(1).max(1000).optional(),
  /** All but these. */
  notDocumentIds: z.array(z.string()).min(1).max(1000).optional(),
  externalIds: z.array(z.string()).min(1).max(1000).optional(),
  mediaTypes: z.array(z.string()).min(1).max(50).optional(),
  languages: z
    .array(z.enum(["en", "zh", "other"]))
    .min(1)
    .optional(),
  /** All of these tags: the metadata key `tags` holds a list of strings. */
  tags: z.array(z.string()).min(1).max(50).optional(),
  /** In one of these folders, at any depth: the metadata key `path`, or else the external id, holds a path with slashes. */
  folders: z.array(z.string().min(1).max(1000)).min(1).max(50).optional(),
  createdAfter: z.iso.datetime({ offset: true }).optional(),
  createdBefore: z.iso.datetime({ offset: true }).optional(),
  metadata: z.record(z.string().min(1).max(200), metadataConditionSchema).optional(),
});
export type SearchFilter = z.infer<typeof filterSchema>;
export type MetadataCondition = z.infer<typeof metadataConditionSchema>;

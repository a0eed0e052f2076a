/** What a filter could narrow the documents down by, with counts: GET /documents/facets. */
import { z } from "zod";
import { timeSchema } from "./common.ts";

export const facetsQuerySchema = z.object({
  /** Ids or unique names, with commas between; absent = every collection that the caller may read. */
  collections: z.string().max(10_000).optional(),
  /** A search filter as JSON. */
  filter: z.string().max(100_000).optional(),
  /** IANA name of the zone whose days documents are counted by; absent = UTC. */
  timeZone: z.string().max(64).refine(isTimeZone, "is no time zone that is known here").optional(),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // a RangeError is how Intl says no
  }
}

const counted = <Value extends z.ZodType>(value: Value) => z.array(z.object({ value, count: z.int() }));
export const metadataFacetSchema = z.object({
  key: z.string(),
  /** Documents that have the key. */
  count: z.int(),
  /** Its most frequent values; a number's are in its range. */
  values: counted(z.union([z.string(), z.number(), z.boolean()])),
  /** True when there are more values than these. */
  more: z.boolean(),
  /** Of its numbers; null without any. */
  range: z.object({ low: z.number(), high: z.number() }).nullable(),
});
export type MetadataFacet = z.infer<typeof metadataFacetSchema>;

/**
 * Counts of documents that can answer. Each facet is counted under the other conditions of the filter, not under its own, so that
 * a second value can be chosen; tags, of which all must hold, are counted under the whole filter.
 */
export const facetsSchema = z.object({
  /** Documents that the filter admits, and all that the caller may ask. */
  admitted: z.int(),
  documents: z.int(),
  tags: counted(z.string()),
  /** Folders with everything below them, at most two levels deep. */
  folders: counted(z.string()),
  languages: counted(z.enum(["en", "zh", "other"])),
  mediaTypes: counted(z.string()),
  /** By day, month or year of adding, in the zone that was asked for; `after` and `before` are values of the filter that admit just these. */
  created: z.array(z.object({ label: z.string(), after: timeSchema, before: timeSchema, count: z.int() })),
  metadata: z.array(metadataFacetSchema),
});
export type Facets = z.infer<typeof facetsSchema>;

/** Small shapes of the adaptation routes: forms, query strings, events. The nouns are in adaptation.ts and datasets.ts. */
import { z } from "zod";
import { adapterHistorySchema, fineTuneSchema } from "./adaptation.ts";

/** Fields of the multipart form of POST /datasets, beside the part `file` (JSON lines). */
export const datasetFormSchema = z.object({
  /** Absent = the file's name without its ending. */
  name: z.string().trim().min(1).max(200).optional(),
  collection: z.string().trim().min(1).max(300).optional(),
});
export const DATASET_EXPORT_FORMATS = ["jsonl", "peft", "llama-factory", "unsloth"] as const;
export type DatasetExportFormat = (typeof DATASET_EXPORT_FORMATS)[number];
export const datasetExportQuerySchema = z.object({ format: z.enum(DATASET_EXPORT_FORMATS).default("jsonl") });
export const reviewedExamplesSchema = z.object({ changed: z.int() });
export type ReviewedExamples = z.infer<typeof reviewedExamplesSchema>;

/** GET /fine-tunes/:id/events: the fine-tune each time it changes. */
export const fineTuneEventSchema = z.object({ type: z.literal("fine-tune"), fineTune: fineTuneSchema });
export type FineTuneEvent = z.infer<typeof fineTuneEventSchema>;

export const ADAPTER_FILE_FORMATS = ["gguf", "peft"] as const;
export type AdapterFileFormat = (typeof ADAPTER_FILE_FORMATS)[number];
export const adapterFileQuerySchema = z.object({ format: z.enum(ADAPTER_FILE_FORMATS).default("gguf") });
/** Fields of the multipart form of POST /adapters, beside the part `file` (GGUF, or a zip in PEFT's form). */
export const adapterFormSchema = z.object({ name: z.string().trim().min(1).max(200).optional() });
export const deactivateAdapterSchema = z.strictObject({
  /** Collection ids or names; absent = wherever it is switched on. */
  collections: z.array(z.string()).min(1).optional(),
});
export type DeactivateAdapterRequest = z.infer<typeof deactivateAdapterSchema>;
export const rollbackAdapterSchema = z.strictObject({
  /** Id or name; absent = what answers everywhere. */
  collection: z.string().optional(),
});
export type RollbackAdapterRequest = z.infer<typeof rollbackAdapterSchema>;
export const adapterChangeSchema = adapterHistorySchema.shape.items.element;
export type AdapterChange = z.infer<typeof adapterChangeSchema>;

export const compareEvaluationsQuerySchema = z.object({
  /** The later run; the path names the earlier one. */
  with: z.string().min(1).max(300),
});

/** What a collection's refusal threshold would do: right and wrong refusals of its own questions at every threshold. */
import { z } from "zod";
import { timeSchema } from "./common.ts";
import { jobSchema } from "./operations.ts";

export const REFUSAL_QUESTION_SOURCES = [
  "documents",
  "saved",
  "feedback",
  "withheld",
  "collections",
  "general",
] as const;
/**
 * Where a question comes from: drafted from the documents, saved in a question set, rated in the chat; asked with the document
 * that answers it withheld; drafted from other collections; of general knowledge.
 */
export type RefusalQuestionSource = (typeof REFUSAL_QUESTION_SOURCES)[number];

const share = z.number().min(0).max(1);
export const refusalCurveFiguresSchema = z.object({
  /** Questions with an answer in the documents, and without. */
  answerable: z.int(),
  unanswerable: z.int(),
  /** By ascending threshold, 0 to 1. `right`: refused of the unanswerable; `wrong`: refused of the answerable. */
  points: z.array(z.object({ threshold: share, right: share, wrong: share })),
  sources: z.array(
    z.object({
      source: z.enum(REFUSAL_QUESTION_SOURCES),
      answerable: z.boolean(),
      questions: z.int(),
      /** Share refused at the threshold of the point at the same place. */
      refused: z.array(share),
    }),
  ),
  /** The threshold that these questions speak for. */
  recommended: share,
});
export type RefusalCurveFigures = z.infer<typeof refusalCurveFiguresSchema>;

/** Figures and counts only: nothing of a question or a document is kept. */
export const refusalCurveSchema = refusalCurveFiguresSchema.extend({
  madeAt: timeSchema,
  generationId: z.string(),
  documentCount: z.int(),
  /** Identifies the model that judged. */
  judge: z.string(),
});
export type RefusalCurve = z.infer<typeof refusalCurveSchema>;

export const REFUSAL_STALE_REASONS = ["documents", "index", "judge"] as const;
export const refusalCurveStateSchema = z.object({
  collectionId: z.string(),
  /** The threshold in force, and the one of a new collection. */
  threshold: share,
  defaultThreshold: share,
  curve: refusalCurveSchema.nullable(),
  /** Why the curve no longer speaks for the collection; null = it does, or there is none. */
  stale: z.enum(REFUSAL_STALE_REASONS).nullable(),
  /** Documents that came, changed or went since. */
  changedDocuments: z.int(),
  /** The last run, while the queue remembers it. */
  job: jobSchema.nullable(),
});
export type RefusalCurveState = z.infer<typeof refusalCurveStateSchema>;

/** What a run ends with; `too_few`: not enough questions of either kind could be found. */
export const refusalCurveOutcomeSchema = z.object({
  outcome: z.enum(["measured", "too_few", "gone"]),
  answerable: z.int(),
  unanswerable: z.int(),
});
export type RefusalCurveOutcome = z.infer<typeof refusalCurveOutcomeSchema>;

/**
 * A run of `lorekeep eval` as a file, so that a later one can say what changed: questions and their figures, no answer and no text
 * of a document. A run of the product (its id) can stand on either side.
 */
import { readFile, writeFile } from "node:fs/promises";
import { AppError, isId } from "@lorekeep/core";
import type { EvaluationDetail } from "@lorekeep/core";
import { compareFigures, figuresOfQuestion } from "@lorekeep/rag";
import type { EvalRun, FigureDifference } from "@lorekeep/rag";
import { z } from "zod";
import { LOCAL_ACTOR } from "../access.ts";
import { figuresOfItem } from "../adaptation/compare-evaluations.ts";
import type { Platform } from "../platform.ts";

const runFileSchema = z.object({
  form: z.literal("lorekeep-evaluation-1"),
  set: z.string(),
  createdAt: z.string(),
  questions: z.array(z.object({ question: z.string(), figures: z.record(z.string(), z.number()) })),
});
export type SavedRun = z.infer<typeof runFileSchema>;

export interface RunComparison {
  /** Asked by both. */
  readonly questionCount: number;
  readonly differences: Readonly<Record<string, FigureDifference>>;
}

export function toSavedRun(set: string, run: EvalRun, now: Date): SavedRun {
  const questions = run.questions.map((each) => ({
    question: each.question.question,
    figures: figuresOfQuestion(each),
  }));
  return { form: "lorekeep-evaluation-1", set, createdAt: now.toISOString(), questions };
}

export async function saveRun(path: string, run: SavedRun): Promise<void> {
  await writeFile(path, `${JSON.stringify(run)}\n`);
}

/** A file that `saveRun` wrote, or an evaluation of this installation by its id. Throws not_found, request_invalid. */
export async function readRun(platform: Pick<Platform, "adaptation">, pathOrId: string): Promise<SavedRun> {
  if (isId("evaluation", pathOrId)) return ofProduct(await platform.adaptation.evaluation(LOCAL_ACTOR, pathOrId));
  let text: string;
  try {
    text = await readFile(pathOrId, "utf8");
  } catch (cause) {
    throw new AppError(
      "not_found",
      `There is no run at ${pathOrId}: name a file of --save, or an evaluation's id.`,
      {},
      {
        cause,
      },
    );
  }
  const parsed = runFileSchema.safeParse(readJson(text));
  if (!parsed.success) throw new AppError("request_invalid", `${pathOrId} is not a saved run.`);
  return parsed.data;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const ofProduct = ({ datasetName, createdAt, items }: EvaluationDetail): SavedRun => ({
  ...{ form: "lorekeep-evaluation-1", set: datasetName, createdAt },
  questions: items.map((item) => ({ question: item.question, figures: { ...figuresOfItem(item) } })),
});

/** By the questions' words: both sides may come from different sets that share some. */
export function compareSavedRuns(before: SavedRun, after: SavedRun): RunComparison {
  const later = new Map(after.questions.map(({ question, figures }) => [question, figures]));
  const pairs = before.questions.flatMap(({ question, figures }) => {
    const match = later.get(question);
    return match === undefined ? [] : [{ before: figures, after: match }];
  });
  return { questionCount: pairs.length, differences: compareFigures(pairs) };
}

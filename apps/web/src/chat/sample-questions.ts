/** The sample's questions are kept in this browser, so that an empty conversation can offer them again. */
import { sampleResponseSchema, type SampleResponse } from "@lorekeep/core";
import { recall, remember } from "../remember.ts";

const questionsSchema = sampleResponseSchema.shape.questions;

export const keepSampleQuestions = (questions: SampleResponse["questions"]): void =>
  remember("sample-questions", JSON.stringify(questions));

/** At most `count`, the reader's language first. */
export function sampleQuestions(language: string, count: number): string[] {
  try {
    const parsed = questionsSchema.parse(JSON.parse(recall("sample-questions") ?? "[]"));
    return inLanguageFirst(parsed, language, count);
  } catch {
    return [];
  }
}

export function inLanguageFirst(questions: SampleResponse["questions"], language: string, count: number): string[] {
  const own = questions.filter((question) => question.language.startsWith(language));
  const others = questions.filter((question) => !question.language.startsWith(language));
  return [...own, ...others].slice(0, count).map((question) => question.text);
}

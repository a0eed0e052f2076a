/**
 * The one sentence, by language, that an adapter learns to say when the passages hold no answer, and how the read path knows
 * it again. A fixed sentence is the cheapest thing to learn and the safest to recognise: no judgement of wording is needed.
 */
import type { Language } from "@lorekeep/core";
import { answerTokens } from "../evaluation/metrics.ts";

export const REFUSAL_TARGETS: Readonly<Record<Language, string>> = {
  en: "The passages do not answer this question.",
  zh: "这些段落没有回答这个问题。",
  other: "The passages do not answer this question.",
};

/** How much of the target, from its first token on, must stand at the head of a text that is cut off or trails on. */
const HEAD_SHARE = 0.75;

/**
 * True when a generated text refuses in the trained words, also when it was cut off or goes on after them. A text in any
 * language that was trained counts: a model may refuse a Chinese question in English.
 */
export function isRefusalText(text: string, language?: Language): boolean {
  const said = answerTokens(text);
  const targets = language === undefined ? ["en", "zh"] : [language, language === "zh" ? "en" : "zh"];
  return targets.some((target) => startsLike(said, answerTokens(REFUSAL_TARGETS[target as Language])));
}

function startsLike(said: readonly string[], target: readonly string[]): boolean {
  const differs = target.findIndex((token, at) => said[at] !== token);
  const matched = differs < 0 ? target.length : differs;
  // A text that says something else before the end of the target is an answer, unless the end was only cut off.
  return matched === target.length || (matched === said.length && matched >= HEAD_SHARE * target.length);
}

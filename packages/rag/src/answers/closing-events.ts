/** How an answer ends, whichever way it was found: checked text with its citations, or a refusal in the question's language. */
import type { Language, Passage } from "@lorekeep/core";
import type { AnswerEvent } from "../answer-event.ts";
import type { Run } from "../answer-run.ts";
import type { CitedAnswer } from "../cite.ts";
import { readQuestion } from "../question.ts";
import { writeRefusal } from "../refusal-text.ts";
import type { RefusalMessage } from "../refusal-text.ts";
import { evenTermWeight } from "../text/term-weights.ts";

export function citations(answer: CitedAnswer, extractive: boolean): AnswerEvent {
  const { citations: items, text, cutSentences, shortAnswer } = answer;
  return { type: "citations", items, text, extractive, cutSentences, shortAnswer };
}

export function refusal(run: Run, reason: RefusalMessage["reason"], passages: readonly Passage[]): AnswerEvent {
  const { language } = readQuestion(run.question, evenTermWeight);
  return { type: "refusal", ...writeRefusal({ reason, language, collections: run.collections, passages }) };
}

/** Nothing is left to say on the question before; its topics would only lead back. */
export function nothingMore(run: Run, language: Language): AnswerEvent {
  const text =
    language === "zh"
      ? "文档中关于这个问题的内容已经全部列出。"
      : "That is all that the documents say on this question.";
  return { ...spoken(run, "nothing_more"), text, suggestions: [] };
}

/** A summary was asked for, and several documents could be meant: `names` are what to choose from. */
export function whichDocument(run: Run, names: readonly string[], language: Language): AnswerEvent {
  const text = language === "zh" ? "请说明要总结哪份文档。" : "Please name the document that you mean.";
  const ask = (name: string): string => (language === "zh" ? `总结《${name}》` : `Summarise “${name}”`);
  return { ...spoken(run, "which_document"), text, suggestions: names.map(ask) };
}

function spoken(run: Run, reason: RefusalMessage["reason"]) {
  const collections = run.collections.map(({ name }) => name);
  return { type: "refusal", reason, searched: { collections, passageCount: 0 } } as const;
}

/** One line, in the question's language, that says that what is quoted is in another one. */
import type { Citation, Language } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";

const NOTES: Readonly<Record<"en" | "zh", Readonly<Record<"en" | "zh", string>>>> = {
  en: { en: "", zh: "The documents say this in Chinese; they are quoted as they stand." },
  zh: { zh: "", en: "相关文档是英文的，以下为英文原文引文。" },
};

/** "" unless every quote is in the one language that was not asked in. A document's own language says nothing: it may hold both. */
export function languageNote(asked: Language, quotes: readonly string[]): string {
  const [first, ...others] = new Set(quotes.map(detectLanguage));
  if (first === undefined || others.length > 0 || first === "other" || asked === "other") return "";
  return NOTES[asked][first];
}

/** The answer with its note before it: every citation moves along. */
export function withLanguageNote<Answer extends { readonly text: string; readonly citations: readonly Citation[] }>(
  answer: Answer,
  asked: Language,
): Answer {
  const quotes = answer.citations.map(({ quote }) => quote);
  const note = languageNote(asked, quotes);
  if (note === "" || answer.text === "") return answer;
  const shift = note.length + 2;
  const citations = answer.citations.map((citation) => {
    const [start, end] = citation.answerSpan;
    return { ...citation, answerSpan: [start + shift, end + shift] as const };
  });
  return { ...answer, text: `${note}\n\n${answer.text}`, citations };
}

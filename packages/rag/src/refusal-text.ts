/** What a refusal says, in the question's language: what was searched, why there is no answer, and where to look instead (G2). */
import type { Collection, Language, Passage, RefusalReason } from "@lorekeep/core";

export interface RefusalMessage {
  readonly reason: RefusalReason;
  readonly text: string;
  readonly searched: { readonly collections: string[]; readonly passageCount: number };
  readonly suggestions: string[];
}

const MAX_SUGGESTIONS = 3;

export function writeRefusal(request: {
  readonly reason: RefusalReason;
  readonly language: Language;
  readonly collections: readonly Collection[];
  readonly passages: readonly Passage[];
}): RefusalMessage {
  const { reason, language, collections, passages } = request;
  const names = collections.map(({ name }) => name);
  const searched = collections.reduce((sum, each) => sum + (each.searchableCount ?? each.documentCount), 0);
  const waiting = collections.reduce((sum, each) => sum + each.documentCount, 0) - searched;
  const write = language === "zh" ? chineseText : englishText;
  return {
    reason,
    text: write(reason, names, searched, waiting),
    searched: { collections: names, passageCount: passages.length },
    suggestions: nearestTopics(passages),
  };
}

/** Headings of the nearest passages, or their documents' names; best first, each once. */
export function nearestTopics(passages: readonly Passage[]): string[] {
  const topics = passages.map(({ headings, documentName }) => headings.at(-1) ?? documentName);
  return [...new Set(topics.map((topic) => topic.trim()).filter((topic) => topic !== ""))].slice(0, MAX_SUGGESTIONS);
}

/** `searched` documents could be searched, `waiting` ones are still being read or could not be. */
function englishText(reason: RefusalReason, names: readonly string[], searched: number, waiting: number): string {
  const where = names.map((name) => `“${name}”`).join(", ");
  const count = (documents: number): string => `${documents} ${documents === 1 ? "document" : "documents"}`;
  if (reason === "no_documents")
    return `There are no documents in ${where || "any collection"} yet. Add some and ask again.`;
  if (searched === 0 && waiting > 0)
    return `None of the ${count(waiting)} in ${where} can be searched yet: they are still being read, or could not be read.`;
  const rest = waiting > 0 ? ` ${count(waiting)} could not be searched yet.` : "";
  if (reason === "nothing_found") return `I searched ${count(searched)} in ${where} and found nothing on this.${rest}`;
  return `I searched ${count(searched)} in ${where}, but no passage answers this question.${rest}`;
}

function chineseText(reason: RefusalReason, names: readonly string[], searched: number, waiting: number): string {
  const where = names.map((name) => `“${name}”`).join("、");
  if (reason === "no_documents") return `${where || "知识库"}中还没有文档。请先添加文档再提问。`;
  if (searched === 0 && waiting > 0) return `${where}的 ${waiting} 篇文档还不能查找：仍在读取，或无法读取。`;
  const rest = waiting > 0 ? `另有 ${waiting} 篇文档还不能查找。` : "";
  if (reason === "nothing_found") return `已在${where}的 ${searched} 篇文档中查找，没有找到相关内容。${rest}`;
  return `已在${where}的 ${searched} 篇文档中查找，但没有段落能回答这个问题。${rest}`;
}

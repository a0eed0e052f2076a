/** What a click on a refusal's topic asks: a topic is a question already, a document's name, or a heading. */
import type { TFunction } from "i18next";

/** A document without headings is offered by its name; "what do the documents say about notes.txt" would be refused again. */
const DOCUMENT_NAME = /\.[\p{L}\d]{1,5}$/u;

export function topicQuestion(topic: string, reason: string, t: TFunction): string {
  if (reason === "which_document" || /[?？]$/u.test(topic)) return topic;
  // A heading is asked as it stands: words around it ("what do the documents say about …") count against it in the verdict.
  return DOCUMENT_NAME.test(topic) ? t("chat.summariseQuestion", { name: topic }) : topic;
}

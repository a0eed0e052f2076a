/**
 * Which prompt answers are written with: its texts are a versioned file under prompts/, so that an evaluation and a trace say what was
 * measured. Passages are fenced and their fences escaped: instructions, closing tags, chat-template marks and characters that nobody
 * sees stay data (S10; OWASP LLM01, indirect prompt injection).
 */
import type { ChatMessage, Passage } from "@lorekeep/core";
import { ANSWER_2 } from "./prompts/answer-2.ts";

const PROMPT = ANSWER_2;
export const PROMPT_VERSION = PROMPT.version;
export const MAX_ANSWER_TOKENS = 160;
export const STOP_STRINGS: readonly string[] = PROMPT.stop;

/** What of a packed passage the prompt shows. */
export interface PromptPassage {
  readonly marker: number;
  readonly text: string;
  readonly passage: Pick<Passage, "documentName" | "headings">;
}

/** The one prompt: serving and training both come through here (K1). */
export function buildPrompt(question: string, packed: readonly PromptPassage[]): ChatMessage[] {
  const passages = packed.map(({ marker, passage, text }) => {
    const title = escapeFence(passageTitle(passage)).replaceAll('"', "'");
    return PROMPT.passage({ marker, title, text: escapeFence(text) });
  });
  return [
    { role: "system", content: PROMPT.system },
    { role: "user", content: PROMPT.user(passages, escapeFence(question)) },
  ];
}

/** Where a passage stands, as the prompt names it. */
export const passageTitle = ({ documentName, headings }: PromptPassage["passage"]): string =>
  [documentName, ...headings].join(" › ");

/** Zero-width marks, direction overrides, tag characters: a reader of the document never saw what they say or hide. */
const UNSEEN = /[\u{200B}\u{2060}\u{FEFF}\u{00AD}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{E0000}-\u{E007F}]/gu;

export const withoutUnseen = (text: string): string => text.replace(UNSEEN, "");

/** Nothing in `text` can close the fence, open another or speak as the chat template. */
export function escapeFence(text: string): string {
  return withoutUnseen(text)
    .replace(/[<＜](?=[\s\p{Z}]*[/／]?[\s\p{Z}]*passage)/giu, "‹")
    .replace(/<(?=[|｜])/g, "‹")
    .replace(/\[(\/?INST)\]/gi, "($1)")
    .replace(/<(?=<\/?SYS>>|\/?(?:s|system|user|assistant|model|start_of_turn|end_of_turn)>)/gi, "‹");
}

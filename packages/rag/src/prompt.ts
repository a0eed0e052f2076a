/**
 * Which prompt answers are written with: its texts are a versioned file under prompts/, so that an evaluation and a trace say what was
 * measured. Passages are fenced and their fences escaped: instructions, closing tags, chat-template marks and characters that nobody
 * sees stay data (S10; OWASP LLM01, indirect prompt injection).
 */
import { createHash } from "node:crypto";
import { AppError } from "@lorekeep/core";
import type { ChatMessage, Passage, PromptChoice } from "@lorekeep/core";
import { ANSWER_2 } from "./prompts/answer-2.ts";
import { ANSWER_3 } from "./prompts/answer-3.ts";

const PROMPT = ANSWER_2;
const VERSIONS = [ANSWER_2, ANSWER_3] as const;
/** What answers are written with where nothing else is chosen, and what adapters are trained with. */
export const PROMPT_VERSION = PROMPT.version;
export const MAX_ANSWER_TOKENS = 160;
export const STOP_STRINGS: readonly string[] = PROMPT.stop;

/** What of a packed passage the prompt shows. */
export interface PromptPassage {
  readonly marker: number;
  readonly text: string;
  readonly passage: Pick<Passage, "documentName" | "headings">;
}

/** Versions that can be chosen, with the instructions that each gives. */
export const promptVersions = (): { version: string; instructions: string; isDefault: boolean }[] =>
  VERSIONS.map(({ version, instructions }) => ({ version, instructions, isDefault: version === PROMPT_VERSION }));

const versionOf = (name: string) => VERSIONS.find(({ version }) => version === name);

/** Throws request_invalid for a version that there is not. */
export function requirePrompt(choice: PromptChoice | null | undefined): void {
  if (choice != null && versionOf(choice.version) === undefined)
    throw new AppError("request_invalid", `There is no prompt “${choice.version}”.`, { version: choice.version });
}

/** As traces and evaluations name it: the version, of the user's own instructions a few digits of their hash, and the examples. */
export function promptName(choice: PromptChoice | null | undefined): string {
  if (choice == null) return PROMPT_VERSION;
  const { version, instructions, examples = 0 } = choice;
  const isOwn = instructions !== undefined && instructions !== versionOf(version)?.instructions;
  const own = isOwn ? `+${createHash("sha256").update(instructions).digest("hex").slice(0, 8)}` : "";
  return `${version}${own}${examples === 0 ? "" : `+${examples} examples`}`;
}

/** What several searched collections agree on; where they do not, the shipped prompt. */
export function agreedPrompt(choices: readonly (PromptChoice | null | undefined)[]): PromptChoice | null {
  const [first = null] = choices;
  return choices.every((choice) => promptName(choice) === promptName(first)) ? first : null;
}

/** An answered question to show before the one that is asked. */
export interface WorkedExample {
  readonly question: string;
  readonly answer: string;
  /** What the answer rests on, numbered from 1. */
  readonly passages: readonly PromptPassage[];
}

/** The one prompt: serving and training both come through here (K1). A version that is gone is the shipped one. `examples`: as turns before it. */
export function buildPrompt(
  question: string,
  packed: readonly PromptPassage[],
  choice: PromptChoice | null = null,
  examples: readonly WorkedExample[] = [],
): ChatMessage[] {
  const prompt = (choice === null ? undefined : versionOf(choice.version)) ?? PROMPT;
  const instructions = escapeFence(choice?.instructions ?? prompt.instructions);
  const ask = (asked: string, shown: readonly PromptPassage[]): ChatMessage => {
    const passages = shown.map(({ marker, passage, text }) => {
      const title = escapeFence(passageTitle(passage)).replaceAll('"', "'");
      return prompt.passage({ marker, title, text: escapeFence(text) });
    });
    return { role: "user", content: prompt.user(passages, escapeFence(asked)) };
  };
  const turns = examples.flatMap((example): ChatMessage[] => [
    ask(example.question, example.passages),
    { role: "assistant", content: escapeFence(example.answer) },
  ]);
  return [{ role: "system", content: `${instructions} ${prompt.rule}` }, ...turns, ask(question, packed)];
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

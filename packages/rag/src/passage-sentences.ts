/**
 * The sentences of a passage with their places in the parsed text, so that whatever is quoted is a verbatim piece of it.
 * A repeated table header in front of a chunk is context, never quoted: it does not stand at the chunk's span.
 */
import type { Passage, Span } from "@lorekeep/core";
import { splitSentences } from "@lorekeep/ingest";
import { indexTerms } from "./text/terms.ts";

export interface PassageSentence {
  /** Verbatim piece of the parsed text, without white space at its ends. */
  readonly text: string;
  /** Where it stands in the parsed text. */
  readonly span: Span;
  readonly keys: ReadonlySet<string>;
}

/** The part of a passage's text that stands in the parsed text at its span. */
export function passageBody(passage: Pick<Passage, "text" | "span" | "header">): string {
  const length = passage.span[1] - passage.span[0];
  return passage.header === null ? passage.text.slice(0, length) : passage.text.slice(-length);
}

export function passageSentences(passage: Pick<Passage, "text" | "span" | "header">): PassageSentence[] {
  const body = passageBody(passage);
  const sentences: PassageSentence[] = [];
  for (const [start, end] of splitSentences(body)) {
    const text = body.slice(start, end).trim();
    if (text === "") continue;
    const at = passage.span[0] + start + (body.slice(start, end).length - body.slice(start, end).trimStart().length);
    sentences.push({ text, span: [at, at + text.length], keys: indexTerms(text) });
  }
  return sentences;
}

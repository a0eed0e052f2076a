/**
 * The short answer in its sentence: marked where the answer's text says it, else in the sentence of the passage that it was
 * taken from. Whole words only, so that "5" is not found in "15"; Chinese has no such borders.
 */
import type { SearchResult, ShortAnswer } from "@lorekeep/core";
import type { TreeNode } from "./split-markers.ts";

const WORD = /[\p{L}\p{N}]/u;
const HAN = /\p{Script=Han}/u;
const joins = (a: string | undefined, b: string | undefined) =>
  a !== undefined && b !== undefined && WORD.test(a) && WORD.test(b) && !HAN.test(a) && !HAN.test(b);

/** Start of the first whole occurrence; -1 when there is none. */
export function findWhole(text: string, part: string): number {
  if (part === "") return -1;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    const end = at + part.length;
    if (!joins(text[at - 1], part[0]) && !joins(part.at(-1), text[end])) return at;
  }
  return -1;
}

export interface MarkedSentence {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
}
const SENTENCE_END = /(?<=[.!?]["”’)]?)\s+|(?<=[。！？]["”’」』）]?)|\n+/gu;

/** The passage's sentence around the short answer; null when the passage is not known or says something else there. */
export function sentenceAround(
  short: ShortAnswer,
  passages: readonly Pick<SearchResult, "chunkId" | "text" | "span">[],
): MarkedSentence | null {
  const passage = passages.find(({ chunkId }) => chunkId === short.chunkId);
  if (passage === undefined) return null;
  const from = short.span[0] - passage.span[0];
  const to = short.span[1] - passage.span[0];
  const marked = passage.text.slice(from, to);
  if (from < 0 || marked !== short.text) return null;
  let start = 0;
  let end = passage.text.length;
  for (const gap of passage.text.matchAll(SENTENCE_END)) {
    const next = gap.index + gap[0].length;
    if (next <= from) start = next;
    else if (gap.index >= to) {
      end = gap.index;
      break;
    }
  }
  return { before: passage.text.slice(start, from), marked, after: passage.text.slice(to, end) };
}

/** A rehype plugin: the first text that says the short answer gets a <mark> around it. Code is left alone. */
export function rehypeShortAnswer(short: string) {
  return (tree: TreeNode): void => void markFirst(tree, short);
}

function markFirst(node: TreeNode, short: string): boolean {
  const children = node.children ?? [];
  for (const [index, child] of children.entries()) {
    if (child.tagName === "code" || child.tagName === "pre") continue;
    if (child.type !== "text" || child.value === undefined) {
      if (markFirst(child, short)) return true;
      continue;
    }
    const at = findWhole(child.value, short);
    if (at === -1) continue;
    const text = (value: string): TreeNode => ({ type: "text", value });
    const mark: TreeNode = { type: "element", tagName: "mark", properties: {}, children: [text(short)] };
    const parts = [text(child.value.slice(0, at)), mark, text(child.value.slice(at + short.length))];
    node.children = children.toSpliced(index, 1, ...parts.filter((part) => part.value !== ""));
    return true;
  }
  return false;
}

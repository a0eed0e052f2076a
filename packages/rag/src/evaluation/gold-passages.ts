/**
 * Which found passage is the right one? A question knows its right passage by the text that it had when the question was made;
 * with another chunking the same text stands in another chunk. So passages are told apart by what they say: the chunk
 * itself, a chunk of the same document that holds the answer's words, or one that shares most of its text with the right one.
 *
 * Where only the document is known, any passage of it is right.
 */
import type { Relevance } from "./metrics.ts";

export interface GoldPassage {
  readonly documentId: string | null;
  readonly chunkId: string | null;
  /** "" = only the document is known. */
  readonly text: string;
}

export interface FoundPassage {
  readonly documentId: string;
  readonly chunkId: string;
  readonly text: string;
}

export interface Gold {
  /** Right passage → 1. Empty: nothing is known about them. */
  readonly relevance: Relevance;
  /** The right passage that this one stands for; its own id when it is none. */
  idOf(found: FoundPassage): string;
}

const MOST = 0.6;
const WORD = /\p{Script=Han}|[\p{L}\p{N}]+/gu;

/** `answer`: null when it is not known, or not said in the passages. */
export function openGold(passages: readonly GoldPassage[], answer: string | null): Gold {
  const golds = passages
    .filter(({ documentId, text }) => documentId !== null || text.trim() !== "")
    .map((passage) => ({ ...passage, id: idOf(passage), words: wordsOf(passage.text) }));
  const said = answer === null ? "" : plain(answer);
  const isRight = (gold: (typeof golds)[number], found: FoundPassage): boolean => {
    if (gold.documentId !== null && gold.documentId !== found.documentId) return false;
    if (gold.text.trim() === "" || gold.chunkId === found.chunkId) return true;
    if (said !== "" && plain(gold.text).includes(said)) return plain(found.text).includes(said);
    return sharedShare(gold.words, wordsOf(found.text)) >= MOST;
  };
  return {
    relevance: new Map(golds.map(({ id }) => [id, 1])),
    idOf: (found) => golds.find((gold) => isRight(gold, found))?.id ?? found.chunkId,
  };
}

const idOf = ({ documentId, chunkId, text }: GoldPassage): string =>
  text.trim() === "" ? `document:${documentId}` : `passage:${chunkId ?? plain(text).slice(0, 200)}`;

const plain = (text: string): string => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
const wordsOf = (text: string): ReadonlySet<string> => new Set(plain(text).match(WORD) ?? []);

/** Of the smaller set's words, those in the other. */
function sharedShare(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const [small, large] = left.size <= right.size ? [left, right] : [right, left];
  if (small.size === 0) return 0;
  return [...small].filter((word) => large.has(word)).length / small.size;
}

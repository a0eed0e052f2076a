/**
 * Retrieved passages → the numbered context that an answer may rest on. Passages that say the same are kept once,
 * neighbouring chunks of a document stand together in reading order with their overlap said once, and the whole never
 * exceeds the generator's window; whatever was left out is reported, never silently lost (G4).
 */
import type { Passage } from "@lorekeep/core";
import { passageBody } from "./passage-sentences.ts";
import { indexTerms, sharedCount } from "./text/terms.ts";

/** `marker` is the number that the answer cites it by; `text` is what the prompt shows (a shared overlap left out). */
export interface PackedPassage {
  readonly marker: number;
  readonly passage: Passage;
  readonly text: string;
}

export interface DroppedPassage {
  readonly chunkId: Passage["chunkId"];
  readonly why: "repeats another" | "over the passage count" | "over the window";
}

export interface PackedContext {
  readonly packed: readonly PackedPassage[];
  readonly dropped: readonly DroppedPassage[];
  /** Tokens of the whole prompt; null when no generator counts them. */
  readonly promptTokens: number | null;
}

/** Shares of terms above this are one passage told twice. */
const REPEATS_FROM = 0.85;

export async function packContext(
  passages: readonly Passage[],
  options: {
    readonly passageCount: number;
    /** Tokens of the prompt with these passages, and how many it may have. */
    readonly window?:
      | { readonly maxPromptTokens: number; readonly count: (packed: readonly PackedPassage[]) => Promise<number> }
      | undefined;
  },
): Promise<PackedContext> {
  const dropped: DroppedPassage[] = [];
  const drop = (passage: Passage, why: DroppedPassage["why"]): void => {
    dropped.push({ chunkId: passage.chunkId, why });
  };
  const distinct = withoutRepeats(passages, (passage) => drop(passage, "repeats another"));
  for (const passage of distinct.slice(options.passageCount)) drop(passage, "over the passage count");
  const kept = distinct.slice(0, options.passageCount);

  for (;;) {
    const packed = numberPassages(kept);
    if (options.window === undefined) return { packed, dropped, promptTokens: null };
    const promptTokens = await options.window.count(packed);
    if (promptTokens <= options.window.maxPromptTokens || kept.length === 0) return { packed, dropped, promptTokens };
    // The worst-ranked one goes first.
    drop(kept.pop()!, "over the window");
  }
}

function withoutRepeats(passages: readonly Passage[], onRepeat: (passage: Passage) => void): Passage[] {
  const kept: { passage: Passage; keys: Set<string> }[] = [];
  for (const passage of passages) {
    const keys = indexTerms(passage.text);
    if (kept.some((other) => overlap(keys, other.keys) >= REPEATS_FROM)) onRepeat(passage);
    else kept.push({ passage, keys });
  }
  return kept.map(({ passage }) => passage);
}

/** Share of the smaller set that the larger one has. */
function overlap(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const smaller = Math.min(left.size, right.size);
  return smaller === 0 ? 0 : sharedCount(left, right) / smaller;
}

/** Best first; a chunk that touches a better one of its document moves beside it, in reading order. */
function numberPassages(passages: readonly Passage[]): PackedPassage[] {
  const groups: Passage[][] = [];
  for (const passage of passages) {
    const group = groups.find((members) => members.some((member) => touches(member, passage)));
    if (group === undefined) groups.push([passage]);
    else group.push(passage);
  }
  const packed: PackedPassage[] = [];
  for (const group of groups) {
    let saidUpTo = -1;
    for (const passage of group.toSorted((left, right) => left.span[0] - right.span[0])) {
      packed.push({ marker: packed.length + 1, passage, text: textAfter(passage, saidUpTo) });
      saidUpTo = passage.span[1];
    }
  }
  return packed;
}

function touches(left: Passage, right: Passage): boolean {
  const gap = Math.max(left.span[0], right.span[0]) - Math.min(left.span[1], right.span[1]);
  return left.documentId === right.documentId && gap <= 2;
}

function textAfter(passage: Passage, saidUpTo: number): string {
  const said = saidUpTo - passage.span[0];
  if (passage.header !== null || said <= 0 || saidUpTo >= passage.span[1]) return passage.text;
  return passageBody(passage).slice(said).trim();
}

/**
 * Retrieved passages → the numbered context that an answer may rest on. Passages that say the same are kept once, chunks that
 * follow each other in a document are merged into one passage, parts of one table count as one, and the whole never exceeds the
 * generator's window; whatever was left out is reported, never silently lost (G4).
 */
import type { Passage } from "@lorekeep/core";
import { areNeighbours, mergeNeighbours } from "./diversity/merge-neighbours.ts";
import { withoutRepeats } from "./diversity/near-duplicates.ts";

/** `marker` is the number that the answer cites it by; `text` is what the prompt shows. */
export interface PackedPassage {
  readonly marker: number;
  /** Of merged chunks: the best one's, its text and span grown over all of them. */
  readonly passage: Passage;
  readonly text: string;
  /** The chunks that it was merged from, in reading order; absent of a single one. */
  readonly parts?: readonly Passage[] | undefined;
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

export async function packContext(
  passages: readonly Passage[],
  options: {
    /** Chunks at most; further parts of a table that is in do not count. */
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
  const kept = withTableParts(distinct, options.passageCount);
  for (const passage of distinct) if (!kept.includes(passage)) drop(passage, "over the passage count");

  for (;;) {
    const packed = numberPassages(kept);
    if (options.window === undefined) return { packed, dropped, promptTokens: null };
    const promptTokens = await options.window.count(packed);
    if (promptTokens <= options.window.maxPromptTokens || kept.length === 0) return { packed, dropped, promptTokens };
    // The worst-ranked one goes first.
    drop(kept.pop()!, "over the window");
  }
}

/** Parts of tables beyond the passage count at most: a table is read whole, but a register of a thousand rows is not. */
const MAX_TABLE_PARTS = 6;

/** The best passages, then what else was found of the tables among them. */
function withTableParts(passages: readonly Passage[], passageCount: number): Passage[] {
  const kept: Passage[] = [];
  const isPart = (passage: Passage): boolean =>
    passage.header !== null && kept.some((other) => areNeighbours(other, passage));
  const over: Passage[] = [];
  let counted = 0;
  for (const passage of passages) {
    const isCounted = !isPart(passage);
    if (isCounted && counted >= passageCount) over.push(passage);
    else kept.push(passage);
    if (isCounted) counted += 1;
  }
  const limit = passageCount + MAX_TABLE_PARTS;
  // A part may follow one that the ranking has later, so each one found may make another fit.
  for (let at = over.findIndex(isPart); at >= 0 && kept.length < limit; at = over.findIndex(isPart))
    kept.push(...over.splice(at, 1));
  return kept.slice(0, limit);
}

function numberPassages(passages: readonly Passage[]): PackedPassage[] {
  return mergeNeighbours(passages).map(({ passage, parts }, at) => ({
    marker: at + 1,
    passage,
    text: passage.text,
    ...(parts.length > 1 && { parts }),
  }));
}

/**
 * "Which passage made it say this": every sentence of a stored answer is judged again without each passage in turn. A sentence is as
 * well supported as its best passage supports it, so what is left without one is the best of the others.
 */
import { passageMarkers } from "@lorekeep/core";
import type { ChunkId, DocumentId, Message, Span } from "@lorekeep/core";
import { makePauser } from "@lorekeep/ingest";
import { evidenceStretches, supportOf } from "../cite.ts";
import type { PackedPassage } from "../pack-context.ts";
import type { TermWeight } from "../text/term-weights.ts";

export interface PassageEffect {
  readonly marker: number;
  readonly chunkId: ChunkId;
  readonly documentId: DocumentId;
  readonly documentName: string;
  /** Support in [0,1] by this passage alone; 0 = it does not say it. */
  readonly alone: number;
  /** Support by all the others. */
  readonly without: number;
  /** What becomes of the sentence without this passage. */
  readonly effect: "falls" | "weakens" | "stays";
}

export interface SentenceAttribution {
  readonly text: string;
  readonly answerSpan: Span;
  /** Support by all passages together. */
  readonly support: number;
  /** Passages that say it, and those it was cited to; best first. */
  readonly passages: readonly PassageEffect[];
}

/** A loss of support below this changes nothing that a person would notice. */
const WEAKENS_FROM = 0.05;

/** Gives the event loop its turn between passages: long answers take half a second. Throws aborted. */
export async function attributeAnswer(
  message: Pick<Message, "text" | "citations" | "passages">,
  weight: TermWeight,
  signal?: AbortSignal,
): Promise<SentenceAttribution[]> {
  const pause = makePauser(signal);
  const read: Read[] = [];
  const markers = passageMarkers(message.passages);
  for (const [at, passage] of message.passages.entries()) {
    const packed: PackedPassage = { marker: markers[at]!, passage, text: passage.text };
    read.push({ packed, stretches: evidenceStretches(packed) });
    await pause();
  }
  const spans = new Map(message.citations.map(({ answerSpan }) => [answerSpan.join("-"), answerSpan]));
  const attributed: SentenceAttribution[] = [];
  for (const answerSpan of spans.values()) {
    const text = sentenceAt(message.text, answerSpan);
    const alone: number[] = [];
    for (const { stretches } of read) {
      alone.push(supportOf(text, stretches, weight));
      await pause();
    }
    const cited = message.citations.filter((each) => each.answerSpan.join() === answerSpan.join());
    attributed.push({ text, answerSpan, ...weighEffects(read, alone, new Set(cited.map(({ marker }) => marker))) });
  }
  return attributed;
}

interface Read {
  readonly packed: PackedPassage;
  readonly stretches: ReturnType<typeof evidenceStretches>;
}

/** `alone`: the support by each passage of `read`; `cited`: markers that the sentence bears. */
function weighEffects(
  read: readonly Read[],
  alone: readonly number[],
  cited: ReadonlySet<number>,
): Pick<SentenceAttribution, "support" | "passages"> {
  const support = Math.max(0, ...alone);
  const effects = read.flatMap(({ packed: { marker, passage } }, at): PassageEffect[] => {
    if (alone[at] === 0 && !cited.has(marker)) return [];
    const without = Math.max(0, ...alone.toSpliced(at, 1));
    const effect = without === 0 ? "falls" : without < support - WEAKENS_FROM ? "weakens" : "stays";
    const { chunkId, documentId, documentName } = passage;
    return [{ marker, chunkId, documentId, documentName, alone: alone[at]!, without, effect }];
  });
  return { support, passages: effects.toSorted((left, right) => right.alone - left.alone) };
}

/** Without its markers and without what only lays it out. */
function sentenceAt(text: string, span: Span): string {
  return text
    .slice(...span)
    .replace(/\s*(?:\[\d+\])+$/u, "")
    .replaceAll("\\|", "|");
}

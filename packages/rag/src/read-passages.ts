/**
 * A reader over the packed passages: where each of them answers the question, and how surely. Places are those of the parsed
 * text, so what the reader marks can be quoted and cited as it stands. A passage is read as it is shown, a table's repeated
 * header included; what is marked in such a header is no quote and is left out. Devlin et al. 2018, section 4.3, marks spans so;
 * which passage's span is the answer is a small fitted model over the reader's two scores and the rank of the passage.
 */
import type { Reader, Span } from "@lorekeep/core";
import type { PackedPassage } from "./pack-context.ts";
import { passageBody } from "./passage-sentences.ts";
import { ENOUGH_SCORE, SPAN_WEIGHTS } from "./reader-weights.ts";

export interface PassageReading {
  readonly packed: PackedPassage;
  /** In the parsed text; null when nothing quotable was marked. */
  readonly span: Span | null;
  /** Verbatim piece of the parsed text; "" without a span. */
  readonly text: string;
  /** Logit: this passage holds the answer rather than not. */
  readonly score: number;
  /** Logit: this passage is about the question; null of readers that do not say. */
  readonly relevance: number | null;
  /** Fused score of retrieval, relative to the best passage's. */
  readonly share: number;
  /** What the passages are ordered by: scores and retrieval together. */
  readonly rank: number;
}

export interface Reading {
  readonly reader: string;
  /** Best answer first. Passages after one that was sure enough were not read. */
  readonly passages: readonly PassageReading[];
  /** Best logits over the passages read. */
  readonly score: number;
  readonly relevance: number;
}

/** Logits beyond this say no more: the tails differ from reader to reader. */
const LOGIT_LIMIT = 12;

/** Reads best-ranked passages first. Throws model_failed, aborted. */
export async function readPassages(
  question: string,
  packed: readonly PackedPassage[],
  reader: Reader,
  signal?: AbortSignal,
): Promise<Reading> {
  const ordered = packed.toSorted((left, right) => right.passage.scores.fused - left.passage.scores.fused);
  const topFused = Math.max(ordered[0]?.passage.scores.fused ?? 0, Number.MIN_VALUE);
  const texts = ordered.map(({ passage }) => passage.text);
  const answers = await reader.read(question, texts, { signal, enough: ENOUGH_SCORE });
  const passages = answers.map(({ span, score, relevance = null }, at): PassageReading => {
    const item = ordered[at]!;
    const share = item.passage.scores.fused / topFused;
    const rank = rankOf({ score, relevance, share });
    return { packed: item, ...placeOf(item, span), score, relevance, share, rank };
  });
  return {
    reader: reader.name,
    passages: passages.toSorted((left, right) => right.rank - left.rank),
    score: clamp(Math.max(-LOGIT_LIMIT, ...passages.map(({ score }) => score))),
    relevance: clamp(Math.max(-LOGIT_LIMIT, ...passages.map(({ relevance }) => relevance ?? 0))),
  };
}

export function rankOf(
  { score, relevance, share }: Pick<PassageReading, "score" | "relevance" | "share">,
  weights = SPAN_WEIGHTS,
): number {
  return weights.score * clamp(score) + weights.relevance * clamp(relevance ?? 0) + weights.share * share;
}

/** A span of the passage as read → its place in the parsed text, cut to the part that stands there. */
function placeOf({ passage }: PackedPassage, marked: Span | null): Pick<PassageReading, "span" | "text"> {
  if (marked === null) return { span: null, text: "" };
  const body = passageBody(passage);
  const bodyAt = passage.header === null ? 0 : passage.text.length - body.length;
  const from = Math.max(0, marked[0] - bodyAt);
  const raw = body.slice(from, Math.max(from, marked[1] - bodyAt));
  const text = raw.trim();
  if (text === "") return { span: null, text: "" };
  const start = passage.span[0] + from + (raw.length - raw.trimStart().length);
  return { span: [start, start + text.length], text };
}

const clamp = (logit: number): number => Math.max(-LOGIT_LIMIT, Math.min(LOGIT_LIMIT, logit));

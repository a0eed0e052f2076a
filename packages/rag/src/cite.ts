/**
 * Answer text → checked citations. Markers are ours, never the model's: each sentence is compared with every stretch of one
 * or two sentences of the packed passages, gets the marker and a verbatim quote of the best one, or is cut. So every [n]
 * resolves to a chunk that was in the prompt (F1), every shown sentence has a passage that says it (F2), and none of it
 * depends on a model that can write JSON (F5).
 */
import type { Citation, Span } from "@lorekeep/core";
import type { ShortAnswer } from "./answer-event.ts";
import { citedChunk } from "./citation/cited-chunk.ts";
import { SUPPORT_MODEL } from "./citation/support-weights.ts";
import { readClaim, readEvidence } from "./citation/evidence.ts";
import type { EvidenceText } from "./citation/evidence.ts";
import { speaksToModel } from "./citation/speaks-to-model.ts";
import type { PackedPassage } from "./pack-context.ts";
import { passageBody, passageSentences } from "./passage-sentences.ts";
import { judgeSupport, supportFeatures } from "./support.ts";
import type { Support } from "./support.ts";
import type { TermWeight } from "./text/term-weights.ts";
import { indexTerms } from "./text/terms.ts";

export interface CitedAnswer {
  /** Supported sentences with their markers. */
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly cutSentences: readonly string[];
  /** Mean strength of the sentences that stayed, 1 = all as surely said as what is shown as supported; 0 when none stayed. */
  readonly support: number;
  /** What of the citations' quotes is the answer proper, where a reader marked it. */
  readonly shortAnswer?: ShortAnswer | undefined;
}

/** A verbatim stretch of one passage, with how well it supports a sentence. */
export interface Evidence {
  readonly packed: PackedPassage;
  readonly quote: string;
  readonly span: Span;
  readonly support: number;
  /** What was compared; absent for a sentence that is its own quote. */
  readonly check?: Support | undefined;
}

const MAX_MARKERS_PER_SENTENCE = 2;
/** A second passage is cited too when it supports the sentence nearly as well as the first. */
const SECOND_MARKER_WITHIN = 0.05;
/** On about equal support the shorter quote is the better one: a second sentence must add this much. */
const SECOND_SENTENCE_ADDS = 0.03;

export function citeSentences(
  sentences: readonly string[],
  packed: readonly PackedPassage[],
  weight: TermWeight,
): CitedAnswer {
  const stretches = packed.flatMap(evidenceStretches);
  const supported: { sentence: string; evidence: readonly Evidence[] }[] = [];
  const cutSentences: string[] = [];
  for (const sentence of sentences) {
    const evidence = findEvidence(sentence, stretches, weight);
    if (evidence.length === 0) cutSentences.push(sentence);
    else supported.push({ sentence, evidence });
  }
  const total = supported.reduce((sum, { evidence }) => sum + strengthOf(evidence), 0);
  const support = supported.length === 0 ? 0 : total / supported.length;
  return { ...writeAnswer(supported), cutSentences, support };
}

/** How strongly these stretches support one sentence: 1 = as surely said as what is shown as supported, 0 = not said. */
export function supportOf(sentence: string, stretches: readonly Stretch[], weight: TermWeight): number {
  return strengthOf(findEvidence(sentence, stretches, weight));
}

const strengthOf = ([best]: readonly Evidence[]): number =>
  best === undefined ? 0 : Math.min(1, best.support / SUPPORT_MODEL.supportedFrom);

/** What of a passage may be evidence. */
export const evidenceStretches = (packed: PackedPassage): Stretch[] =>
  speaksToModel(packed.passage.text) ? [] : readStretches(packed);

/** Sentences and their evidence → text with markers, and the citations that the markers stand for. */
export function writeAnswer(supported: readonly { sentence: string; evidence: readonly Evidence[] }[]): {
  text: string;
  citations: Citation[];
} {
  let text = "";
  const citations: Citation[] = [];
  for (const { sentence, evidence } of supported) {
    if (text !== "") text += " ";
    const start = text.length;
    text += `${sentence} ${evidence.map(({ packed }) => `[${packed.marker}]`).join("")}`;
    const answerSpan: Span = [start, text.length];
    for (const { packed, quote, span, support, check } of evidence) {
      const { chunkId, documentId, documentName, page } = citedChunk(packed, span);
      const verdict = check?.verdict === "weak" ? "weak" : "supported";
      citations.push({
        ...{ marker: packed.marker, chunkId, documentId, documentName, page },
        ...{ quote, span, answerSpan, supported: verdict === "supported", support, verdict },
        ...(check && { features: check.features }),
      });
    }
  }
  return { text, citations };
}

export interface Stretch {
  readonly packed: PackedPassage;
  readonly quote: string;
  readonly span: Span;
  readonly sentenceCount: number;
  readonly evidence: EvidenceText;
}

/** Every sentence, every two neighbouring ones, and every row: a row says what it says alone, without its neighbours. */
export function readStretches(packed: PackedPassage): Stretch[] {
  const { passage } = packed;
  const body = passageBody(passage);
  const headings = indexTerms([passage.documentName, ...passage.headings].join("\n"));
  const surroundings = indexTerms(body);
  const sentences = passageSentences(passage);
  const before = new Set<string>();
  return sentences.flatMap((first, at) => {
    const told = new Set(before);
    for (const key of first.keys) before.add(key);
    const second = sentences[at + 1];
    const isPair = first.kind === "sentence" && second?.kind === "sentence";
    return [[first], ...(isPair ? [[first, second]] : [])].map((parts): Stretch => {
      const span: Span = [first.span[0], parts.at(-1)!.span[1]];
      const quote = body.slice(span[0] - passage.span[0], span[1] - passage.span[0]);
      const evidence = readEvidence(parts, { headings, surroundings, before: told, isRow: first.kind === "row" });
      return { packed, quote, span, sentenceCount: parts.length, evidence };
    });
  });
}

/** The best stretch, and one of another passage when it is about as good; empty when nothing supports the sentence. */
function findEvidence(sentence: string, stretches: readonly Stretch[], weight: TermWeight): Evidence[] {
  const claim = readClaim(sentence);
  if (claim.terms.length === 0) return [];
  const best = new Map<number, Evidence & { readonly rank: number }>();
  for (const { packed, quote, span, sentenceCount, evidence } of stretches) {
    const features = supportFeatures(claim, evidence, weight);
    if (features === null) continue;
    const check = judgeSupport(features);
    if (check.verdict === "cut") continue;
    const support = check.probability;
    const rank = support - (sentenceCount - 1) * SECOND_SENTENCE_ADDS;
    if (rank > (best.get(packed.marker)?.rank ?? 0))
      best.set(packed.marker, { packed, quote, span, support, check, rank });
  }
  const ranked = [...best.values()].sort((left, right) => right.rank - left.rank);
  return ranked.filter(({ rank }) => rank >= ranked[0]!.rank - SECOND_MARKER_WITHIN).slice(0, MAX_MARKERS_PER_SENTENCE);
}

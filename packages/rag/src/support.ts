/**
 * Does a stretch of a passage say what a sentence of the answer says? A few features that a person can read, in one score:
 * the share of the sentence's telling words that stand there, how many of its word pairs keep their order, and vetoes for
 * numbers and names that do not occur at all and for a negation on one side only.
 */
import type { TermWeight } from "./text/term-weights.ts";
import { contentTerms, distinctKeys, indexTerms } from "./text/terms.ts";
import type { Term } from "./text/terms.ts";

/** What stands around a stretch of a passage. */
export interface EvidenceContext {
  /** Terms of the document's name and the heading path. */
  readonly headings: ReadonlySet<string>;
  /** Terms of the whole passage: what "it" in the stretch may stand for. */
  readonly surroundings: ReadonlySet<string>;
  /** A row of a table speaks for itself alone. */
  readonly isRow: boolean;
}

/** A stretch of a passage, read once and compared with many sentences. */
export interface EvidenceText extends EvidenceContext {
  /** Its sentences, one or two. */
  readonly parts: readonly { readonly keys: ReadonlySet<string>; readonly isNegated: boolean }[];
  readonly keys: ReadonlySet<string>;
  /** term → its places among the content terms. */
  readonly places: ReadonlyMap<string, readonly number[]>;
}

export interface SupportFeatures {
  /** Weighted share of content terms found, in [0,1]; one found only around the stretch counts half. */
  readonly coverage: number;
  /** Share of neighbouring content terms that come in the same order, at most four terms apart, in [0,1]. */
  readonly order: number;
  readonly missingNumbers: number;
  readonly missingNames: number;
  readonly negationDiffers: boolean;
  /** A row that lacks what the sentence is about: its number belongs to something else. */
  readonly isOtherRow: boolean;
}

/** From this score on a sentence counts as supported. */
export const SUPPORTED_FROM = 0.6;
const ORDER_WINDOW = 4;
const ROW_COVERAGE = 0.85;
const NEGATION =
  /\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b|不|没|沒|未|无法|無法|并非|並非/iu;

export function readEvidence(sentences: readonly string[], context: EvidenceContext): EvidenceText {
  const text = sentences.join(" ");
  const places = new Map<string, number[]>();
  for (const [index, { key }] of contentTerms(text).entries()) places.set(key, [...(places.get(key) ?? []), index]);
  const parts = sentences.map((part) => ({ keys: indexTerms(part), isNegated: NEGATION.test(part) }));
  return { ...context, parts, keys: indexTerms(text), places };
}

export function supportFeatures(
  sentence: { readonly text: string; readonly terms: readonly Term[] },
  evidence: EvidenceText,
  weight: TermWeight,
): SupportFeatures {
  const { keys, headings, surroundings } = evidence;
  const isThere = (key: string): boolean => keys.has(key) || headings.has(key);
  const ofKinds = (...kinds: Term["kind"][]): string[] =>
    distinctKeys(sentence.terms.filter((term) => kinds.includes(term.kind)));
  const coverage = coverageAround(distinctKeys(sentence.terms), evidence, weight);
  return {
    coverage,
    order: orderShare(sentence.terms, evidence),
    missingNumbers: ofKinds("number", "identifier").filter((key) => !isThere(key)).length,
    missingNames: ofKinds("name").filter((key) => !isThere(key) && !surroundings.has(key)).length,
    negationDiffers: NEGATION.test(sentence.text) !== isNegatedThere(sentence.terms, evidence),
    isOtherRow: evidence.isRow && coverage < ROW_COVERAGE,
  };
}

/** In [0,1]. A missing number or another row is a veto; a missing name or a negation on one side only halves what is there. */
export function supportScore(features: SupportFeatures): number {
  if (features.missingNumbers > 0 || features.isOtherRow) return 0;
  const base = 0.8 * features.coverage + 0.2 * features.order;
  return base * (features.missingNames > 0 ? 0.5 : 1) * (features.negationDiffers ? 0.5 : 1);
}

/** Of the sentence that shares most with the claim: its neighbour's "never" says nothing about it. */
function isNegatedThere(terms: readonly Term[], { parts }: EvidenceText): boolean {
  const shared = parts.map(({ keys }) => terms.filter(({ key }) => keys.has(key)).length);
  return parts[shared.indexOf(Math.max(...shared))]?.isNegated ?? false;
}

function coverageAround(keys: readonly string[], evidence: EvidenceText, weight: TermWeight): number {
  let total = 0;
  let found = 0;
  for (const key of keys) {
    total += weight(key);
    if (evidence.keys.has(key)) found += weight(key);
    else if (evidence.headings.has(key) || (!evidence.isRow && evidence.surroundings.has(key)))
      found += weight(key) / 2;
  }
  return total === 0 ? 0 : found / total;
}

function orderShare(terms: readonly Term[], { places }: EvidenceText): number {
  if (terms.length < 2) return 1;
  let kept = 0;
  for (let index = 1; index < terms.length; index++) {
    const left = places.get(terms[index - 1]!.key) ?? [];
    const right = places.get(terms[index]!.key) ?? [];
    if (left.some((from) => right.some((to) => to > from && to - from <= ORDER_WINDOW))) kept++;
  }
  return kept / (terms.length - 1);
}

/**
 * Does a stretch of a passage say what a sentence of the answer says? A small logistic model over features that a person can read: how
 * much of the sentence stands there and in which order, whether its numbers and names do and beside what, and the small words that
 * turn a sentence round or make it say more. What it says is shown: supported, weak, or the sentence is cut. The weights are fitted
 * on public texts (citation/support-weights.ts); a number that stands nowhere, and another row of a table, are vetoes.
 */
import { readQuantities, withDigits } from "./citation/quantities.ts";
import { SUPPORT_MODEL } from "./citation/support-weights.ts";
import type { SupportModel } from "./citation/support-weights.ts";
import { compareOrder } from "./citation/term-order.ts";
import { isDenied, isOpposed, isTooStrong, readWording } from "./citation/wording.ts";
import type { Wording } from "./citation/wording.ts";
import type { TermWeight } from "./text/term-weights.ts";
import { contentTerms, distinctKeys, indexTerms } from "./text/terms.ts";
import type { Term } from "./text/terms.ts";

/** What stands around a stretch of a passage. */
export interface EvidenceContext {
  /** Terms of the document's name and the heading path. */
  readonly headings: ReadonlySet<string>;
  /** Terms of the whole passage: what "it" in the stretch may stand for. */
  readonly surroundings: ReadonlySet<string>;
  /** Terms of the passage up to the stretch: whom "she" in the stretch may stand for. */
  readonly before: ReadonlySet<string>;
  /** A row of a table speaks for itself alone. */
  readonly isRow: boolean;
}

/** One sentence of a stretch. */
interface EvidencePart {
  readonly keys: ReadonlySet<string>;
  readonly wording: Wording;
}

/** A stretch of a passage, compared with many sentences. */
export interface EvidenceText extends EvidenceContext {
  readonly keys: ReadonlySet<string>;
  /** Read when first asked for: most stretches share too little with any sentence. */
  readonly detail: () => EvidenceDetail;
}

export interface EvidenceDetail {
  readonly text: string;
  /** Its sentences, one or two. */
  readonly parts: readonly EvidencePart[];
  readonly wording: Wording;
  /** Its content terms in order. */
  readonly terms: readonly Term[];
  /** term → its places among the content terms. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  readonly quantities: ReadonlySet<string>;
  readonly refersBack: boolean;
}

/** A sentence of the answer, read once and compared with many stretches. */
export interface Claim {
  readonly text: string;
  readonly terms: readonly Term[];
  readonly keys: readonly string[];
  /** Keys of the names, "Ada" of a leading "Ada Hollin" among them. */
  readonly names: readonly string[];
  readonly indexed: ReadonlySet<string>;
  readonly quantities: ReadonlySet<string>;
  readonly wording: Wording;
}

/** Shares lie in [0,1]; counts are at most 2; yes is 1. */
export type SupportFeatures = {
  /** Weighted share of content terms found; one found only around the stretch counts half. */
  readonly coverage: number;
  /** Weight of the most telling term that the stretch lacks. */
  readonly lacking: number;
  /** Share of neighbouring content terms that come in the same order, at most four terms apart. */
  readonly order: number;
  /** Share of the terms found that stand outside the longest run in the sentence's order. */
  readonly scrambled: number;
  /** Share of the numbers that stand beside other words there. */
  readonly strayNumbers: number;
  /** Names that do not occur up to the stretch's end. */
  readonly missingNames: number;
  /** Names that stand before a stretch that does not refer back. */
  readonly borrowedNames: number;
  /** Two names or numbers of one clause that have changed places. */
  readonly swapped: number;
  /** Share of the terms that are on the wrong side of the border between the two sentences of the stretch. */
  readonly crossing: number;
  /** Names and numbers passed over between two neighbouring terms. */
  readonly skipped: number;
  readonly negationDiffers: number;
  readonly tooStrong: number;
  readonly opposed: number;
  /** Quantities that stand nowhere: a veto. */
  readonly missingNumbers: number;
  /** A row that lacks what the sentence is about, so that its number belongs to something else: a veto. */
  readonly otherRow: number;
};

export type SupportVerdict = "supported" | "weak" | "cut";

export interface Support {
  readonly verdict: SupportVerdict;
  /** That the stretch says what the sentence says, in [0,1]. */
  readonly probability: number;
  readonly features: SupportFeatures;
}

/** Less of a sentence found than this never made it supported. */
const COVERED_FROM = 0.4;
const ROW_COVERAGE = 0.85;
const MOST = 2;
const REFERS_BACK =
  /\b(?:it|its|he|him|his|she|her|hers|they|them|their|this|these|that|those|such|both|there|the)\b|[它他她其该該此这這]/iu;

export function readClaim(sentence: string): Claim {
  const text = withDigits(sentence);
  const terms = contentTerms(text);
  const [keys, indexed] = [distinctKeys(terms), indexTerms(text)];
  const [first, second] = terms;
  const isLed = second?.kind === "name" && first?.kind === "word" && second.start === first.end + 1;
  const names = distinctKeys(terms.filter((term) => term.kind === "name" || (isLed && term === first)));
  return { text, terms, keys, names, indexed, quantities: readQuantities(text), wording: readWording(text) };
}

export function readEvidence(
  sentences: readonly { readonly readAs: string; readonly keys: ReadonlySet<string> }[],
  context: EvidenceContext,
): EvidenceText {
  const parts = sentences.map(({ readAs, keys }) => {
    const text = withDigits(readAs);
    return { text, keys: text === readAs ? keys : indexTerms(text) };
  });
  const keys = parts.length === 1 ? parts[0]!.keys : new Set(parts.flatMap((part) => [...part.keys]));
  let detail: EvidenceDetail | undefined;
  return { ...context, keys, detail: () => (detail ??= readDetail(parts)) };
}

function readDetail(
  sentences: readonly { readonly text: string; readonly keys: ReadonlySet<string> }[],
): EvidenceDetail {
  const text = sentences.map((sentence) => sentence.text).join(" ");
  const terms = contentTerms(text);
  const places = new Map<string, number[]>();
  for (const [index, { key }] of terms.entries()) places.set(key, [...(places.get(key) ?? []), index]);
  const wording = readWording(text);
  const parts = sentences.map((sentence) => ({
    keys: sentence.keys,
    wording: sentences.length === 1 ? wording : readWording(sentence.text),
  }));
  return { text, parts, wording, terms, places, quantities: readQuantities(text), refersBack: REFERS_BACK.test(text) };
}

/** Null when the two share too little to be worth a closer look. */
export function supportFeatures(claim: Claim, evidence: EvidenceText, weight: TermWeight): SupportFeatures | null {
  const { covered, lacking } = coverClaim(claim.keys, evidence, weight);
  if (covered < COVERED_FROM) return null;
  const { keys, headings, before, surroundings } = evidence;
  const detail = evidence.detail();
  const isThere = (key: string): boolean => keys.has(key) || headings.has(key);
  const names = claim.names.filter((key) => !isThere(key));
  const identifiers = distinctKeys(claim.terms.filter(({ kind }) => kind === "identifier"));
  const missing = [...claim.quantities].filter((key) => !detail.quantities.has(key) && !isThere(key));
  const part = nearestPart(claim.terms, detail);
  const count = (found: readonly unknown[]): number => Math.min(MOST, found.length);
  return {
    coverage: covered,
    lacking,
    ...compareOrder(claim, detail, headings),
    missingNames: count(names.filter((key) => !before.has(key) && !(surroundings.has(key) && evidence.isRow))),
    borrowedNames: detail.refersBack ? 0 : count(names.filter((key) => before.has(key))),
    negationDiffers: isDenied(claim.wording, detail.wording, claim.indexed) ? 1 : 0,
    tooStrong: isTooStrong(claim.wording, detail.wording, claim.indexed) ? 1 : 0,
    opposed: isOpposed(claim.wording, part.wording) ? 1 : 0,
    missingNumbers: count([...missing, ...identifiers.filter((key) => !isThere(key) && !missing.includes(key))]),
    otherRow: evidence.isRow && covered < ROW_COVERAGE ? 1 : 0,
  };
}

export function judgeSupport(features: SupportFeatures, model: SupportModel = SUPPORT_MODEL): Support {
  const probability = features.missingNumbers > 0 || features.otherRow > 0 ? 0 : probabilityOf(features, model);
  const { supportedFrom, weakFrom } = model;
  const verdict = probability >= supportedFrom ? "supported" : probability >= weakFrom ? "weak" : "cut";
  return { verdict, probability, features };
}

function probabilityOf(features: SupportFeatures, { bias, weights }: SupportModel): number {
  let logit = bias;
  for (const [name, weight] of Object.entries(weights)) logit += weight * features[name as keyof SupportFeatures]; // Object.entries widens the keys of the model's own table
  return 1 / (1 + Math.exp(-logit));
}

/** The sentence that shares most with the claim: its neighbour's "never" says nothing about it. */
function nearestPart(terms: readonly Term[], { parts }: EvidenceDetail): EvidencePart {
  const shared = parts.map(({ keys }) => terms.filter(({ key }) => keys.has(key)).length);
  return parts[shared.indexOf(Math.max(...shared))]!;
}

function coverClaim(
  keys: readonly string[],
  evidence: EvidenceText,
  weight: TermWeight,
): { covered: number; lacking: number } {
  let [total, found, lacking] = [0, 0, 0];
  for (const key of keys) {
    const own = weight(key);
    total += own;
    if (evidence.keys.has(key)) {
      found += own;
      continue;
    }
    const isNear = evidence.headings.has(key) || (!evidence.isRow && evidence.surroundings.has(key));
    if (isNear) found += own / 2;
    lacking = Math.max(lacking, isNear ? own / 2 : own);
  }
  return { covered: total === 0 ? 0 : found / total, lacking };
}

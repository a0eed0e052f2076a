/**
 * Does a stretch of a passage say what a sentence of the answer says? A small logistic model over features that a person can read: how
 * much of the sentence stands there and in which order, whether its numbers and names do and beside what, and the small words that
 * turn a sentence round or make it say more. What it says is shown: supported, weak, or the sentence is cut. The weights are fitted
 * on public texts (citation/support-weights.ts); a number that stands nowhere, and another row of a table, are vetoes.
 */
import type { Claim, EvidenceDetail, EvidencePart, EvidenceText } from "./citation/evidence.ts";
import type { SupportFeatures } from "./citation/support-features.ts";
import { SUPPORT_MODEL } from "./citation/support-weights.ts";
import type { SupportModel } from "./citation/support-weights.ts";
import { compareOrder } from "./citation/term-order.ts";
import { isDenied, isOpposed, isTooStrong } from "./citation/wording.ts";
import type { TermWeight } from "./text/term-weights.ts";
import { distinctKeys } from "./text/terms.ts";
import type { Term } from "./text/terms.ts";

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
  for (const [name, weight = 0] of Object.entries(weights)) logit += weight * features[name as keyof SupportFeatures]; // Object.entries widens the keys of the model's own table
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

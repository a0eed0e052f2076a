/**
 * The two sides of a support check as they are read: a sentence of the answer, and a stretch of one or two sentences of a passage with
 * what stands around it. Number words are read as digits, so that "six months" and 6 months are one.
 */
import { contentTerms, distinctKeys, indexTerms } from "../text/terms.ts";
import type { Term } from "../text/terms.ts";
import { readQuantities, withDigits } from "./quantities.ts";
import { readWording } from "./wording.ts";
import type { Wording } from "./wording.ts";

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
export interface EvidencePart {
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

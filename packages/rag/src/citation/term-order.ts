/**
 * Who did what to whom, as far as the order of words tells: the same words in another order, a number beside another noun, two names
 * that have changed places, words of two sentences mixed into one. All of it over the content terms of sentence and source.
 */
import type { Term } from "../text/terms.ts";
import type { Claim, EvidenceDetail } from "./evidence.ts";
import type { SupportFeatures } from "./support-features.ts";

const WINDOW = 4;
/** A number's neighbours are those within this many content terms. */
const BESIDE = 2;
const YEAR = /^(?:1\d|20)\d\d$/;
/** Fewer terms than this are no clause of their own. */
const CLAUSE_TERMS = 3;
const PASSIVE = /\bby\b|被|由/iu;

type OrderFeatures = Pick<SupportFeatures, "order" | "strayNumbers" | "swapped" | "crossing">;

export function compareOrder(claim: Claim, evidence: EvidenceDetail, headings: ReadonlySet<string>): OrderFeatures {
  return {
    order: orderShare(claim.terms, evidence),
    strayNumbers: strayShare(claim.terms, evidence),
    swapped: isSwapped(claim, evidence) ? 1 : 0,
    crossing: crossingShare(claim.terms, evidence, headings),
  };
}

function orderShare(terms: readonly Term[], { places }: EvidenceDetail): number {
  if (terms.length < 2) return 1;
  let kept = 0;
  for (let index = 1; index < terms.length; index++) {
    const left = places.get(terms[index - 1]!.key) ?? [];
    const right = places.get(terms[index]!.key) ?? [];
    if (left.some((from) => right.some((to) => to > from && to - from <= WINDOW))) kept++;
  }
  return kept / (terms.length - 1);
}

/** Of the numbers that stand in the source, those of which no occurrence has a neighbour in common. */
function strayShare(terms: readonly Term[], evidence: EvidenceDetail): number {
  let [numbers, stray] = [0, 0];
  for (const [at, { key, kind }] of terms.entries()) {
    const there = evidence.places.get(key);
    if (kind !== "number" || there === undefined || (YEAR.test(key) && isOnlyYear(evidence.terms))) continue;
    numbers++;
    const besides = neighbours(terms, at);
    const isAtHome = there.some((place) => {
      const told = neighbours(evidence.terms, place);
      return (
        besides.after.every((other) => told.around.has(other)) && besides.before.some((other) => told.around.has(other))
      );
    });
    const isNear = there.some((place) =>
      besides.all.some((other) => neighbours(evidence.terms, place).around.has(other)),
    );
    stray += besides.all.length === 0 || isAtHome ? 0 : isNear ? 0.5 : 1;
  }
  return numbers === 0 ? 0 : stray / numbers;
}

/** "In 2009" may stand anywhere in its sentence. */
const isOnlyYear = (terms: readonly Term[]): boolean => terms.filter(({ key }) => YEAR.test(key)).length === 1;

function neighbours(terms: readonly Term[], at: number) {
  const keys = (from: number, to: number): string[] =>
    terms.slice(Math.max(0, from), Math.max(0, to)).map(({ key }) => key);
  const [before, after] = [keys(at - BESIDE, at), keys(at + 1, at + 2)];
  const around = new Set([...keys(at - BESIDE, at), ...keys(at + 1, at + 1 + BESIDE)]);
  return { before, after, all: [...before, ...after], around };
}

/** "A bought B" for "B bought A", "9 to 6" for "6 to 9": unless one of the two is in the passive. */
function isSwapped({ text, terms }: Claim, evidence: EvidenceDetail): boolean {
  const isTurned = PASSIVE.test(text) !== PASSIVE.test(evidence.text);
  const placed = terms.filter(({ key }) => evidence.places.has(key));
  const inverted = (left: string, right: string): boolean => {
    const [from, to] = [evidence.places.get(left)!, evidence.places.get(right)!];
    return left !== right && Math.min(...to) < Math.min(...from) && Math.max(...to) < Math.min(...from);
  };
  // The first word of a sentence is no name by its capital: the other side may tell.
  const known = new Set([...terms, ...evidence.terms].filter(({ kind }) => kind === "name").map(({ key }) => key));
  const names = placed.filter(({ key }) => known.has(key));
  const namesSwapped =
    !isTurned &&
    names.some(
      ({ key }, at) => at > 0 && inverted(names[at - 1]!.key, key) && areApart(placed, names[at - 1]!, names[at]!),
    );
  const numbersSwapped = terms.some(({ key, kind }, at) => {
    const left = terms[at - 1];
    const isPair =
      kind === "number" && left?.kind === "number" && evidence.places.has(key) && evidence.places.has(left.key);
    return isPair && inverted(left.key, key);
  });
  return namesSwapped || numbersSwapped;
}

/** Something stands between two names, so that they are not one name. */
const areApart = (terms: readonly Term[], left: Term, right: Term): boolean =>
  right.start - left.end > 1 || terms.indexOf(right) - terms.indexOf(left) > 1;

/** For the best cut of the claim into a head said by one sentence and a tail said by the other: terms on the wrong side. */
function crossingShare(terms: readonly Term[], { parts }: EvidenceDetail, headings: ReadonlySet<string>): number {
  const [first, second] = parts;
  if (first === undefined || second === undefined || terms.length === 0) return 0;
  const told = terms.filter(({ key }) => !headings.has(key) && (first.keys.has(key) || second.keys.has(key)));
  const isIn = (keys: ReadonlySet<string>): boolean[] => told.map(({ key }) => keys.has(key));
  let fewest = told.length;
  for (const [head, tail] of [
    [isIn(first.keys), isIn(second.keys)],
    [isIn(second.keys), isIn(first.keys)],
  ] as const) {
    // All in the tail, then one term after another moves over to the head.
    let wrong = tail.filter((isThere) => !isThere).length;
    fewest = Math.min(fewest, wrong);
    for (let cut = 1; cut <= told.length; cut++) {
      wrong += (head[cut - 1] ? 0 : 1) - (tail[cut - 1] ? 0 : 1);
      const isCut = cut === told.length || (cut >= CLAUSE_TERMS && told.length - cut >= CLAUSE_TERMS);
      if (isCut) fewest = Math.min(fewest, wrong);
    }
  }
  return fewest / terms.length;
}

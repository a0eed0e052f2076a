/**
 * Which sentences stand for a text: those nearest to the middle of their section and of the whole (the centroid of Radev et al.
 * 2004, over weighted terms instead of vectors, so that a book takes milliseconds), early ones before late ones, each saying
 * something that the ones before it did not.
 */
import { isAnnouncement } from "../lead.ts";
import type { PassageSentence } from "../passage-sentences.ts";
import type { TermWeight } from "../text/term-weights.ts";
import { contentTerms, distinctKeys } from "../text/terms.ts";

export type Bag = ReadonlyMap<string, number>;

/** Shares of a sentence's score. */
const WEIGHTS = { section: 0.5, whole: 0.3, early: 0.2 };
const OPENS_WITH_REFERENCE_COSTS = 0.15;
const ROW_COSTS = 0.2;
const MIN_TERMS = 4;
const MAX_TERMS = 60;
/** A sentence this near to one already chosen says it again. */
const SAYS_IT_AGAIN_FROM = 0.55;
const OPENS_WITH_REFERENCE =
  /^(?:it|its|they|their|he|she|his|her|this|these|that|those|such|however|therefore|thus|but|also|and|so|then)\b|^(?:它|他|她|其|这|這|该|該|此|但|因此|所以|另外|然而)/iu;

/** Unit vector over the terms of a text; empty for a text without any. */
export function bagOf(text: string, weight: TermWeight): Bag {
  const keys = distinctKeys(contentTerms(text));
  return unit(new Map(keys.map((key) => [key, weight(key)])));
}

export function centroidOf(bags: readonly Bag[]): Bag {
  const sum = new Map<string, number>();
  for (const bag of bags) for (const [key, value] of bag) sum.set(key, (sum.get(key) ?? 0) + value);
  return unit(sum);
}

export function cosine(left: Bag, right: Bag): number {
  const [small, large] = left.size <= right.size ? [left, right] : [right, left];
  let sum = 0;
  for (const [key, value] of small) sum += value * (large.get(key) ?? 0);
  return sum;
}

function unit(bag: Map<string, number>): Bag {
  let squares = 0;
  for (const value of bag.values()) squares += value ** 2;
  const length = Math.sqrt(squares);
  if (length === 0) return new Map();
  return new Map([...bag].map(([key, value]) => [key, value / length]));
}

export interface CentralSentence<Item> {
  readonly item: Item;
  readonly bag: Bag;
  readonly score: number;
}

/** The sentences of one section that can stand for it, best first. `whole`: centroid of the document. */
export function rankCentral<Item extends { readonly sentence: PassageSentence }>(
  items: readonly Item[],
  whole: Bag,
  weight: TermWeight,
): CentralSentence<Item>[] {
  const bags = items.map(({ sentence }) => bagOf(sentence.readAs, weight));
  const middle = centroidOf(bags);
  const scored = items.flatMap((item, at): CentralSentence<Item>[] => {
    const { sentence } = item;
    const bag = bags[at]!;
    if (bag.size < MIN_TERMS || bag.size > MAX_TERMS || isAnnouncement(sentence)) return [];
    const score =
      WEIGHTS.section * cosine(bag, middle) +
      WEIGHTS.whole * cosine(bag, whole) +
      WEIGHTS.early * (1 - at / items.length) -
      // The first sentence has nothing before it that it could refer to: "This handbook is for …".
      (at > 0 && OPENS_WITH_REFERENCE.test(sentence.text) ? OPENS_WITH_REFERENCE_COSTS : 0) -
      (sentence.kind === "row" ? ROW_COSTS : 0);
    return [{ item, bag, score }];
  });
  return scored.sort((left, right) => right.score - left.score);
}

/** Best first without repetitions of `said` or of each other, at most `limit`. */
export function pickCentral<Item>(
  ranked: readonly CentralSentence<Item>[],
  said: readonly Bag[],
  limit: number,
): CentralSentence<Item>[] {
  const picked: CentralSentence<Item>[] = [];
  for (const candidate of ranked) {
    if (picked.length >= limit) break;
    const bags = [...said, ...picked.map(({ bag }) => bag)];
    if (bags.every((bag) => cosine(bag, candidate.bag) < SAYS_IT_AGAIN_FROM)) picked.push(candidate);
  }
  return picked;
}

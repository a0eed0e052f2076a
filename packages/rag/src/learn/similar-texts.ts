/**
 * Near-duplicates among thousands of short texts without comparing each pair: shingles, their MinHash signature, and bands
 * of it as buckets, so that only texts that share a bucket are compared exactly (Broder 1997; Leskovec et al., Mining of
 * Massive Datasets, chapter 3). Words make shingles of a spaced script, characters those of Chinese.
 */
import { answerTokens } from "../evaluation/metrics.ts";
import { seededRandom } from "../evaluation/seeded-random.ts";

/** With 4 values a band, pairs of Jaccard 0.7 share one of 24 bands with probability 0.998, pairs of 0.2 with 0.04. */
const BANDS = 24;
const BAND_LENGTH = 4;

/** Single tokens and neighbouring pairs: short questions have too few longer runs to be told apart by. */
export function shinglesOf(text: string): Set<string> {
  const tokens = answerTokens(text);
  const shingles = new Set(tokens);
  for (let at = 1; at < tokens.length; at++) shingles.add(`${tokens[at - 1]} ${tokens[at]}`);
  return shingles;
}

/** Share of what both have of what either has; 0 for two empty ones. */
export function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let both = 0;
  for (const shingle of left) if (right.has(shingle)) both++;
  const either = left.size + right.size - both;
  return either === 0 ? 0 : both / either;
}

export interface SimilarOptions {
  /** Jaccard from which two texts are a pair. */
  readonly threshold: number;
  /** One for each text: texts of different kinds are never a pair, and cost nothing beside each other. */
  readonly kinds?: readonly string[] | undefined;
}

/** Pairs of places [earlier, later] whose shingles have at least this Jaccard, in order of the later one. */
export function findSimilar(texts: readonly string[], options: SimilarOptions): [number, number][] {
  return drain(findingSimilar(texts, options));
}

/** The same, resting after each text: whoever walks it decides when others may run. */
export function* findingSimilar(
  texts: readonly string[],
  { threshold, kinds }: SimilarOptions,
): Generator<void, [number, number][]> {
  const shingles: Set<string>[] = [];
  const coefficients = hashCoefficients(BANDS * BAND_LENGTH);
  const buckets = new Map<string, number[]>();
  const pairs: [number, number][] = [];
  for (const [at, text] of texts.entries()) {
    const own = shinglesOf(text);
    shingles.push(own);
    const compared = new Set<number>();
    const kind = kinds?.[at] ?? "";
    for (const band of bandKeys(signatureOf(own, coefficients))) {
      const key = `${kind} ${band}`;
      const bucket = buckets.get(key) ?? [];
      for (const other of bucket) compared.add(other);
      bucket.push(at);
      buckets.set(key, bucket);
    }
    let since = 0;
    for (const other of [...compared].sort((left, right) => left - right)) {
      if (jaccard(shingles[other]!, own) >= threshold) pairs.push([other, at]);
      if (++since % REST_AFTER === 0) yield;
    }
    yield;
  }
  return pairs;
}

/** Comparisons of one text with others between two rests: texts from one template all share a bucket. */
const REST_AFTER = 500;

/** Walks to the end without resting. */
export function drain<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

function signatureOf(shingles: ReadonlySet<string>, coefficients: Uint32Array): Uint32Array {
  const count = coefficients.length / 2;
  const signature = new Uint32Array(count).fill(0xffffffff);
  for (const shingle of shingles) {
    const hash = hashOf(shingle);
    for (let at = 0; at < count; at++) {
      const mixed = (Math.imul(hash, coefficients[2 * at]!) + coefficients[2 * at + 1]!) >>> 0;
      const value = (mixed ^ (mixed >>> 15)) >>> 0;
      if (value < signature[at]!) signature[at] = value;
    }
  }
  return signature;
}

function* bandKeys(signature: Uint32Array): Generator<string> {
  for (let band = 0; band < BANDS; band++)
    yield `${band}:${signature.subarray(band * BAND_LENGTH, (band + 1) * BAND_LENGTH).join()}`;
}

/** Odd multipliers and offsets: each pair is one hash function. */
function hashCoefficients(count: number): Uint32Array {
  const random = seededRandom(count);
  return Uint32Array.from({ length: 2 * count }, (_, at) => Math.floor(random() * 2 ** 32) | (at % 2 === 0 ? 1 : 0));
}

/** FNV-1a, finished as MurmurHash3 does, so that similar shingles land far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

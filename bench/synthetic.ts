/** Synthetic chunks for measuring search at sizes that nobody wants to embed: Zipf words, clustered unit vectors, seeded. */
import { createHash } from "node:crypto";
import type { ChunkDraft } from "@lorekeep/core";

/** mulberry32: small, seeded, good enough for test data. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SYLLABLES = "ka lo mi ter ran sol ven dar qui pel os tra ne gul bar fin cho wes til mor".split(" ");
const STOP = "the of and to in a is that for it was on are as with they be at this from".split(" ");

/** A vocabulary of 30,000 words by rank; the first ranks are English stop words, as in real text. */
function wordOf(rank: number): string {
  if (rank < STOP.length) return STOP[rank] ?? "the";
  let value = rank - STOP.length + 20;
  let word = "";
  while (value > 0) {
    word += SYLLABLES[value % SYLLABLES.length] ?? "";
    value = Math.floor(value / SYLLABLES.length);
  }
  return word;
}

/** `count` words by Zipf's law. */
export function zipfText(random: () => number, count: number): string {
  const words: string[] = [];
  for (let index = 0; index < count; index += 1) words.push(wordOf(Math.floor(30_000 ** random()) - 1));
  return `${words.join(" ")}.`;
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface VectorSpace {
  draw(): Float32Array;
}

/** Unit vectors around `clusterCount` centres that share a mean, as sentence embeddings do. */
export function clusteredVectors(random: () => number, dimensions: number, clusterCount = 200): VectorSpace {
  const normal = (scale: number) => Float32Array.from({ length: dimensions }, () => gaussian(random) * scale);
  const mean = normal(0.03);
  const centres = Array.from({ length: clusterCount }, () => normal(0.05));
  return {
    draw() {
      const centre = centres[Math.floor(random() * clusterCount)] ?? mean;
      const vector = normal(0.03).map((value, index) => value + (mean[index] ?? 0) + (centre[index] ?? 0));
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    },
  };
}

export function syntheticChunk(
  random: () => number,
  space: VectorSpace,
  ordinal: number,
): ChunkDraft & { vector: Float32Array } {
  const text = zipfText(random, 110);
  return {
    ordinal,
    text,
    span: [0, text.length],
    page: 1,
    pageEnd: 1,
    headings: [],
    header: null,
    tokenCount: 150,
    contentHash: createHash("sha256").update(text).digest("hex"),
    vector: space.draw(),
  };
}

/** Random numbers and vectors that are the same in every run. */

/** mulberry32: numbers in [0,1) from a 32-bit seed. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Makes unit vectors as embedders do: around cluster centres that share a mean direction, so that neighbours mean something.
 * `spread` is the noise within a cluster relative to the distance between centres.
 */
export function vectorMaker(options: { dimensions: number; seed: number; clusters?: number; spread?: number }) {
  const random = seededRandom(options.seed);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const direction = () => Float32Array.from({ length: options.dimensions }, gauss);
  const mean = direction();
  const centres = Array.from({ length: options.clusters ?? 20 }, direction);
  const spread = options.spread ?? 0.7;
  return (): Float32Array => {
    const centre = centres[Math.floor(random() * centres.length)]!;
    const vector = centre.map((x, i) => x + 0.5 * mean[i]! + spread * gauss());
    const length = Math.hypot(...vector);
    return vector.map((x) => x / length);
  };
}

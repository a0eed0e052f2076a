/**
 * Seeded random numbers: the same seed gives the same run on every machine. A stream is chosen by numbers (seed, epoch, …)
 * instead of handing one generator around, so a resumed run needs no generator state to go on as before.
 * Source: Chris Doty-Humphrey's sfc32 (PractRand), seeded through splitmix32.
 */

/** Uniform in [0, 1). Streams with different numbers are independent for our purposes. */
export function seededRandom(...stream: readonly number[]): () => number {
  let mixed = 0x9e3779b9;
  const next = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed ^ (mixed >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  for (const number of stream) mixed = next() ^ (number | 0);
  let [a, b, c, counter] = [next(), next(), next(), 1];
  const random = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i += 1) random(); // the first numbers still show the seed
  return random;
}

/** A copy in random order (Fisher–Yates). */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

/** Normally distributed with mean 0 and deviation 1 (Box–Muller). */
export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

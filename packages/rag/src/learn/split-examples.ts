/**
 * Which examples are held out: whole groups (documents) by seed, so that nothing about a held-out document is trained on. Near
 * copies in other groups are what remains of leaks; cleanExamples finds those.
 */
import { seededRandom, shuffled } from "../evaluation/seeded-random.ts";

export const VALIDATION_SHARE = 0.12;

/**
 * The split of each example, in order. About `share` of them, at least one, are validation, whole groups at a time; the group
 * that would overshoot far is passed over. With a single group the examples themselves are the groups, else nothing were held out.
 */
export function splitByGroup(
  groups: readonly string[],
  options: { readonly seed?: number; readonly share?: number } = {},
): ("train" | "validation")[] {
  const { seed = 1, share = VALIDATION_SHARE } = options;
  const isOneGroup = new Set(groups).size < 2;
  const keys = isOneGroup ? groups.map((_, at) => String(at)) : groups;
  if (keys.length < 2) return keys.map(() => "train");
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const wanted = Math.max(1, Math.round(keys.length * share));
  const held = new Set<string>();
  let heldCount = 0;
  const order = shuffled([...counts.keys()].sort(), seededRandom(seed));
  for (const key of order) {
    const count = counts.get(key)!;
    if (heldCount >= wanted) break;
    if (heldCount + count > 1.5 * wanted && (heldCount > 0 || count > keys.length / 2)) continue;
    held.add(key);
    heldCount += count;
  }
  // Every group is larger than wished: the smallest one is held out.
  if (held.size === 0) held.add(order.reduce((least, key) => (counts.get(key)! < counts.get(least)! ? key : least)));
  return keys.map((key) => (held.has(key) ? "validation" : "train"));
}

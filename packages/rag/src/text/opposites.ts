/**
 * English words and their opposites, as comparable stems: a passage that says "the largest" does not state what is "the smallest". Short and
 * by hand: the pairs that questions turn on, none that are opposites only in one trade.
 */
import { stem } from "@lorekeep/core";

const PAIRS = `
first last, largest smallest, largest least, biggest smallest, highest lowest, most least, more less, before after, north south, northern southern,
east west, eastern western, increase decrease, increase reduce, rise fall, oldest youngest, oldest newest, old new, early late, earliest latest,
begin end, start end, start stop, above below, male female, men women, man woman, public private, internal external, positive negative,
strong weak, strongest weakest, win lose, support oppose, allow prevent, allow forbid, permit prohibit, common rare, major minor, high low,
hot cold, warm cold, best worst, better worse, longest shortest, long short, always never, with without, maximum minimum, inside outside,
same different, similar different, upper lower, rich poor, good bad, create destroy, build destroy, gain loss, gain lose, enter leave, join leave,
accept reject, agree disagree, add remove, open close, inner outer, left right, import export, buy sell, majority minority, active passive,
fast slow, faster slower, fastest slowest, wet dry, attack defend, victory defeat, success failure, advantage disadvantage, enable disable,
visible invisible, possible impossible, legal illegal, known unknown, direct indirect, dependent independent, ancient modern, young old
`;

const OPPOSITES = new Map<string, Set<string>>();
for (const pair of PAIRS.trim().split(/,\s*/)) {
  const [one, other] = pair.split(" ").map(stem) as [string, string];
  OPPOSITES.set(one, (OPPOSITES.get(one) ?? new Set()).add(other));
  OPPOSITES.set(other, (OPPOSITES.get(other) ?? new Set()).add(one));
}

/** True when `held` lacks a term of the question and has its opposite. */
export function saysOpposite(keys: readonly string[], held: ReadonlySet<string>): boolean {
  return keys.some((key) => !held.has(key) && [...(OPPOSITES.get(key) ?? [])].some((opposite) => held.has(opposite)));
}

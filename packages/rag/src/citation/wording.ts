/**
 * Small words that turn a sentence round or make it say more than its source: negations, opposites (text/opposites.ts), "all" for
 * "some", a dropped "may". Lists, in English and Chinese, because no model that runs in a millisecond knows them.
 */
import { oppositeSides } from "../text/opposites.ts";
import type { OppositeSides } from "../text/opposites.ts";
import { contentTerms } from "../text/terms.ts";

const NEGATION =
  /\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|forbidden|prohibited)\b|n['’]t\b|不|没(?!收)|沒(?!收)|未|无|無|勿|严禁|嚴禁|禁止|并非|並非/iu;
/** "no more than", "not only … but", 不仅, 不同: no negations of what is said. */
const NO_NEGATION =
  /\bno (?:more|less|fewer|later|earlier|sooner) than\b|\bnot only\b|\bno\. ?\d|不仅|不僅|不但|不只|不同|不断|不斷|不少|不久|不过|不過|不超过|不超過|无论|無論|未来|未來|无线|無線|不锈|不鏽/giu;

/** The small words of one text, read once and compared with many. */
export interface Wording {
  readonly isNegated: boolean;
  /** The content terms of each clause with a negation. */
  readonly denied: readonly (readonly string[])[];
  readonly strong: ReadonlySet<string>;
  readonly isHedged: boolean;
  /** The content terms right after each hedge. */
  readonly hedged: readonly (readonly string[])[];
  readonly sides: OppositeSides;
}

export function readWording(text: string): Wording {
  const hedges = Array.from(text.matchAll(HEDGE));
  const denied = text.split(CLAUSE_BREAK).filter(isNegated);
  return {
    isNegated: denied.length > 0,
    denied: denied.map((clause) => contentTerms(clause).map(({ key }) => key)),
    strong: new Set(Array.from(text.matchAll(STRONG), ([word]) => word.toLowerCase())),
    isHedged: hedges.length > 0,
    hedged: hedges.map(({ 0: hedge, index }) => {
      const after = text.slice(index + hedge.length, index + hedge.length + HEDGED_LENGTH);
      return contentTerms(after)
        .slice(0, HEDGED_TERMS)
        .map(({ key }) => key);
    }),
    sides: oppositeSides(text),
  };
}

const CLAUSE_BREAK =
  /[,;:，；：—。！？]|[.!?](?=\s|$)|\b(?:and|but|because|unless|if|when|while|although|though|except|which|who)\b|但|因为|因為|否则|否則/iu;

const isNegated = (text: string): boolean => NEGATION.test(text.replace(NO_NEGATION, " "));

const STRONG =
  /\b(?:all|every|everyone|everything|always|never|only|entirely|completely|definitely|certainly|proves?|proven|guarantees?|any|whole|sole)\b|全部|所有|一律|总是|總是|必然|必定|一定|永远|永遠|完全|唯一|任何|全都|每个|每個|证明|證明/giu;
const HEDGE =
  /\b(?:may|might|could|possibly|perhaps|probably|likely|suggests?|suggested|appears?|appeared|seems?|seemed|some|several|often|usually|mostly|partly|nearly|almost|most|sometimes|expected|plans?|planned|hopes?|up to|about a|in part)\b|可能|或许|或許|也许|也許|大部分|大多|多数|多數|部分|有些|一些|某些|主要|预计|預計|计划|計劃|认为|認為|通常|一般|往往|几乎|幾乎|有时|有時|据说|據說|推测|推測|拟|擬/giu;
/** Of what follows a hedge, this many content terms are what it hedges. */
const HEDGED_TERMS = 3;

const HEDGED_LENGTH = 60;
/** A clause is about what the claim says from this share of its terms on. */
const SAME_CLAUSE = 0.5;

/** True when one side denies what the other says; a neighbouring clause's "never" is none of it. `said`: the claim's terms. */
export function isDenied(claim: Wording, source: Wording, said: ReadonlySet<string>): boolean {
  const isToldSo = source.denied.some((terms) => {
    const shared = terms.filter((key) => said.has(key)).length;
    return claim.isNegated ? shared > 0 || terms.length === 0 : shared > 0 && shared >= SAME_CLAUSE * terms.length;
  });
  return claim.isNegated !== isToldSo;
}

/** True when the claim says "all" where the source does not, or drops the "may" of what it repeats. `said`: the claim's terms. */
export function isTooStrong(claim: Wording, source: Wording, said: ReadonlySet<string>): boolean {
  for (const word of claim.strong) if (!source.strong.has(word)) return true;
  if (claim.isHedged) return false;
  return source.hedged.some(
    (after) => after.length > 0 && after.filter((key) => said.has(key)).length >= Math.min(2, after.length),
  );
}

/** True when the claim has a word of one side, the source one of the other, and neither has both. */
export function isOpposed({ sides: [left, right] }: Wording, { sides: [toldLeft, toldRight] }: Wording): boolean {
  return ((left & ~right & toldRight & ~toldLeft) | (right & ~left & toldLeft & ~toldRight)) !== 0;
}

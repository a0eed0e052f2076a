/**
 * Words and their opposites, the one place for them, by hand. Two views: pairs of English words, as comparable stems (a passage that says
 * "the largest" does not state what is "the smallest") and as they are written (questions are altered with them); and the sides of a
 * sentence, English and Chinese, with every word of a side in every form, for two sentences that are held against each other. None that are
 * opposites only in one trade. The words of the calibration's samples are apart, so that no list is measured by itself.
 */
import { stem } from "@lorekeep/core";

const PAIRS = `
first last, largest smallest, biggest smallest, highest lowest, most least, largest least, more less, before after, north south, northern southern,
east west, eastern western, increase decrease, increase reduce, rise fall, oldest youngest, oldest newest, old new, early late, earliest latest,
begin end, start stop, start end, above below, male female, men women, man woman, public private, internal external, positive negative,
strong weak, strongest weakest, win lose, support oppose, allow prevent, allow forbid, permit prohibit, common rare, major minor, high low,
hot cold, warm cold, best worst, better worse, longest shortest, long short, always never, with without, maximum minimum, inside outside,
same different, similar different, upper lower, rich poor, good bad, create destroy, build destroy, gain loss, gain lose, enter leave, join leave,
accept reject, agree disagree, add remove, open close, inner outer, left right, import export, buy sell, majority minority, active passive,
fast slow, faster slower, fastest slowest, wet dry, attack defend, victory defeat, success failure, advantage disadvantage, enable disable,
visible invisible, possible impossible, legal illegal, known unknown, direct indirect, dependent independent, ancient modern, young old
`;

/** Forms whose stems do not follow from the pairs. */
const FORMS = `
increased decreased, started ended, began ended, won lost, supported opposed, created destroyed, joined left, high-pressure low-pressure
`;

type Pair = readonly [one: string, other: string];
const pairsOf = (list: string): Pair[] =>
  list
    .trim()
    .split(/,\s*/)
    .map((pair) => pair.split(" ") as unknown as Pair); // two words each

/** As written; a word may have several opposites, the usual one first. */
export const OPPOSITE_WORDS: readonly Pair[] = [...pairsOf(FORMS), ...pairsOf(PAIRS)];

const OPPOSITES = new Map<string, Set<string>>();
for (const [left, right] of pairsOf(PAIRS)) {
  const [one, other] = [stem(left), stem(right)];
  OPPOSITES.set(one, (OPPOSITES.get(one) ?? new Set()).add(other));
  OPPOSITES.set(other, (OPPOSITES.get(other) ?? new Set()).add(one));
}

/** True when `held` lacks a term of the question and has its opposite. */
export function saysOpposite(keys: readonly string[], held: ReadonlySet<string>): boolean {
  return keys.some((key) => !held.has(key) && [...(OPPOSITES.get(key) ?? [])].some((opposite) => held.has(opposite)));
}

/** Bits of the rows that have a word of their left, of their right side in a text. */
export type OppositeSides = readonly [left: number, right: number];

export function oppositeSides(text: string): OppositeSides {
  let [left, right] = [0, 0];
  for (const [row, [one, other]] of SIDES.entries()) {
    if (one.test(text)) left |= 1 << row;
    if (other.test(text)) right |= 1 << row;
  }
  return [left, right];
}

/** Each row: words of one side, words of the other; at most 31 rows. */
const SIDES: readonly (readonly [RegExp, RegExp])[] = (
  [
    [
      "increas\\w*|r[io]ses?|risen|grew|grows?|gain\\w*|rising",
      "decreas\\w*|reduc\\w*|f[ae]ll(?:s|en)?|shr[aiu]nk\\w*|los[et]s?|declin\\w*|drop\\w*",
    ],
    ["higher|highest|above|over|more", "lower|lowest|below|under|less|fewer"],
    ["before|prior", "after|following"],
    ["begins?|began|starts?|started|opens?|opened", "ends?|ended|stops?|stopped|closes?|closed"],
    ["buys?|bought|acquired?|receives?d?", "sells?|sold|gives?|gave|loses?"],
    ["largest|maximum|most|longest|biggest", "smallest|minimum|least|shortest"],
    ["first|earliest", "last|latest|final"],
    ["may|can|allowed|permitted|must", "never|cannot|forbidden|prohibited|must not"],
    ["keeps?|kept|survived?", "eras\\w+|delet\\w+|destroy\\w*|overwritten"],
    ["support\\w*|accept\\w*|approv\\w*|favou?r\\w*", "oppos\\w*|reject\\w*|refus\\w*"],
    ["north\\w*", "south\\w*"],
    ["east\\w*", "west\\w*"],
    ["advanc\\w*|arriv\\w*", "retreat\\w*|depart\\w*"],
    [
      "promot\\w*|activat\\w*|enhanc\\w*|induc\\w*|enabl\\w*",
      "inhibit\\w*|suppress\\w*|prevent\\w*|impair\\w*|block\\w*",
    ],
    ["add(?:s|ed|ing)?|install\\w*", "remov\\w*"],
    ["inside|indoors", "outside|outdoors"],
    ["同意|支持|赞成|贊成|批准", "反对|反對|拒绝|拒絕"],
    ["增加|增至|上升|提高|增长|增長|扩大|擴大", "减少|減少|减至|減至|下降|降低|缩小|縮小"],
    ["最大|最高|最多|最长|最長", "最小|最低|最少|最短"],
    ["之前|以前", "之后|之後|以后|以後"],
    ["开始|開始|成立|创办|創辦|动工|動工|开工|開工", "停止|结束|結束|解散|关闭|關閉|通车|通車|完工"],
    ["可以|允许|允許|可", "严禁|嚴禁|禁止|不得|不准|不可"],
    ["必须|必須|须|須", "无须|無須|不必|无需|無需|可以"],
    ["收购|收購|买|買", "出售|卖|賣"],
    ["免费|免費", "收费|收費"],
    ["东|東", "西"],
    ["南", "北"],
    ["首", "末"],
  ] as const
).map(([left, right]) => [wordsOf(left), wordsOf(right)]);

function wordsOf(alternatives: string): RegExp {
  return /\p{Script=Han}/u.test(alternatives)
    ? new RegExp(alternatives, "u")
    : new RegExp(`\\b(?:${alternatives})\\b`, "iu");
}

/**
 * Quantities of a sentence under one key each, however they are written: 1,000 and 1000, "three" and 3, 三百 and 300, "daily" and 每天.
 * A quantity of an answer that its passage does not name is the plainest of all mistakes, so support vetoes it.
 */

const WORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
      .split(" ")
      .map((word, at) => [word, String(at + 2)]),
  ),
  ...Object.fromEntries(
    "twenty thirty forty fifty sixty seventy eighty ninety".split(" ").map((word, at) => [word, String(20 + 10 * at)]),
  ),
  ...{
    hundred: "100",
    thousand: "thousand",
    million: "million",
    billion: "billion",
    dozen: "12",
    twice: "2",
    double: "2",
  },
  ...{
    hourly: "hourly",
    daily: "daily",
    weekly: "weekly",
    monthly: "monthly",
    annual: "yearly",
    annually: "yearly",
    yearly: "yearly",
  },
};
/** Not those inside of identifiers: v3 and E17 are names. */
const DIGITS = /(?<![A-Za-z\p{N}])\d+(?:[.,:]\d+)*(?![A-Za-z]*\d)/gu;
const NUMBER_WORD = new RegExp(`\\b(?:${Object.keys(WORDS).join("|")})s?\\b`, "giu");
const CARDINAL = new RegExp(
  `\\b(?:${Object.entries(WORDS)
    .filter(([word, key]) => /^\d+$/.test(key) && !["twice", "double", "dozen", "hundred"].includes(word))
    .map(([word]) => word)
    .join("|")})\\b`,
  "giu",
);
const EVERY =
  /\b(?:every|each|per|a) (hour|day|week|month|year)\b|每(?:个|個)?(小时|小時|天|日|周|週|星期|月|年)(?![一二三四五六日天])/giu;
const EVERY_KEYS: Readonly<Record<string, string>> = {
  ...{
    hour: "hourly",
    小时: "hourly",
    小時: "hourly",
    day: "daily",
    天: "daily",
    日: "daily",
    week: "weekly",
    周: "weekly",
  },
  ...{ 週: "weekly", 星期: "weekly", month: "monthly", 月: "monthly", year: "yearly", 年: "yearly" },
};
const DAY =
  /\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b|(?:周|週|星期|礼拜|禮拜)([一二三四五六日天])/giu;
const HAN_NUMERAL = /[零〇一二两兩三四五六七八九十百千万萬亿億]+/gu;
/** 一般, 一定 and the like are words, not numbers. */
const HAN_WORD_AFTER = /^[般直定起旦致样樣切边邊向共些律面方半再味贯貫]/u;
const HAN_WORD_BEFORE = /[统統唯专專同万萬之第惟]$/u;
const HAN_DIGITS: Readonly<Record<string, number>> = {
  ...{ 零: 0, 〇: 0, 一: 1, 二: 2, 两: 2, 兩: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 },
};
const HAN_UNITS: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000, 万: 1e4, 萬: 1e4, 亿: 1e8, 億: 1e8 };

/** Distinct keys. */
export function readQuantities(text: string): Set<string> {
  const normal = text.normalize("NFKC");
  const keys = new Set<string>();
  for (const [digits] of normal.matchAll(DIGITS)) keys.add(digitsKey(digits));
  for (const [word] of normal.matchAll(NUMBER_WORD)) {
    const key = WORDS[word.toLowerCase()] ?? WORDS[word.toLowerCase().replace(/s$/, "")];
    if (key !== undefined) keys.add(key);
  }
  for (const [whole, english, chinese] of normal.matchAll(EVERY))
    if (!/^a /i.test(whole)) keys.add(EVERY_KEYS[(english ?? chinese!).toLowerCase()]!);
  // March and May may be words: only capitals count, and May never does.
  for (const [day, han] of normal.matchAll(DAY))
    if (han !== undefined || /^\p{Lu}/u.test(day))
      keys.add(han === undefined ? day.toLowerCase().replace(/s$/, "") : `周${han}`);
  for (const match of normal.matchAll(HAN_NUMERAL)) addHanNumeral(keys, match[0], normal, match.index);
  return keys;
}

/** The text with its number words as digits, so that they are compared as numbers: "six months", 六个月 → "6 months", 6个月. */
export function withDigits(text: string): string {
  const english = text.replace(CARDINAL, (word) => WORDS[word.toLowerCase()]!);
  return english.replace(HAN_NUMERAL, (numeral: string, at: number) =>
    isHanNumber(numeral, english, at) ? String(hanValue(numeral)) : numeral,
  );
}

function addHanNumeral(keys: Set<string>, numeral: string, text: string, at: number): void {
  if (isHanNumber(numeral, text, at)) keys.add(String(hanValue(numeral)));
}

function isHanNumber(numeral: string, text: string, at: number): boolean {
  const [before, after] = [
    text.slice(Math.max(0, at - 1), at),
    text.slice(at + numeral.length, at + numeral.length + 1),
  ];
  if (HAN_WORD_AFTER.test(after) || HAN_WORD_BEFORE.test(before) || /[周週期拜]$/u.test(before)) return false;
  // 3.2亿: the digits before it are the number.
  if (/\d$/.test(before)) return false;
  return !/^[一百千万萬亿億]$/u.test(numeral);
}

/** 三百二十 → 320, 一九二六 → 1926. */
function hanValue(numeral: string): number {
  if (!/[十百千万萬亿億]/u.test(numeral)) return Number(Array.from(numeral, (sign) => HAN_DIGITS[sign]!).join(""));
  let [total, section, digit] = [0, 0, 0];
  for (const sign of numeral) {
    const unit = HAN_UNITS[sign];
    if (unit === undefined) digit = HAN_DIGITS[sign]!;
    else if (unit >= 1e4) [total, section, digit] = [(total + section + digit) * unit, 0, 0];
    else [section, digit] = [section + (digit === 0 ? 1 : digit) * unit, 0];
  }
  return total + section + digit;
}

const digitsKey = (digits: string): string =>
  /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(digits) ? digits.replaceAll(",", "") : digits;

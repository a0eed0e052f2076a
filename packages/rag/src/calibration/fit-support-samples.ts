/**
 * Sentences made from public texts whose support is known by the way they were made: a sentence of a passage shortened, turned round
 * or joined with its neighbour still stands there; with a number, a name, a quantifier or a negation changed, or the end of another
 * sentence, it does not. A question with its answer put in its place is a statement, and with another answer a wrong one.
 */
import { splitSentences } from "@lorekeep/ingest";
import { contentTerms } from "../text/terms.ts";

export interface SupportSample {
  /** What was done: the fit weighs every kind alike. */
  readonly kind: string;
  readonly sentence: string;
  readonly isSupported: boolean;
}

type Random = () => number;

/** Of each passage. */
const READ_SENTENCES = 5;

const sentencesOf = (text: string): string[] =>
  splitSentences(text).map(([start, end]) => text.slice(start, end).replace(/\s+/g, " ").trim());
const isChinese = (text: string): boolean => /\p{Script=Han}/u.test(text);
const pick = <Item>(items: readonly Item[], random: Random): Item | undefined =>
  items[Math.floor(random() * items.length)];
const capital = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
const ended = (text: string): string =>
  text.replace(/[\s,;:，；、：.。?？!！]+$/u, "") + (isChinese(text) ? "。" : ".");
const isLongEnough = (text: string): boolean => contentTerms(text).length >= 4;

/** Made from the passage's own sentences; `title` may stand for a leading pronoun, `others` are paragraphs of the same article. */
export function samplesOfPassage(
  passage: string,
  { title, others, random }: { title: string; others: readonly string[]; random: Random },
): SupportSample[] {
  const sentences = sentencesOf(passage).filter(isLongEnough);
  const told = new Set(sentences);
  const strangers = others.flatMap(sentencesOf).filter((sentence) => isLongEnough(sentence) && !told.has(sentence));
  const samples: SupportSample[] = [];
  const add = (kind: string, isSupported: boolean, sentence: string | null): void => {
    if (sentence !== null && isLongEnough(sentence))
      samples.push({ kind, isSupported, sentence: ended(capital(sentence.trim())) });
  };
  for (const [at, sentence] of sentences.slice(0, READ_SENTENCES).entries()) {
    const kept = random() < 0.5 ? (shorten(sentence, random) ?? sentence) : sentence;
    add("shortened", true, shorten(sentence, random));
    add("turned", true, turnRound(sentence));
    add("resolved", true, resolve(kept, title));
    const next = sentences[at + 1];
    if (next !== undefined)
      add("joined", true, joinSentences(shorten(sentence, random) ?? sentence, shorten(next, random) ?? next));
    add("number", false, swapNumber(kept, passage, random));
    add("name", false, swapName(kept, passage, others, random));
    add("swapped", false, swapNames(kept));
    add("negated", false, negate(kept));
    add("opposite", false, turnOver(kept));
    add("too strong", false, strengthen(kept));
    const other = pick(
      sentences.filter((candidate) => candidate !== sentence),
      random,
    );
    if (other !== undefined) add("merged", false, merge(kept, other));
    add("word", false, swapWord(kept, passage, random));
    const stranger = pick(strangers, random);
    if (stranger !== undefined) add("foreign end", false, merge(kept, stranger));
  }
  for (let draw = 0; draw < 3; draw++) add("sibling", false, pick(strangers, random) ?? null);
  return samples;
}

/** Without what stands after the last comma, before the first one, or in brackets. */
function shorten(sentence: string, random: Random): string | null {
  const ways = [
    sentence.replace(/\s*[（(][^（()）]*[)）]/u, ""),
    sentence.replace(/[,，;；][^,，;；]+$/u, ""),
    sentence.replace(/^[^,，]{1,40}[,，]\s*/u, ""),
  ].filter((way) => way !== sentence && way.length > sentence.length / 3);
  return pick(ways, random) ?? null;
}

/** "In 2009, X did." → "X did in 2009.", and back; "A because B." → "Because B, A." */
function turnRound(sentence: string): string | null {
  const match = /^((?:In|On|At|During|After|Before|By|From|For|Under|With)\b[^,]{2,40}), ([^,]+)[.。]$/u.exec(sentence);
  if (match !== null) return `${match[2]} ${match[1]!.replace(/^\p{Lu}/u, (letter) => letter.toLowerCase())}`;
  const behind =
    /^([^,]{12,}?) ((?:in|on|at|during|after|before|from|under|since|between) (?:the |\d|\p{Lu})[^,]{2,30}|(?:because|when|while|if|although|as) [^,]{10,60})[.]$/u.exec(
      sentence,
    );
  if (behind !== null)
    return `${capital(behind[2]!)}, ${behind[1]!.replace(/^(?:The|This|It|A|An|In)\b/, (word) => word.toLowerCase())}`;
  const chinese = /^([^，]{4,20})，([^，]{4,})[。]$/u.exec(sentence);
  return chinese === null ? null : `${chinese[2]}，${chinese[1]}`;
}

function resolve(sentence: string, title: string): string | null {
  if (title === "") return null;
  const named = sentence.replace(/^(?:He|She|It|They)\b(?! is said)|^[它他她其](?=\p{Script=Han})/u, title);
  return named === sentence ? null : named;
}

function joinSentences(left: string, right: string): string | null {
  if (left.length + right.length > 240) return null;
  const head = left.replace(/[.。!！?？]+$/u, "");
  return isChinese(left)
    ? `${head}，${right}`
    : `${head}, and ${right.replace(/^(?:The|This|It|He|She|They|In|A|An)\b/, (word) => word.toLowerCase())}`;
}

const NUMBERS =
  /(?<![\p{L}\p{N}.,-])\d+(?:[.,]\d+)*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}.,-])\d+(?=\p{Script=Han})|(?<=\p{Script=Han})\d+(?:\.\d+)?/gu;

/** Another number of the passage: one that stands nowhere is vetoed and needs no weight. */
function swapNumber(sentence: string, passage: string, random: Random): string | null {
  const own = Array.from(sentence.matchAll(NUMBERS));
  const chosen = pick(own, random);
  if (chosen === undefined) return null;
  const others = Array.from(passage.matchAll(NUMBERS), ([number]) => number).filter(
    (number) => number !== chosen[0] && number.length === chosen[0].length,
  );
  const other = pick(others, random);
  return other === undefined
    ? null
    : sentence.slice(0, chosen.index) + other + sentence.slice(chosen.index + chosen[0].length);
}

const NAMES = /(?<!^|[.!?“"]\s?)(?<![\p{L}])\p{Lu}\p{Ll}{2,}(?: \p{Lu}\p{Ll}{2,})*/gu;
const HAN_NAMES =
  /《[^》]{2,12}》|“[^”]{2,8}”|[\p{Script=Han}]{2,3}(?:省|市|县|縣|国|國|州|岛|島|大学|大學|公司|学校|學校|电影|電影|王朝|河|山)/gu;
const namesOf = (text: string): RegExpMatchArray[] => Array.from(text.matchAll(isChinese(text) ? HAN_NAMES : NAMES));

function swapName(sentence: string, passage: string, others: readonly string[], random: Random): string | null {
  const chosen = pick(namesOf(sentence), random);
  if (chosen === undefined) return null;
  const held = namesOf(passage)
    .map(([name]) => name)
    .filter((name) => !sentence.includes(name));
  const strange = others
    .flatMap(namesOf)
    .map(([name]) => name)
    .filter((name) => !passage.includes(name));
  const other = pick(random() < 0.6 && held.length > 0 ? held : strange, random);
  return other === undefined ? null : sentence.replace(chosen[0], other);
}

function swapNames(sentence: string): string | null {
  const [first, second] = namesOf(sentence);
  if (first === undefined || second === undefined || first[0] === second[0]) return null;
  // In a list the order says nothing.
  if (/^(?:,| and| or|、|和|与|與|及)?\s*$/u.test(sentence.slice(first.index! + first[0].length, second.index)))
    return null;
  return (
    sentence.slice(0, first.index) +
    second[0] +
    sentence.slice(first.index! + first[0].length, second.index) +
    first[0] +
    sentence.slice(second.index! + second[0].length)
  );
}

function negate(sentence: string): string | null {
  const ways: readonly (readonly [RegExp, string])[] = isChinese(sentence)
    ? [
        [/(?<!不|也)是(?!否)/u, "不是"],
        [/没有|沒有|未(?!来|來)|不(?=能|会|會|可|是)/u, ""],
        [/(?<!没|沒|所|具|拥|擁)有(?!关|關|名|效|限|的)/u, "没有"],
        [/(?<!不)(?=可以|能够|能夠|会在|會在)/u, "不"],
        [/增加|提高|上升/u, "减少"],
        [/开始|開始/u, "停止"],
      ]
    : [
        [/\b(?:not|never) /, ""],
        [/\b(is|are|was|were|has|have|had|can|could|will|would|may|must|should) (?!not)/, "$1 not "],
        [/\b(increased?s?|rose|rises?)\b/, "decreased"],
        [/\b(before)\b/, "after"],
      ];
  const way = ways.find(([pattern]) => pattern.test(sentence));
  return way === undefined ? null : sentence.replace(way[0], way[1]);
}

const TURNED_OVER: readonly (readonly [string, string])[] = [
  ...([
    ["before", "after"],
    ["first", "last"],
    ["largest", "smallest"],
    ["highest", "lowest"],
    ["higher", "lower"],
  ] as const),
  ...([
    ["more", "less"],
    ["northern", "southern"],
    ["eastern", "western"],
    ["north", "south"],
    ["east", "west"],
  ] as const),
  ...([
    ["increased", "decreased"],
    ["began", "ended"],
    ["opened", "closed"],
    ["bought", "sold"],
    ["won", "lost"],
  ] as const),
  ...([
    ["inside", "outside"],
    ["over", "under"],
    ["support", "oppose"],
    ["early", "late"],
    ["rose", "fell"],
  ] as const),
  ...([
    ["增加", "减少"],
    ["最大", "最小"],
    ["最高", "最低"],
    ["之前", "之后"],
    ["开始", "结束"],
    ["成立", "解散"],
  ] as const),
  ...([
    ["提高", "降低"],
    ["东", "西"],
    ["南", "北"],
    ["支持", "反对"],
    ["首", "末"],
    ["上升", "下降"],
  ] as const),
];

/** The first word that has an opposite gives way to it. */
function turnOver(sentence: string): string | null {
  for (const [left, right] of TURNED_OVER)
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      const pattern = isChinese(from) ? new RegExp(from, "u") : new RegExp(`\\b${from}\\b`, "u");
      if (pattern.test(sentence)) return sentence.replace(pattern, to);
    }
  return null;
}

function strengthen(sentence: string): string | null {
  const ways: readonly (readonly [RegExp, string])[] = isChinese(sentence)
    ? [
        [/大部分|大多数|大多數|多数|多數|部分|有些|一些/u, "全部"],
        [/可能|也许|也許|或许/u, "一定"],
        [/主要|通常|一般|往往/u, "总是"],
      ]
    : [
        [/\b(?:some|many|most|several|a few|nearly all|almost all)\b/i, "all"],
        [/\b(?:may|might|could) (?=\w+)/, "always "],
        [/\b(?:often|usually|sometimes|generally|typically)\b/, "always"],
        [/\b(?:suggests?|indicates?) that\b/, "proves that"],
      ];
  const way = ways.find(([pattern]) => pattern.test(sentence));
  return way === undefined ? null : sentence.replace(way[0], way[1]);
}

const MIDDLE =
  / (?:is|are|was|were|has|have|had|can|could|will|would|became|made|began|used|in|for) |[，；]|(?:是|为|為|于|於|在|由)/u;

/** The head of one sentence with the tail of another. */
function merge(left: string, right: string): string | null {
  const [from, to] = [MIDDLE.exec(left), MIDDLE.exec(right)];
  if (from === null || to === null || from.index < 4 || right.length - to.index < 8) return null;
  if (/[，；]/u.test(from[0]) || /[，；]/u.test(to[0])) return null;
  return left.slice(0, from.index) + right.slice(to.index);
}

/** One plain word gives way to another word of the passage. */
function swapWord(sentence: string, passage: string, random: Random): string | null {
  const chosen = pick(plainWords(sentence), random);
  if (chosen === undefined) return null;
  const ending = (word: string): string => (isChinese(word) ? String(word.length) : word.slice(-2));
  const others = plainWords(passage)
    .map(({ word }) => word)
    .filter(
      (word) =>
        ending(word) === ending(chosen.word) && !sentence.toLowerCase().includes(word.toLowerCase().slice(0, 5)),
    );
  const other = pick(others, random);
  return other === undefined
    ? null
    : sentence.slice(0, chosen.at) + other + sentence.slice(chosen.at + chosen.word.length);
}

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

function plainWords(text: string): { word: string; at: number }[] {
  if (isChinese(text))
    return Array.from(segmenter.segment(text))
      .filter(({ segment }) => segment.length >= 2 && isChinese(segment))
      .map(({ segment, index }) => ({ word: segment, at: index }));
  return contentTerms(text)
    .filter(({ kind, start, end }) => kind === "word" && end - start > 4)
    .map(({ start, end }) => ({ word: text.slice(start, end), at: start }));
}

/** The question as a statement with `answer` in its place; null for forms that rules do not turn. */
export function statementOf(question: string, answer: string): string | null {
  const asked = question.trim().replace(/[?？。.]+$/u, "");
  if (isChinese(question)) {
    const wh =
      /什么时候|什麼時候|何时|何時|哪一?年|哪一?天|哪一?个\p{Script=Han}|哪一?個\p{Script=Han}|哪里|哪裡|哪儿|何处|何處|什么人|什麼人|何人|谁|誰|多少|几(?=[个年月天岁名次])|幾(?=[個年月天歲名次])|什么|什麼/u;
    const match = wh.exec(asked);
    if (match === null || wh.test(asked.slice(match.index + match[0].length)) || /[，,]/.test(answer)) return null;
    const rest = asked.slice(match.index + match[0].length);
    // 多少公里 → 32公里: the unit is said once.
    const unit = [3, 2, 1].find((length) => rest.length >= length && answer.endsWith(rest.slice(0, length))) ?? 0;
    return ended(asked.slice(0, match.index) + answer + rest.slice(unit));
  }
  const subject =
    /^(?:who|what|which(?: \w+){1,2}|what \w+) (?!(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would|kind|type)\b)(\w+(?:ed|s|ew|ade|ook|ave|an|on) .+)$/i.exec(
      asked,
    );
  if (subject !== null) return ended(capital(`${answer} ${subject[1]}`));
  const being = /^(?:what|who) (is|are|was|were) (the .+)$/i.exec(asked);
  return being === null || /\b(?:called|named|known|to|by|in|of|for|about)$/i.test(asked)
    ? null
    : ended(capital(`${being[2]} ${being[1]} ${answer}`));
}

/**
 * What kind of answer is asked for: one to a question, a summary of a document, a comparison of two things, or more of the answer
 * before. Rules alone, in English and Chinese, so that no model stands between a person and what they plainly said; whatever no
 * rule knows is a question.
 */
import type { Language } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";
import type { Turn } from "../condense-question.ts";

export type AskedFor =
  | { readonly kind: "answer" }
  /** "" stands for "this document". */
  | { readonly kind: "summary"; readonly name: string }
  | { readonly kind: "comparison"; readonly sides: readonly [Side, Side] }
  /** `question`: the one whose answer is to go on, as it was resolved. */
  | { readonly kind: "more"; readonly question: string };

export interface Side {
  /** As the user called it. */
  readonly name: string;
  /** What is looked for: the name with what both are compared by. */
  readonly query: string;
}

/** Longer than this nobody asks in one plain phrase; the patterns below look at every split of what they are given. */
const LONGEST_PHRASE = 400;
const POLITE =
  /^(?:please|can you|could you|would you|i(?:'d| would) like (?:you )?to|请|請|麻烦|麻煩|帮我|幫我|帮忙|能否|你能)\s*/iu;
const MORE =
  /^(?:(?:show|tell|give|read|let) (?:me|us) )?(?:some |a bit )?more(?: of (?:them|these|those|that|it))?(?: (?:results|passages|sentences|details?|about (?:it|this|that)))?(?:,? please)?$|^(?:show|see) more$|^(?:go on|continue|keep going|and more|more like (?:this|that)|what else|anything else|is there (?:any(?:thing)? )?(?:more|else))$|^(?:再|多|给我|給我|显示|顯示|看|展示|告诉我|告訴我)*(?:一些|一点|一點|些|点|點)?更多(?:的?(?:内容|內容|结果|結果|信息|句子|段落))?$|^(?:继续|繼續|接着说|接著說|还有吗|還有嗎|还有呢|還有呢|还有别的吗|还有其他的?吗|還有其他的?嗎|再(?:多)?(?:说|講|讲|来)(?:一)?(?:些|点|點))$/iu;

const SUMMARY: readonly RegExp[] = [
  /^(?:summari[sz]e|sum up)(?:\s+(?<name>.+))?$/iu,
  /^(?:(?:give|write|make|show)(?: (?:me|us))?\s+|what is\s+)?(?:an?\s+|the\s+)?(?:short\s+|brief\s+|quick\s+)?(?:summary|overview)\s+(?:of|for)\s+(?<name>.+)$/iu,
  /^tl;?dr(?:\s+(?:of|for))?(?:[:\s]+(?<name>.+))?$/iu,
  /^what(?:'s| is) (?<name>(?:this|the) (?:document|file|report|paper|text|page)) about$/iu,
  /^what does (?<name>(?:this|the) (?:document|file|report|paper|text|page)) say$/iu,
  /^(?:用[^，。]{1,12}(?:话|話))?(?:总结|總結|概括|概述|归纳|歸納|简述|簡述|摘要)(?:一下|下)?(?<name>.*)$/iu,
  /^(?:给我|給我|写|寫|做)?(?:一份|一个|一個)?(?<name>.+?)的?(?:摘要|总结|總結|概要|概述)$/iu,
  /^(?<name>.*(?:文档|文檔|文件|文章|资料|資料|》|”|」|\.[a-z0-9]{2,5}))(?:主要)?(?:讲了什么|講了什麼|说了什么|說了什麼|讲什么|講什麼|的(?:主要)?(?:内容|內容)(?:是什么|是什麼)?)$/iu,
];
const THIS =
  /^(?:(?:it|this|that|the|这|這|此|该|該|本|这份|這份|这个|這個|这篇|這篇|全文)\s*)?(?:(?:whole|entire)\s+)?(?:documents?|files?|report|paper|text|page|article|文档|文檔|文件|文章|资料|資料)?$/iu;
const NAMED =
  /^(?:(?:the|this|这份|這份|这个|這個|这篇|這篇)\s*)?(?:document|file|report|paper|article|text|page|文档|文檔|文件|文章|资料|資料)(?:\s+(?:called|named))?\s*(?=\S)/iu;
const NAME_TAIL =
  /(?:\s+(?:for me|please|briefly|in short|in (?:a few|one|two|three|\d+) (?:words|sentences?|lines|points|bullets)))$|(?:的(?:主要)?(?:内容|內容)|(?:这|這)?(?:份|篇|个|個)?(?:文档|文檔|文件|文章))$/iu;
const QUOTES = /^[\s"'“”‘’«»「」『』《》]+|[\s"'“”‘’«»「」『』《》]+$/gu;

/** `history`: earlier turns, oldest first. "More" without a question before it is a question itself. */
export function readAskedFor(question: string, history: readonly Turn[]): AskedFor {
  const plain = plainly(question);
  if (MORE.test(plain)) {
    const before = history.findLast(({ role, text }) => role === "user" && !MORE.test(plainly(text)));
    if (before !== undefined) return { kind: "more", question: before.condensedQuestion ?? before.text };
  }
  for (const pattern of SUMMARY) {
    const found = pattern.exec(plain);
    if (found !== null) return { kind: "summary", name: documentNameIn(found.groups?.["name"] ?? "") };
  }
  const sides = readSides(plain);
  return sides === null ? { kind: "answer" } : { kind: "comparison", sides };
}

/** The language of the words around the names: "总结 pump guide" is said in Chinese. */
export function languageAround(question: string, asked: AskedFor): Language {
  const names = asked.kind === "summary" ? [asked.name] : [];
  if (asked.kind === "comparison") names.push(...asked.sides.map(({ name }) => name));
  const words = names.reduce((text, name) => text.replace(name, " "), question.normalize("NFKC"));
  return detectLanguage(/\p{L}/u.test(words) ? words : question);
}

/** Without courtesies and the mark at the end; "", which no pattern knows, for what is no phrase. */
function plainly(question: string): string {
  let plain = question
    .trim()
    .slice(0, LONGEST_PHRASE + 1)
    .normalize("NFKC");
  if (plain.length > LONGEST_PHRASE) return "";
  for (let before = ""; before !== plain;) {
    before = plain;
    plain = plain.replace(POLITE, "").replace(/[\s.!?。！？…]+$/u, "");
  }
  return plain;
}

function documentNameIn(phrase: string): string {
  let name = phrase.replace(QUOTES, "");
  for (let before = ""; before !== name;) {
    before = name;
    if (THIS.test(name)) return "";
    name = name.replace(NAME_TAIL, "").replace(NAMED, "").replace(QUOTES, "");
  }
  return name;
}

const COMPARISON: readonly RegExp[] = [
  /^compare (?<both>.+? (?:and|with|to|against|versus|vs\.?) .+)$/iu,
  /^(?:what(?:'s| is| are)|explain|describe|tell me|show me)?\s*(?:the )?(?:main |key )?(?:differences?|comparison) between (?<both>.+? and .+)$/iu,
  /^how (?:do|does|is|are) (?<left>.+?) (?:differ(?:ent)? from|compare (?:with|to)) (?<right>.+)$/iu,
  /^(?!(?:who|what|when|where|which|why|how|is|are|was|were|did|do|does|in)\b)(?<both>\S.{0,80}? (?:vs\.?|versus) \S.{0,80})$/iu,
  /^(?:比较|比較|对比|對比)(?:一下|下)?(?<both>.+?[和与與跟同及、].+)$/u,
  /^(?<both>.+?[和与與跟同].+?)(?:之间|之間)?的?(?:有(?:什么|什麼|何|哪些)|主要)?(?:区别|區別|差异|差異|差别|差別|不同)(?:在哪|在哪里|是什么|是什麼|之处)?$/u,
];
/** The plainer one first: "the red and blue pump with the green one" are two things. */
const CONJUNCTIONS = [/\s+(?:with|to|against|versus|vs\.?)\s+/iu, /\s+and\s+/iu, /[和与與跟]/u, /[同及、]/u];
/** "the price of A and B": what stands before the first "of" is what both are compared by. */
const SHARED_HEAD = /^(?<aspect>(?:the |their )?[\p{Ll}\s-]{2,60}? (?:of|for|in|on|at)) (?<name>.+)$/u;
const SHARED_TAIL =
  /^(?<name>.+?),? (?<aspect>(?:in terms of|with respect to|with regard to|regarding|concerning) .+)$/iu;
const CHINESE_TAIL = /^(?<name>.+?)(?:在(?<where>.+?)(?:方面|上)|的(?<aspect>[^的]{1,12}))$/u;

function readSides(question: string): readonly [Side, Side] | null {
  for (const pattern of COMPARISON) {
    const groups = pattern.exec(question)?.groups;
    if (groups === undefined) continue;
    const parts = groups["both"] === undefined ? [groups["left"]!, groups["right"]!] : halvesOf(groups["both"]);
    if (parts === null) return null;
    return withAspect(parts[0]!, parts[1]!);
  }
  return null;
}

/** More than two things are no comparison that we know. */
function halvesOf(both: string): readonly string[] | null {
  for (const conjunction of CONJUNCTIONS) {
    const parts = both.split(conjunction).map((part) => part.trim());
    if (parts.length === 2 && parts.every((part) => part !== "")) return parts;
  }
  return null;
}

function withAspect(left: string, right: string): readonly [Side, Side] {
  const head = SHARED_HEAD.exec(left)?.groups;
  if (head !== undefined) {
    const [aspect, name] = [head["aspect"]!, head["name"]!];
    const other = SHARED_HEAD.exec(right)?.groups?.["name"] ?? right;
    return [side(name, `${aspect} ${name}`), side(other, `${aspect} ${other}`)];
  }
  const tail = SHARED_TAIL.exec(right)?.groups;
  if (tail !== undefined) {
    const [aspect, name] = [tail["aspect"]!, tail["name"]!];
    return [side(left, `${left} ${aspect}`), side(name, `${name} ${aspect}`)];
  }
  const chinese = /\p{Script=Han}/u.test(right) ? CHINESE_TAIL.exec(right)?.groups : undefined;
  if (chinese !== undefined) {
    const aspect = chinese["where"] ?? chinese["aspect"]!;
    const name = chinese["name"]!;
    return [side(left, `${left}的${aspect}`), side(name, `${name}的${aspect}`)];
  }
  return [side(left, left), side(right, right)];
}

function side(name: string, query: string): Side {
  return { name: name.replace(QUOTES, "").replace(/^the /iu, ""), query: query.replace(/["“”]/gu, "") };
}

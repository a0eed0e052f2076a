/** A question as the checks see it: its language, its telling terms with their weights, and the kind of answer it expects. */
import type { Language } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";
import type { TermWeight } from "./text/term-weights.ts";
import { contentTerms, distinctKeys } from "./text/terms.ts";
import type { Term } from "./text/terms.ts";

export interface Question {
  readonly text: string;
  readonly language: Language;
  readonly terms: readonly Term[];
  readonly keys: readonly string[];
  readonly weight: TermWeight;
  readonly expects: "number" | "name" | "list" | "other";
}

const NUMBER =
  /\b(?:when|how (?:many|much|often|long|old|far|tall|high|fast|large|big)|(?:what|which) (?:year|date|day|month|time|percentage|number|century))\b|多少|几|幾|何时|何時|时候|時候|哪年|哪一年|多久|多长|多長|多大|多高|多远|多遠|日期|时间|時間|多快/iu;
const NAME = /\b(?:who|whom|whose|where)\b/iu;
const LIST =
  /\b(?:what are|which are|list|name (?:the|all|some)|steps?|how (?:do|can|to)|types of|kinds of)\b|哪些|有什么|步骤|步驟|如何|怎么|怎麼|怎样|怎樣|分别/iu;

export function readQuestion(text: string, weight: TermWeight): Question {
  const normal = text.normalize("NFKC");
  const terms = contentTerms(normal);
  const expects = NUMBER.test(normal) ? "number" : NAME.test(normal) ? "name" : LIST.test(normal) ? "list" : "other";
  return { text: normal, language: detectLanguage(normal), terms, keys: distinctKeys(terms), weight, expects };
}

const CHINESE_NUMERAL = /[〇零一二三四五六七八九十百千万萬亿億两兩]{1,}[年月日个個人次岁歲名座条條公米]|\d/u;

/** True when `sentence` holds something of the expected kind that the question did not bring itself; null when anything may answer. */
export function hasExpectedKind(question: Question, sentence: string): boolean | null {
  if (question.expects === "number") {
    const numbers = contentTerms(sentence).filter((term) => term.kind === "number" || term.kind === "identifier");
    return numbers.some((term) => !question.keys.includes(term.key)) || CHINESE_NUMERAL.test(sentence);
  }
  if (question.expects === "name" && question.language === "en")
    return contentTerms(` ${sentence}`).some(({ kind, key }) => kind === "name" && !question.keys.includes(key));
  return null;
}

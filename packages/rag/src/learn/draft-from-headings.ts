/**
 * Headings and the text under them → questions: FAQ shapes are taken as they are, headings that ask ("How to …", "谁可以…")
 * become whole questions, and a plain topic is asked about by the document's name.
 */
import type { Language } from "@lorekeep/core";
import { contentTerms, indexTerms } from "../text/terms.ts";
import type { Draft } from "./draft-from-tables.ts";
import type { Piece } from "./read-sections.ts";

const MAX_ANSWER_LENGTH: Readonly<Record<Language, number>> = { en: 300, zh: 120, other: 300 };
const MIN_ANSWER_LENGTH: Readonly<Record<Language, number>> = { en: 25, zh: 10, other: 25 };
const INVERTED =
  /^(?:(?:what|when|where|why|which|how|who)(?: \p{L}+){0,3}? (?:is|are|was|were|do|does|did|can|could|should|may|must|will|has|have)|(?:is|are|do|does|did|can|could|should|may|must|will|has|have)|who (?:may|can|must|should|is|are|has|\p{L}+s))\b/iu;
const SUBJECT_CLAUSE = /^(?:what|when|where|why|how) (?:i|you|we|they|he|she|it|the|a|an|to)\b/i;
const LOOKS_BACK =
  /^(?:it|this|that|these|those|they|he|she|however|but|and|so|then|also|therefore|for example|see|note|yes|no|here|such|in addition|after that|else|otherwise|它|他|她|这|那|此|该|其|但|因此|所以|然而|例如|另外|此外|以上|以下|请参|参见|如上|是的|不)/iu;
const CHINESE_ASKING =
  /谁|誰|什么|什麼|怎么|怎麼|怎样|怎樣|如何|哪些|哪里|哪裡|为什么|為什麼|多少|何时|何時|是否|吗$|嗎$/u;
/** Titles that a sentence can say "the" to. */
const NAMES_ITS_KIND =
  /(?:handbook|guide|manual|faq|report|policy|reference|rules|book|agreement|contract|plan|paper|documentation|tutorial|charter|statute|standard|specification|overview|catalogue|catalog)$/i;
/** Headings that name no topic of their own. */
const EMPTY_TOPIC =
  /^(?:introduction|overview|summary|abstract|contents|table of contents|notes?|remarks?|references?|appendix|preface|conclusions?|background|general|miscellaneous|other|example|examples|see also|index|faq|copyright|license|about|前言|引言|概述|简介|目录|摘要|附录|参考文献|结论|总结|其他|备注|说明|背景)$/iu;

/** The document's title as a question names it; null when only a file name is known. */
export function draftFromHeadings(pieces: readonly Piece[], title: string | null, language: Language): Draft[] {
  return pieces.flatMap((piece, at): Draft[] => {
    const next = pieces[at + 1];
    if (piece.kind !== "heading" || next?.kind !== "paragraph") return [];
    const asked = asQuestion(piece.text, language);
    const answer = leadOf(next, language);
    if (answer === null) return [];
    // A heading that only asks in a way: the text under it must take up what it asks about.
    if (asked !== null && !/[?？]$/.test(piece.text) && !takesUp(piece.text, answer)) return [];
    if (asked !== null) return [{ question: asked, answer, rule: "faq" }];
    const topic = askAbout(piece.text, title, language, next.text);
    return topic === null ? [] : [{ question: topic, answer, rule: "heading" }];
  });
}

function takesUp(heading: string, answer: string): boolean {
  const there = indexTerms(answer);
  return contentTerms(heading).some(({ key }) => there.has(key));
}

/** "Q: … A: …", "问：…答：…" in one piece or in neighbouring ones. */
export function draftFromQuestionLines(text: string, language: Language): Draft[] {
  const pattern =
    /(?:^|\n)\s*(?:Q\d*|Question|问|問题|问题|問)\s*[:：.．]\s*(.{4,200}?)\s*\n+\s*(?:A\d*|Answer|答|答案|回答)\s*[:：.．]\s*(\S[^]*?)(?=\n\s*(?:Q\d*|Question|问|問|问题)\s*[:：.．]|\n\n|$)/giu;
  return [...text.matchAll(pattern)].flatMap((match): Draft[] => {
    const answer = shorten(match[2]!.trim(), language);
    const question = match[1]!.trim();
    return answer === null
      ? []
      : [
          {
            question: /[?？]$/.test(question) ? question : `${question}${language === "zh" ? "？" : "?"}`,
            answer,
            rule: "faq",
          },
        ];
  });
}

/** A heading that is a question, as a whole question; null when it names a topic. */
function asQuestion(heading: string, language: Language): string | null {
  if (/[?？]$/.test(heading)) return heading.length >= (language === "zh" ? 5 : 12) ? heading : null;
  if (language === "zh") return CHINESE_ASKING.test(heading) && heading.length >= 4 ? `${heading}？` : null;
  const toDo = /^(how|what|when|where) to (.+)$/i.exec(heading);
  if (toDo !== null) return `${capital(toDo[1]!)} ${toDo[1]!.toLowerCase() === "how" ? "do" : "should"} I ${toDo[2]!}?`;
  if (SUBJECT_CLAUSE.test(heading)) return null;
  return INVERTED.test(heading) && heading.split(" ").length >= 3 ? `${heading}?` : null;
}

function askAbout(heading: string, title: string | null, language: Language, text: string): string | null {
  if (EMPTY_TOPIC.test(heading) || title === null || heading === title) return null;
  if (language === "zh" && CHINESE_ASKING.test(heading)) return null;
  if (language === "zh")
    return heading.length > 14 || !/\p{Script=Han}/u.test(heading)
      ? null
      : `关于${heading}，《${title}》里是怎么说的？`;
  const words = heading.split(" ");
  if (words.length > 6 || /[:;,.()]/.test(heading) || /^(?:when|how|what|where|why|who|if)\b/i.test(heading))
    return null;
  // A first word that is written small elsewhere, or that nobody writes large inside a sentence, is no name.
  const isName = new RegExp(`\\p{Ll} ${escapePattern(words[0]!)}\\b`, "u").test(text);
  const isAcronym = /^\p{Lu}{2}/u.test(heading);
  const topic = isName || isAcronym ? heading : heading.charAt(0).toLowerCase() + heading.slice(1);
  const source = NAMES_ITS_KIND.test(title) ? `the ${title.replace(/^the /i, "")}` : `“${title}”`;
  return `What does ${source} say about ${topic}?`;
}

/** The first sentence or two of a paragraph, if they can be understood alone. */
function leadOf(
  { text }: { readonly text: string; readonly sentences: readonly string[] },
  language: Language,
): string | null {
  return /^(?:[-*•·]|\d+[.)]|\d+(?:\.\d+)+[.)]?)\s/u.test(text) || LOOKS_BACK.test(text)
    ? null
    : shorten(text, language);
}

/** Whole sentences from the head of `text` up to the longest answer; null when there is no such head. */
function shorten(text: string, language: Language): string | null {
  const limit = MAX_ANSWER_LENGTH[language];
  const ends = [...text.matchAll(/[.!?。！？](?=\s|$|\p{Script=Han})/gu)].map(({ index }) => index + 1);
  const first = ends.find((end) => end >= MIN_ANSWER_LENGTH[language] && text[end - 2] !== " ");
  if (first === undefined || first > limit) return null;
  const second = ends.find((end) => end > first);
  const head = text.slice(0, second !== undefined && second <= limit / 2 ? second : first);
  return head.includes("\n") || /[:：]$/.test(head) ? null : head;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

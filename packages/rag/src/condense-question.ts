/**
 * A follow-up → a question that stands alone. Rules first, in English and Chinese: a pronoun, an ellipsis ("what about…",
 * "…呢") or a question with hardly a topic of its own takes the topic of the turns before it; "the second one" takes the
 * second item of the last answer. No model is needed, so retrieval never hangs on a small one (G1, G5).
 */
import { detectLanguage } from "@lorekeep/ingest";
import { swapTopic } from "./swap-topic.ts";
import { contentTerms } from "./text/terms.ts";
import type { Term } from "./text/terms.ts";

export interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
  /** What a user's turn was resolved to, when it was. */
  readonly condensedQuestion?: string | null | undefined;
}

export interface CondensedQuestion {
  readonly question: string;
  readonly changed: boolean;
  /** Which rule fired; null when the question stood alone. */
  readonly rule: "ordinal" | "person" | "reference" | "ellipsis" | "short" | null;
  /**
   * The last answer, for `retrieve`; absent without one, and for a question that stands alone, or was made to. Recall@5 of 81 last turns of MTRAG-UN:
   * last turn 0.775, all turns 0.745, resolved 0.821, with this background for all 0.828, for follow-ups only 0.836.
   */
  readonly background?: string | undefined;
}

const PERSON = /\b(?:he|him|his|she|her|hers)\b|[他她](?!们|們)/iu;
const REFERENCE =
  /\b(?:it|its|they|them|their|theirs|this|these|those|that one|the (?:same|former|latter|other|others|previous one|first|second|third|last)(?: ones?)?|there)\b|它|他们|他們|她们|她們|这个|這個|那个|那個|这些|這些|那些|这种|這種|那种|那種|其中|前者|后者|後者|上述|刚才|剛才|该|該/iu;
/** "Is there …", "this year": words of reference that refer to nothing. */
const NO_REFERENCE =
  /\b(?:is|are|was|were|will|has|have|does|do) there\b|\bthere (?:is|are|was|were)\b|\b(?:this|these) (?:year|week|month|days?)\b|\bit (?:is|was) (?:possible|necessary|true)\b|今年|这里|該当/giu;
const ELLIPSIS =
  /^(?:and|or|but|so|then|also|ok|okay|yes|no)\b|\b(?:what|how) about\b|^(?:why|why not|how so|since when|how come|where|when|who|which(?: one)?)\s*[?？]?$|\b(?:more|else|another|further|elaborate|continue)\b|^(?:那么|那麼|那|还有|還有|另外|然后|然後)|(?:呢|为什么|為什麼|怎么说)\s*[?？]?$|^(?:大概|一共)?(?:需要|要|得)?(?:花)?(?:多少(?:钱|錢|次)?|多久|多(?:长|長)(?:时间|時間)?|[几幾](?:天|次|个|個))\s*[?？]?$|更多|继续|繼續|详细|詳細/iu;
const ORDINALS: readonly (readonly [RegExp, number])[] = [
  [/\b(?:the )?first(?: one| item| option| step| point)?\b|第一(?:个|個|种|種|项|項|点|點|步|条|條)/iu, 0],
  [/\b(?:the )?second(?: one| item| option| step| point)?\b|第二(?:个|個|种|種|项|項|点|點|步|条|條)/iu, 1],
  [/\b(?:the )?third(?: one| item| option| step| point)?\b|第三(?:个|個|种|種|项|項|点|點|步|条|條)/iu, 2],
  [/\b(?:the )?fourth(?: one| item| option| step| point)?\b|第四(?:个|個|种|種|项|項|点|點|步|条|條)/iu, 3],
  [/\b(?:the )?last(?: one| item| option| step| point)\b|最后(?:一)?(?:个|個|种|種|项|項|点|點|步|条|條)/iu, -1],
];
const MAX_TOPIC_TERMS = 8;
/** Below this many content terms a follow-up has no topic of its own. */
const OWN_TOPIC_TERMS = 2;

/** `history`: earlier turns, oldest first, without this question. */
export function condenseQuestion(question: string, history: readonly Turn[]): CondensedQuestion {
  const alone: CondensedQuestion = { question, changed: false, rule: null };
  const lastQuestion = history.findLast(({ role }) => role === "user");
  if (lastQuestion === undefined) return alone;
  const rule = findRule(question);
  if (rule === null) return alone;

  const previous = lastQuestion.condensedQuestion ?? lastQuestion.text;
  const swapped = rule === "ellipsis" ? swapTopic(previous, question) : null;
  // Whole again, it stands alone: the last answer was about the other thing.
  if (swapped !== null) return { question: swapped, changed: true, rule };

  const lastAnswer = history.findLast(({ role }) => role === "assistant")?.text ?? "";
  const said = lastAnswer.replace(/\s*\[\d+\]/g, "");
  const background = said.trim() === "" ? {} : { background: said };
  const item = rule === "ordinal" ? namedItem(question, lastAnswer) : null;
  const person = rule === "person" ? namesIn(lastAnswer) : [];
  const topic = topicOf(previous, question, rule === "ellipsis" && takesThePlace(question));
  const additions = [...new Set([...(item === null ? [] : [item]), ...person, ...topic])].filter((part) => part !== "");
  if (additions.length === 0) return { ...alone, ...background };
  return { question: join(question, additions), changed: true, rule, ...background };
}

function findRule(question: string): CondensedQuestion["rule"] {
  const normal = question.normalize("NFKC").trim();
  const ownTerms = contentTerms(normal);
  const topicTerms = new Set(ownTerms.map(({ key }) => key)).size;
  const referring = normal.replace(NO_REFERENCE, "");
  const isOrdinal = ORDINALS.some(([pattern]) => pattern.test(normal));
  if (isOrdinal && topicTerms <= 3 + (detectLanguage(normal) === "zh" ? 3 : 0)) return "ordinal";
  if (PERSON.test(referring)) return "person";
  if (REFERENCE.test(referring)) return "reference";
  if (ELLIPSIS.test(normal)) return "ellipsis";
  const hasName = ownTerms.some(({ kind }) => kind === "name" || kind === "identifier");
  return topicTerms < OWN_TOPIC_TERMS && !hasName ? "short" : null;
}

/** The n-th thing that the last answer lists: a numbered or bulleted line, or a part of "A, B and C". */
function namedItem(question: string, answer: string): string | null {
  const place = ORDINALS.find(([pattern]) => pattern.test(question))?.[1];
  if (place === undefined) return null;
  const items = listedItems(answer.replace(/\s*\[\d+\]/g, ""));
  const item = items.at(place);
  return item === undefined ? null : firstTerms(item);
}

function listedItems(answer: string): string[] {
  const lines = [...answer.matchAll(/^\s*(?:[-*•]|\d{1,2}[.)、])\s*(.+)$/gmu)].map((match) => match[1]!);
  if (lines.length >= 2) return lines;
  for (const sentence of answer.split(/(?<=[.!?。！？])\s*/u)) {
    const parts = sentence
      .split(/\s*(?:[,;，、；]\s*(?:and|or|以及|和|与)?|\s(?:and|or)\s|和|以及|与)\s*/u)
      .filter((part) => part.trim() !== "");
    if (parts.length >= 2)
      return [lastPhrase(parts[0]!), ...parts.slice(1)].map((part) => part.replace(/[.。!！]$/u, ""));
  }
  return [];
}

/** "The kit holds a filter" lists the filter: what stands before the first comma keeps its end only. */
function lastPhrase(part: string): string {
  const after =
    part
      .split(/[:：]|\b(?:are|is|include|includes|including|has|have|holds|contains|offers|with|of)\b|是|有|包括|包含/u)
      .at(-1) ?? part;
  return after.trim() === "" ? part : after.trim();
}

function firstTerms(text: string): string {
  const terms = contentTerms(text);
  const last = terms[Math.min(terms.length, MAX_TOPIC_TERMS) - 1];
  return last === undefined ? text.trim() : text.slice(terms[0]!.start, last.end);
}

function namesIn(answer: string): string[] {
  const first = answer.replace(/\s*\[\d+\]/g, "").slice(0, 400);
  const runs = phrases(
    first,
    contentTerms(` ${first}`.slice(1)).filter(({ kind }) => kind === "name"),
  );
  return runs.slice(0, 2);
}

const ANOTHER = /^(?:and|what about|how about)\s[^.?!]{1,40}[?.!]?$|^(?:那么|那麼|那)?[^，。]{1,20}呢\s*[?？]?$/iu;

/** Among Chinese characters a capital says it also at the head of a sentence. */
const isName = (text: string, { kind, start }: Term): boolean =>
  kind === "name" || (/\p{Script=Han}/u.test(text) && /^\p{Lu}/u.test(text.slice(start)));

/** "And the Merlin?" asks the same of another thing: the name that was asked about before no longer is. */
const takesThePlace = (question: string): boolean =>
  ANOTHER.test(question.trim()) && contentTerms(question).some((term) => isName(question, term));

/** The telling phrases of the question before, without what this question says itself, and perhaps without its names. */
function topicOf(previous: string, question: string, isAnother: boolean): string[] {
  const own = new Set(contentTerms(question).map(({ key }) => key));
  const terms = contentTerms(previous).filter(({ key }) => !own.has(key));
  const unnamed = terms.filter((term) => !isName(previous, term));
  return phrases(previous, (isAnother && unnamed.length > 0 ? unnamed : terms).slice(0, MAX_TOPIC_TERMS));
}

/** Terms that stand next to each other, as they were written. */
function phrases(text: string, terms: readonly Term[]): string[] {
  const found: { start: number; end: number }[] = [];
  for (const { start, end } of terms) {
    const last = found.at(-1);
    if (last !== undefined && /^[\s-]?$/u.test(text.slice(last.end, Math.max(last.end, start))))
      last.end = Math.max(last.end, end);
    else found.push({ start, end });
  }
  return found.map(({ start, end }) => text.slice(start, end));
}

function join(question: string, additions: readonly string[]): string {
  const trimmed = question.trim();
  return detectLanguage(trimmed) === "zh"
    ? `${trimmed}（${additions.join("，")}）`
    : `${trimmed} (${additions.join(", ")})`;
}

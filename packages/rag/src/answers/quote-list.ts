/**
 * "Which … are there?" over a list: the whole list is quoted with the line that announces it, not the one item that sounds most like
 * the question. A list is a run of lines of one block, numbered or not; wrapped lines of prose and rows of tables are none.
 */
import type { Span } from "@lorekeep/core";
import { citedChunk } from "../citation/cited-chunk.ts";
import type { PackedPassage } from "../pack-context.ts";
import { passageBody } from "../passage-sentences.ts";
import type { PassageSentence } from "../passage-sentences.ts";
import type { Question } from "../question.ts";
import { coverage } from "../text/term-weights.ts";
import { indexTerms } from "../text/terms.ts";
import type { AnswerPart, Statement } from "./lay-out-answer.ts";

const ITEMS_AT_A_TIME = 8;
const ASKS_FOR_SEVERAL =
  /\b(?:what|which) (?:are|were)\b|\b(?:what|which) (?:\w+ ){0,3}?\w+s (?:are|were|do|does|can|should|may|must|have|belong|need)\b|\b(?:list|enumerate)\b|\bname (?:the|all|some|two|three|four|five)\b|\b(?:steps|types|kinds|parts|rules|options) (?:of|for|to|in|on)\b|\b(?:what(?:['’]s| is| was)) (?:in|inside|included|contained)\b|\bwhat (?:do|does|did) \S.{0,80}? (?:contain|include|hold|consist of|come with)\b|哪些|有什么|有什麼|(?:包括|包含|含有)(?:什么|什麼|哪)|里面(?:是|装|裝|放)[着著了]?(?:什么|什麼)|由(?:什么|什麼)(?:组成|組成|构成|構成)|步骤|步驟|分别|分別|列出|列举|列舉/iu;
const MARK = /^(?:[-*•·‣]|\(?\d{1,3}[.)、）]|[a-z][.)]|[一二三四五六七八九十]{1,3}[、.])\s*/u;
/** A line this long that ends without a stop is a wrapped one. */
const WRAPPED_FROM = 60;
/** Share of the question's telling words in the list's lead-in, headings and document's name, for one that was not ranked first itself. */
const ABOUT_FROM = 0.6;

interface ListBlock {
  readonly packed: PackedPassage;
  readonly leadIn: Line | null;
  readonly items: readonly Line[];
}
interface Line {
  readonly text: string;
  readonly span: Span;
}

export const asksForSeveral = (question: Question): boolean => ASKS_FOR_SEVERAL.test(question.text);

/**
 * The list that answers, at most eight items of it; null where no list does. `best`: where the answer was found by other means, a
 * list around it or right after it is the one that is meant.
 */
export function quoteList(
  question: Question,
  packed: readonly PackedPassage[],
  best: { readonly packed: PackedPassage; readonly sentence: Pick<PassageSentence, "span"> } | undefined,
  isShown: (sentence: Pick<PassageSentence, "readAs">) => boolean = () => false,
): AnswerPart[] | null {
  if (!asksForSeveral(question)) return null;
  const lists = packed.flatMap(listsIn);
  const list =
    lists.find((each) => best !== undefined && isAround(each, best.packed, best.sentence.span)) ??
    lists.find((each) => isMeant(question, each));
  if (list === undefined) return null;
  const said = list.items.filter((line) => !isShown({ readAs: withoutMark(line.text) })).slice(0, ITEMS_AT_A_TIME);
  if (said.length === 0) return null;
  const { passage } = list.packed;
  const state = ({ text, span }: Line): Statement => ({
    ...{ text: withoutMark(text), passage, chunk: citedChunk(list.packed, span), quote: text, span },
  });
  const leadIn = list.leadIn === null || isShown({ readAs: list.leadIn.text }) ? [] : [state(list.leadIn)];
  return [
    { heading: null, form: "prose", statements: leadIn },
    { heading: null, form: "list", statements: said.map(state) },
  ];
}

const withoutMark = (text: string): string => text.replace(MARK, "").replace(/\s+/gu, " ");

function isAround({ packed, leadIn, items }: ListBlock, best: PackedPassage, span: Span): boolean {
  const from = (leadIn ?? items[0]!).span[0];
  return best === packed && span[0] < items.at(-1)!.span[1] && span[1] > from;
}

function isMeant(question: Question, { packed, leadIn }: ListBlock): boolean {
  const { headings, documentName } = packed.passage;
  const announced = indexTerms([...headings.slice(-1), leadIn?.text ?? ""].join("\n"));
  // What the list is of may be said further up: the box of *which* pump.
  const above = new Set([...announced, ...indexTerms([...headings, documentName].join("\n"))]);
  return (
    question.keys.some((key) => announced.has(key)) && coverage(question.keys, above, question.weight) >= ABOUT_FROM
  );
}

/** Blocks are parted by empty lines; the last line of the block before announces the list. */
function listsIn(packed: PackedPassage): ListBlock[] {
  const { passage } = packed;
  const body = passageBody(passage);
  const blocks = [...body.matchAll(/[^\n]+(?:\n[^\n]+)*/gu)]
    .map((block) => linesOf(block[0], passage.span[0] + block.index))
    .filter((lines) => lines.length > 0);
  return blocks.flatMap((lines, at): ListBlock[] => {
    const firstItem = lines.findIndex(({ text }) => MARK.test(text));
    const from = firstItem > 0 && lines.slice(firstItem).every(({ text }) => MARK.test(text)) ? firstItem : 0;
    const opensItself = from === 0 && /[:：]$/u.test(lines[0]!.text) ? 1 : from;
    const items = lines.slice(opensItself);
    if (!isList(items)) return [];
    const before = opensItself > 0 ? lines[opensItself - 1] : blocks[at - 1]?.at(-1);
    const announces = before !== undefined && (/[:：]$/u.test(before.text) || opensItself > 0);
    return [{ packed, leadIn: announces ? before : null, items }];
  });
}

function linesOf(block: string, offset: number): Line[] {
  return [...block.matchAll(/[^\n]+/gu)].flatMap((match) => {
    const text = match[0].trim();
    const start = offset + match.index + match[0].length - match[0].trimStart().length;
    return text === "" ? [] : [{ text, span: [start, start + text.length] as const }];
  });
}

function isList(lines: readonly Line[]): boolean {
  if (lines.length < 2 || lines.some(({ text }) => text.includes(" | "))) return false;
  if (lines.every(({ text }) => MARK.test(text))) return true;
  const wrapped = lines
    .slice(0, -1)
    .filter(({ text }) => text.length >= WRAPPED_FROM && !/[.!?。！？;；:：]$/u.test(text));
  return wrapped.length * 3 <= lines.length;
}

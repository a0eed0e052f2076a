/**
 * Examples → what is wrong with each of them, and which of them are held out. Nothing is deleted: a problem is a mark that a
 * person can overrule by approving the example. Of examples that are told twice the first one stays sound.
 */
import type { Example, ExampleDraft, Language } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";
import { contentTerms, distinctKeys, indexTerms } from "../text/terms.ts";
import { findPersonalData } from "./personal-data.ts";
import type { PersonalKind } from "./personal-data.ts";
import { drain, findingSimilar, jaccard } from "./similar-texts.ts";
import { splitByGroup } from "./split-examples.ts";

export type Problem = Example["problems"][number];
export type CleanedExample = Pick<
  ExampleDraft,
  "question" | "answer" | "answerable" | "language" | "passages" | "group" | "split"
> &
  Partial<Pick<ExampleDraft, "rejectedAnswer">>;

export interface CleanOptions {
  /** Characters of question, answer and right passages together; the budget of tokens is checked where tokens are counted. */
  readonly maxCharacters?: number | undefined;
  /** Examples in other languages get the problem "language". */
  readonly languages?: readonly Language[] | undefined;
  readonly seed?: number | undefined;
  /** Share that is held out. */
  readonly validationShare?: number | undefined;
  /** True: splits that are there are kept, and only leaks across them are looked for. */
  readonly keepSplit?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CleanReport {
  readonly exampleCount: number;
  readonly soundCount: number;
  readonly trainCount: number;
  readonly validationCount: number;
  readonly problems: Readonly<Partial<Record<Problem, number>>>;
  /** What kinds of personal data were seen, and in how many examples. */
  readonly personalData: Readonly<Partial<Record<PersonalKind, number>>>;
  readonly languages: Readonly<Partial<Record<Language, number>>>;
}

export interface CleanMark {
  readonly problems: Problem[];
  readonly split: Example["split"];
}

const NEAR_FROM = 0.7;
/** Share of their content terms that two questions have in common when they ask the same. */
const SAME_TOPIC_FROM = 0.6;
/** Answers of about equal questions that share less than this contradict rather than repeat each other. */
const SUPPORT_FROM = 0.5;
const MAX_CHARACTERS = 6000;

export interface Cleaned {
  /** One for each example, in order. */
  readonly marks: CleanMark[];
  readonly report: CleanReport;
}

/** One mark for each example, in order, and what they add up to. */
export function cleanExamples(examples: readonly CleanedExample[], options: CleanOptions = {}): Cleaned {
  return drain(cleaning(examples, options));
}

/** Work between two rests, so that answers go on streaming while thousands of examples are cleaned. */
const SLICE_MS = 12;

/** The same in slices: `rest` lets others run. Throws aborted. */
export async function cleanExamplesInSlices(
  examples: readonly CleanedExample[],
  options: CleanOptions & { readonly rest: () => Promise<void> },
): Promise<Cleaned> {
  const work = cleaning(examples, options);
  let restedMs = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - restedMs < SLICE_MS) continue;
    throwIfAborted(options.signal);
    await options.rest();
    restedMs = performance.now();
  }
}

function* cleaning(examples: readonly CleanedExample[], options: CleanOptions): Generator<void, Cleaned> {
  const { seed = 1, validationShare: share, keepSplit = false, signal } = options;
  const termsOf = rememberTerms();
  const problems = yield* mapping(examples, (example) => new Set(problemsOf(example, options, termsOf)));
  throwIfAborted(signal);
  const pairs: (readonly [number, number])[] = [];
  const told = yield* mapping(examples, toldText);
  const kinds = yield* mapping(examples, kindOf);
  for (const pair of yield* findingSimilar(told, { threshold: NEAR_FROM, kinds })) {
    if (asksTheSame(examples[pair[0]]!, examples[pair[1]]!)) pairs.push(pair);
    yield;
  }
  const whole = yield* mapping(examples, wholeKey);
  for (const [first, second] of pairs)
    problems[second]!.add(whole[first] === whole[second] ? "duplicate" : "near_duplicate");
  throwIfAborted(signal);
  const groups = examples.map(({ group }) => group);
  const splits = keepSplit
    ? examples.map(({ split }) => split)
    : splitByGroup(groups, { seed, ...(share === undefined ? {} : { share }) });
  markLeaks(examples, splits, pairs, problems);
  const marks = problems.map((found, at) => ({ problems: [...found], split: splits[at]! }));
  const personal = yield* mapping(examples, ({ question, answer, rejectedAnswer }) =>
    findPersonalData(`${question}\n${answer ?? ""}\n${rejectedAnswer ?? ""}`),
  );
  return { marks, report: reportOf(examples, marks, personal.flat()) };
}

function* mapping<From, To>(all: readonly From[], one: (each: From) => To): Generator<void, To[]> {
  const made: To[] = [];
  for (const each of all) {
    made.push(one(each));
    yield;
  }
  return made;
}

/** A held-out example whose twin is trained on proves nothing; the trained one may stay. */
function markLeaks(
  examples: readonly CleanedExample[],
  splits: readonly Example["split"][],
  pairs: readonly (readonly [number, number])[],
  problems: readonly Set<Problem>[],
): void {
  const markIfAcross = (first: number, second: number): void => {
    if (splits[first] === splits[second]) return;
    problems[splits[first] === "validation" ? first : second]!.add("leak");
  };
  for (const [first, second] of pairs) markIfAcross(first, second);
  const trained = new Set(examples.filter((_, at) => splits[at] === "train").map(({ group }) => group));
  const isOneGroup = new Set(examples.map(({ group }) => group)).size < 2;
  for (const [at, { group }] of examples.entries())
    if (!isOneGroup && splits[at] === "validation" && trained.has(group)) problems[at]!.add("leak");
}

function problemsOf(example: CleanedExample, options: CleanOptions, termsOf: TermsOf): Problem[] {
  const { maxCharacters = MAX_CHARACTERS, languages } = options;
  const { question, answer, passages } = example;
  const said = `${question}\n${answer ?? ""}\n${example.rejectedAnswer ?? ""}`;
  const gold = passages.filter((passage) => passage.gold).map(({ text }) => text);
  const length = said.length + gold.join("").length;
  const problems: Problem[] = [];
  if (length > maxCharacters) problems.push("too_long");
  if (!isInLanguage(example, languages)) problems.push("language");
  if (findPersonalData(said).length > 0) problems.push("personal_data");
  if (!isSupported(example, termsOf)) problems.push("unsupported_answer");
  return problems;
}

/** The language is wanted, and question and answer are both written in it. */
function isInLanguage(
  { language, question, answer }: CleanedExample,
  wanted: readonly Language[] | undefined,
): boolean {
  if (wanted !== undefined && !wanted.includes(language)) return false;
  const asked = detectLanguage(question);
  // An answer of a few words (a name, a number, a code) is of any language.
  const told = answer !== null && answer.length >= 40 ? detectLanguage(answer) : asked;
  return asked === told;
}

/** Half of the answer's telling words stand in the passages; without passages, or without an answer, there is nothing to check. */
export function isSupported({ answer, answerable, passages }: CleanedExample, termsOf: TermsOf = indexTerms): boolean {
  if (answer === null || !answerable || passages.length === 0) return true;
  const keys = distinctKeys(contentTerms(answer));
  if (keys.length === 0) return passages.some(({ text }) => text.includes(answer.trim()));
  const there = passages.flatMap(({ title, text }) => [termsOf(title), termsOf(text)]);
  const found = keys.filter((key) => there.some((terms) => terms.has(key)));
  return found.length / keys.length >= SUPPORT_FROM;
}

type TermsOf = (text: string) => ReadonlySet<string>;

/** Many questions are asked of one passage: its terms are read once. */
function rememberTerms(): TermsOf {
  const known = new Map<string, ReadonlySet<string>>();
  return (text) => {
    const terms = known.get(text) ?? indexTerms(text);
    known.set(text, terms);
    return terms;
  };
}

const toldText = ({ question, answer }: CleanedExample): string => `${question} ${answer ?? ""}`;
const wholeKey = ({ question, answer, passages }: CleanedExample): string =>
  JSON.stringify([
    fold(question),
    fold(answer ?? ""),
    ...(answer === null ? passages.map(({ text }) => fold(text)) : []),
  ]);
const fold = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, "");

/**
 * Two people's names make two questions of otherwise equal words: what the questions are about has to be about the same too.
 */
function asksTheSame(left: CleanedExample, right: CleanedExample): boolean {
  const [first, second] = [left, right].map(({ question }) => new Set(distinctKeys(contentTerms(question))));
  return first!.size + second!.size === 0 || jaccard(first!, second!) >= SAME_TOPIC_FROM;
}

/**
 * "ERR-4711" and "ERR-4720", or "in 2019" and "in 2020", make two questions of otherwise equal words. Thousands of them come from
 * one table, and so are never set beside each other.
 */
const kindOf = ({ question, answerable }: CleanedExample): string =>
  contentTerms(question)
    .filter(({ kind }) => kind === "number" || kind === "identifier")
    .map(({ key }) => key)
    .sort()
    .join() + (answerable ? "" : "?");

function reportOf(
  examples: readonly CleanedExample[],
  marks: readonly CleanMark[],
  personal: readonly PersonalKind[],
): CleanReport {
  const problems = tally(marks.flatMap((mark) => mark.problems));
  const personalData = tally(personal);
  return {
    exampleCount: examples.length,
    soundCount: marks.filter((mark) => mark.problems.length === 0).length,
    trainCount: marks.filter(({ split }) => split === "train").length,
    validationCount: marks.filter(({ split }) => split === "validation").length,
    ...{ problems, personalData, languages: tally(examples.map(({ language }) => language)) },
  };
}

export function tally<Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

/**
 * Public question sets → reader examples. Splits are by article, so no paragraph of a held-out article is ever trained on.
 * Negatives come in three kinds, because each teaches something else: the sets' own adversarial questions (looks right,
 * is not there), passages that word search brings up wrongly (what a reader meets in this product), and random ones.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PairTokenizer, PairWindow } from "@lorekeep/models";
import { tokensOfSpan } from "@lorekeep/models";
import type { ReaderExample } from "@lorekeep/tune";
import { alteredQuestions } from "./altered-questions.ts";

export interface SetQuestion {
  readonly id: string;
  readonly question: string;
  readonly answers: readonly string[];
  readonly answerable: boolean;
  readonly doc_id: string;
}
export interface SetDocument {
  readonly _id: string;
  readonly title: string;
  readonly text: string;
}
export interface QuestionSet {
  readonly name: string;
  readonly documents: ReadonlyMap<string, SetDocument>;
  readonly train: readonly SetQuestion[];
  readonly heldOut: readonly SetQuestion[];
}

const lines = async <Row>(path: string): Promise<Row[]> =>
  (await readFile(path, "utf8"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);

/** A number in [0, 1) that depends on the text alone. */
export function lot(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32LE(0) / 2 ** 32;
}

/** A share of the articles, drawn by lot (the same ones each time), is kept apart. */
export async function loadQuestionSet(folder: string, name: string, heldOutShare: number): Promise<QuestionSet> {
  const documents = new Map(
    (await lines<SetDocument>(join(folder, name, "docs.public.jsonl"))).map((doc) => [doc._id, doc]),
  );
  const questions = await lines<SetQuestion>(join(folder, name, "qa.public.jsonl"));
  const titles = [...new Set([...documents.values()].map(({ title }) => title))].sort(
    (a, b) => lot(`${name}/${a}`) - lot(`${name}/${b}`),
  );
  const apart = new Set(titles.slice(0, Math.max(1, Math.round(titles.length * heldOutShare))));
  const isApart = ({ doc_id }: SetQuestion): boolean => apart.has(documents.get(doc_id)!.title);
  return {
    name,
    documents,
    train: questions.filter((question) => !isApart(question)),
    heldOut: questions.filter(isApart),
  };
}

/** Words and Han bigrams, for finding passages that look right. */
export function terms(text: string): string[] {
  const found: string[] = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return found.flatMap((word) =>
    /\p{Script=Han}/u.test(word)
      ? Array.from(word).flatMap((_, i, all) => (i === 0 ? [] : [all[i - 1]! + all[i]!]))
      : [word],
  );
}

/** BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza 2009) over a few hundred paragraphs. */
export class WordSearch {
  readonly #postings = new Map<string, Map<string, number>>();
  readonly #lengths = new Map<string, number>();
  #meanLength = 1;

  constructor(documents: Iterable<SetDocument>) {
    for (const { _id, text } of documents) {
      const words = terms(text);
      this.#lengths.set(_id, words.length);
      for (const word of words) {
        const posting = this.#postings.get(word) ?? new Map<string, number>();
        posting.set(_id, (posting.get(_id) ?? 0) + 1);
        this.#postings.set(word, posting);
      }
    }
    this.#meanLength = [...this.#lengths.values()].reduce((a, b) => a + b, 0) / this.#lengths.size;
  }

  /** Ids, best first. */
  search(query: string, limit: number): string[] {
    const scores = new Map<string, number>();
    for (const word of new Set(terms(query))) {
      const posting = this.#postings.get(word);
      if (posting === undefined) continue;
      const weight = Math.log(1 + (this.#lengths.size - posting.size + 0.5) / (posting.size + 0.5));
      for (const [id, count] of posting) {
        const norm = 1.2 * (0.25 + (0.75 * this.#lengths.get(id)!) / this.#meanLength);
        scores.set(id, (scores.get(id) ?? 0) + (weight * count * 2.2) / (count + norm));
      }
    }
    return [...scores]
      .sort((a, b) => b[1] - a[1])
      .slice(0, limit)
      .map(([id]) => id);
  }
}

export interface ReaderDataOptions {
  readonly tokenizer: PairTokenizer;
  readonly maxTokens: number;
  /** Shares of the answerable questions that are asked again of a wrong passage. */
  readonly retrievedNegatives: number;
  readonly randomNegatives: number;
  /** Share of the answerable questions that are asked again in an altered form that their passage does not answer. */
  readonly altered: number;
}

/** Examples of these questions, in the order of the questions. */
export function readerExamples(
  set: QuestionSet,
  questions: readonly SetQuestion[],
  options: ReaderDataOptions,
): ReaderExample[] {
  const trainIds = new Set(questions.map(({ doc_id }) => doc_id));
  const documents = [...set.documents.values()].filter(({ _id }) => trainIds.has(_id));
  const words = new WordSearch(documents);
  return questions.flatMap((question) => {
    const own = set.documents.get(question.doc_id)!;
    if (!question.answerable) return [without(question, own, null, options)];
    const positive = pointing(question, own, options);
    const draw = lot(`${question.id}/negative`);
    const wrong =
      draw < options.retrievedNegatives
        ? words.search(question.question, 6)
        : draw < options.retrievedNegatives + options.randomNegatives
          ? [documents[Math.floor(lot(`${question.id}/random`) * documents.length)]!._id]
          : [];
    const negative = wrong
      .map((id) => set.documents.get(id)!)
      .find(({ _id, text }) => _id !== own._id && !question.answers.some((answer) => text.includes(answer)));
    const altered = lot(`${question.id}/alter`) < options.altered ? alteredForm(question, own) : null;
    return [
      ...(positive === null ? [] : [positive]),
      ...(altered === null ? [] : [without(altered, own, null, options)]),
      ...(negative === undefined ? [] : [without(question, negative, 0, options)]),
    ];
  });
}

function alteredForm(question: SetQuestion, { text }: SetDocument): SetQuestion | null {
  const forms = alteredQuestions(question.question, text, question.answers);
  const chosen = forms[Math.floor(lot(`${question.id}/altered`) * forms.length)];
  return chosen === undefined ? null : { ...question, question: chosen };
}

function pointing(question: SetQuestion, { text }: SetDocument, options: ReaderDataOptions): ReaderExample | null {
  const answer = question.answers[0] ?? "";
  const start = answer === "" ? -1 : text.indexOf(answer);
  if (start < 0) return null;
  const windows = options.tokenizer.encodePair(question.question, text, { maxTokens: options.maxTokens });
  const fitting = windows.flatMap((window) => {
    const tokens = tokensOfSpan(window, [start, start + answer.length]);
    return tokens === null ? [] : [{ window, tokens }];
  });
  const chosen = fitting[Math.floor(lot(`${question.id}/window`) * fitting.length)];
  return chosen === undefined ? null : { ...idsOf(chosen.window), answer: chosen.tokens, relevant: 1 };
}

function without(
  question: SetQuestion,
  { text }: SetDocument,
  relevant: 0 | null,
  options: ReaderDataOptions,
): ReaderExample {
  const windows = options.tokenizer.encodePair(question.question, text, { maxTokens: options.maxTokens });
  const window = windows[Math.floor(lot(`${question.id}/empty`) * windows.length)]!;
  return { ...idsOf(window), answer: null, relevant };
}
const idsOf = ({ ids, passageStart }: PairWindow) => ({ ids, passageStart });

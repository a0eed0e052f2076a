/**
 * The questions that a refusal curve rests on, and their judging. Answerable: drafted from the documents by rule, saved and rated
 * ones. Unanswerable: the same questions with the document that answers them withheld before retrieval, questions drafted from
 * other collections, and general ones. A question that is meant to have no answer is dropped when a passage that was retrieved
 * for it holds its answer all the same.
 */
import type { ExampleDraft, Language, RefusalQuestionSource, SearchFilter } from "@lorekeep/core";
import { seededRandom, shuffled } from "../evaluation/seeded-random.ts";
import { holdsAnswer } from "../learn/retrieve-distractors.ts";
import { contentTerms, distinctKeys, indexTerms } from "../text/terms.ts";
import type { Assessment } from "./assess-question.ts";
import { OFF_CORPUS_QUESTIONS } from "./off-corpus-questions.ts";
import type { JudgedQuestion } from "./refusal-curve.ts";

export interface CurveQuestion {
  readonly source: RefusalQuestionSource;
  readonly question: string;
  readonly answerable: boolean;
  /** Of an unanswerable question: what a passage must not hold; null = nobody knows. */
  readonly answer: string | null;
  /** Documents that retrieval may not see. */
  readonly withheld: readonly string[];
}

type Asked = Pick<ExampleDraft, "question" | "answer" | "answerable" | "language" | "passages" | "source" | "group">;

export interface CurveMaterial {
  /** Drafted from the collection's documents. */
  readonly documents: readonly Asked[];
  /** Approved examples of the collection's question sets. */
  readonly saved: readonly Asked[];
  readonly feedback: readonly Asked[];
  /** Drafted from other collections. */
  readonly others: readonly Asked[];
}

/** At most so many questions of each source. */
export const CURVE_LIMITS = { documents: 80, saved: 120, feedback: 60, withheld: 80, collections: 40, general: 40 };
/** A passage with this share of the answer's words may well answer in other words. */
const MOST_OF_ANSWER = 0.6;

/** Each question once; what people asked and saved stands before what a rule drafted. */
export function curveQuestions(
  { documents, saved, feedback, others }: CurveMaterial,
  options: { readonly documentCount: number; readonly seed?: number | undefined },
): CurveQuestion[] {
  const random = seededRandom(options.seed ?? 1);
  const seen = new Set<string>();
  const fresh = (question: string): boolean => {
    const isNew = !seen.has(question);
    seen.add(question);
    return isNew;
  };
  const take = (source: "documents" | "saved" | "feedback", examples: readonly Asked[]): Asked[] =>
    shuffled(
      // A question beside wrong passages is answered by others: it says nothing about the collection.
      examples.filter((example) => example.source !== "unanswerable" && fresh(example.question)),
      random,
    ).slice(0, CURVE_LIMITS[source]);
  const asked = {
    saved: take("saved", saved),
    feedback: take("feedback", feedback),
    documents: take("documents", documents),
  };
  const all = [...asked.saved, ...asked.feedback, ...asked.documents];
  const languages = new Set(all.map(({ language }) => language));
  return [
    ...Object.entries(asked).flatMap(
      ([source, examples]) => examples.map((example) => toQuestion(source as keyof typeof asked, example)), // keys of the object above
    ),
    // With one document there would be nothing left to search.
    ...(options.documentCount < 2
      ? []
      : shuffled(all.flatMap(withheldQuestion), random).slice(0, CURVE_LIMITS.withheld)),
    ...shuffled(
      others.filter(({ question }) => fresh(question)),
      random,
    )
      .slice(0, CURVE_LIMITS.collections)
      .map(({ question, answer }) => offCorpus("collections", question, answer)),
    ...shuffled(generalQuestions(languages), random)
      .slice(0, CURVE_LIMITS.general)
      .map(({ question, answer }) => offCorpus("general", question, answer)),
  ];
}

const toQuestion = (source: RefusalQuestionSource, { question, answerable }: Asked): CurveQuestion => ({
  ...{ source, question, answerable },
  answer: null,
  withheld: [],
});

const offCorpus = (source: RefusalQuestionSource, question: string, answer: string | null): CurveQuestion => ({
  ...{ source, question, answer },
  answerable: false,
  withheld: [],
});

function withheldQuestion({ question, answer, answerable, passages }: Asked): CurveQuestion[] {
  const withheld = [
    ...new Set(passages.flatMap(({ gold, documentId }) => (gold && documentId !== null ? [documentId] : []))),
  ];
  if (!answerable || answer === null || withheld.length === 0) return [];
  return [{ source: "withheld", question, answerable: false, answer, withheld }];
}

/** In the languages that the collection is asked in; in both when nothing is known. */
function generalQuestions(languages: ReadonlySet<Language>) {
  const known = OFF_CORPUS_QUESTIONS.filter(({ language }) => languages.has(language));
  return known.length > 0 ? known : OFF_CORPUS_QUESTIONS;
}

/** null: what was retrieved holds an answer that should not be there. */
export async function judgeCurveQuestion(
  { source, question, answerable, answer, withheld }: CurveQuestion,
  assess: (question: string, filter: SearchFilter | undefined) => Promise<Assessment>,
): Promise<JudgedQuestion | null> {
  const filter = withheld.length === 0 ? undefined : { notDocumentIds: [...withheld] };
  const { probability, refusedAnyway, passages } = await assess(question, filter);
  if (!answerable && answer !== null && passages.some(({ text }) => mayAnswer(text, answer))) return null;
  return { source, answerable, probability, refusedAnyway };
}

function mayAnswer(text: string, answer: string): boolean {
  if (holdsAnswer(text, answer)) return true;
  const keys = distinctKeys(contentTerms(answer));
  if (keys.length < 2) return false;
  const there = indexTerms(text);
  return keys.filter((key) => there.has(key)).length >= MOST_OF_ANSWER * keys.length;
}

/** SQuAD 2.0 → examples of answering from passages, in the product's own form: right passage, distractors, refusals. */
import type { AskedExample } from "@lorekeep/rag";
import type { ExamplePassage } from "@lorekeep/core";
import { lot, WordSearch } from "./reader-data.ts";
import type { QuestionSet, SetDocument, SetQuestion } from "./reader-data.ts";

/** Two of the eight articles: one alone says more about the article than about the adapter. */
export const HELD_OUT_SHARE = 0.25;

export interface AnsweringDataOptions {
  /** Answerable questions, drawn by lot. */
  readonly answerable: number;
  /** Questions that are asked of passages of other articles, to be refused. */
  readonly unrelated: number;
  /** The set's own unanswerable questions: too many teach refusing everything. */
  readonly adversarial: number;
  /** Share of examples that show distractors besides the right passage. */
  readonly distracted: number;
}

const passageOf = ({ title, text, _id }: SetDocument, gold: boolean): ExamplePassage => ({
  title: title.replaceAll("_", " "),
  text,
  gold,
  documentId: _id,
  chunkId: null,
});

/** Examples in a drawn order; questions come from `questions` only, and so do their paragraphs. */
export function answeringExamples(
  set: QuestionSet,
  questions: readonly SetQuestion[],
  options: AnsweringDataOptions,
): AskedExample[] {
  const ids = new Set(questions.map(({ doc_id }) => doc_id));
  const documents = [...set.documents.values()].filter(({ _id }) => ids.has(_id));
  const words = new WordSearch(documents);
  const drawn = [...questions].sort((a, b) => lot(`draw/${a.id}`) - lot(`draw/${b.id}`));
  const answerable = drawn.filter(({ answerable: yes }) => yes);
  const wrongOf = (question: SetQuestion, sameArticle: boolean): SetDocument[] => {
    const own = set.documents.get(question.doc_id)!;
    return words
      .search(question.question, 30)
      .map((id) => set.documents.get(id)!)
      .filter(
        ({ _id, title, text }) =>
          _id !== own._id &&
          (sameArticle || title !== own.title) &&
          !question.answers.some((answer) => text.includes(answer)),
      );
  };
  const asked = answerable.slice(0, options.answerable).map((question): AskedExample => {
    const own = set.documents.get(question.doc_id)!;
    const count = lot(`distract/${question.id}`) < options.distracted ? 1 : 0;
    const distractors = wrongOf(question, true).slice(0, count);
    return {
      question: question.question,
      answer: question.answers[0]!,
      accepted: question.answers,
      answerable: true,
      language: "en",
      passages: [passageOf(own, true), ...distractors.map((document) => passageOf(document, false))],
    };
  });
  const unrelated = answerable
    .slice(options.answerable, options.answerable + options.unrelated)
    .concat(answerable.slice(0, Math.max(0, options.unrelated - (answerable.length - options.answerable))));
  const refused = unrelated.slice(0, options.unrelated).map((question, i): AskedExample => {
    const wrong = wrongOf(question, false);
    const random = documents[Math.floor(lot(`random/${question.id}`) * documents.length)]!;
    const ownTitle = set.documents.get(question.doc_id)!.title;
    const fallback = random.title === ownTitle ? documents.find(({ title }) => title !== ownTitle)! : random;
    return refusal(question, i % 2 === 0 ? (wrong[0] ?? fallback) : fallback);
  });
  const adversarial = drawn
    .filter(({ answerable: yes }) => !yes)
    .slice(0, options.adversarial)
    .map((question) => refusal(question, set.documents.get(question.doc_id)!));
  return [...asked, ...refused, ...adversarial];
}

const refusal = (question: SetQuestion, document: SetDocument): AskedExample => ({
  question: question.question,
  answer: null,
  answerable: false,
  language: "en",
  passages: [passageOf(document, false)],
});

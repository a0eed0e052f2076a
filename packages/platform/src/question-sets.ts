/** What is asked of a collection, as use cases: made from files, feedback and documents; looked through; asked by evaluations. */
import type {
  CreateQuestionSetRequest,
  DatasetId,
  DraftQuestionsRequest,
  ExampleId,
  Job,
  Page,
  Question,
  QuestionListQuery,
  QuestionSet,
  QuestionSetListQuery,
} from "@lorekeep/core";
import type { Actor } from "./actor.ts";

/** Every method demands scope `admin`. A set of a collection that the actor may not see does not exist for it. */
export interface QuestionSets {
  questionSets(actor: Actor, query: QuestionSetListQuery): Promise<Page<QuestionSet>>;
  questionSet(actor: Actor, id: DatasetId): Promise<QuestionSet>;
  createQuestionSet(actor: Actor, request: CreateQuestionSetRequest): Promise<QuestionSet>;
  /** JSON lines, or CSV with a header that names `question` and `answer`; a bad line is an error that names it. */
  importQuestionSet(
    actor: Actor,
    request: { name: string; collection: string; fileName: string; bytes: AsyncIterable<Uint8Array> },
  ): Promise<QuestionSet>;
  renameQuestionSet(actor: Actor, id: DatasetId, name: string): Promise<QuestionSet>;
  deleteQuestionSet(actor: Actor, id: DatasetId): Promise<void>;
  /** A job of kind `draft-examples`. */
  draftQuestions(actor: Actor, id: DatasetId, request: DraftQuestionsRequest): Promise<Job>;
  questions(actor: Actor, id: DatasetId, query: QuestionListQuery): Promise<Page<Question>>;
  deleteQuestion(actor: Actor, id: DatasetId, question: ExampleId): Promise<void>;
}

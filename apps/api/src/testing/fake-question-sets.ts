/** Question sets in memory, as far as the HTTP skin can see them. */
import { AppError, newId, newQuestionSchema, type Job, type Question, type QuestionSet } from "@lorekeep/core";
import type { Adaptation } from "@lorekeep/platform";
import { find, now, remove, type Part } from "./adaptation-rows.ts";

type Names =
  | "questionSets"
  | "questionSet"
  | "createQuestionSet"
  | "importQuestionSet"
  | "renameQuestionSet"
  | "deleteQuestionSet"
  | "draftQuestions"
  | "questions"
  | "deleteQuestion";

const makeQuestion = (question: string, answer: string | null): Question => ({
  id: newId("example"),
  question,
  answer,
  answerable: answer !== null,
  language: "en",
  source: "upload",
  gold: [],
  createdAt: now(),
});

export function fakeQuestionSets(enqueue: (kind: string) => Promise<Job>): Part<Names> {
  const sets = new Map<string, QuestionSet>();
  const questions = new Map<string, Question[]>();
  const create: Adaptation["createQuestionSet"] = async (_actor, { name, collection, questions: asked = [] }) => {
    const made = asked.map((each) => makeQuestion(each.question, each.answer ?? null));
    const set: QuestionSet = {
      ...{ id: newId("dataset"), name, collectionId: collection, questionCount: made.length },
      ...{ answerable: made.length, unanswerable: 0, sources: {}, deletedDocuments: 0 },
      ...{ createdAt: now(), updatedAt: now() },
    };
    sets.set(set.id, set);
    questions.set(set.id, made);
    return set;
  };
  const get = (id: string) => find(sets, "question set", id);
  return {
    createQuestionSet: create,
    importQuestionSet: async (actor, { name, collection, bytes }) => {
      const parts: Uint8Array[] = [];
      for await (const part of bytes) parts.push(part);
      const lines = Buffer.concat(parts).toString("utf8").split("\n");
      const asked = lines.filter((line) => line !== "").map((line) => newQuestionSchema.parse(JSON.parse(line)));
      return create(actor, { name, collection, questions: asked });
    },
    questionSet: async (_actor, id) => get(id),
    questionSets: async (_actor, { limit, collection }) => ({
      items: [...sets.values()]
        .filter((each) => (collection ?? each.collectionId) === each.collectionId)
        .slice(0, limit),
      nextCursor: null,
    }),
    renameQuestionSet: async (_actor, id, name) => {
      sets.set(id, { ...get(id), name });
      return get(id);
    },
    deleteQuestionSet: async (_actor, id) => remove(sets, "question set", id),
    draftQuestions: async (_actor, id) => {
      get(id);
      return enqueue("draft-examples");
    },
    questions: async (_actor, id, { limit }) => ({
      items: (questions.get(get(id).id) ?? []).slice(0, limit),
      nextCursor: null,
    }),
    deleteQuestion: async (_actor, id, question) => {
      const there = questions.get(get(id).id) ?? [];
      const left = there.filter((each) => each.id !== question);
      if (left.length === there.length) throw new AppError("not_found", "There is no such question.");
      questions.set(id, left);
    },
  };
}

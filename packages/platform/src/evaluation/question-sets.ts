/** Question sets over the datasets' rows, so that forgetting a document forgets its questions too. */
import { AppError, createQuestionSetSchema, draftQuestionsSchema } from "@lorekeep/core";
import type {
  Collection,
  Dataset,
  DatasetId,
  DocumentRecord,
  Example,
  ExampleDraft,
  ExampleId,
  ExamplePassage,
  Question,
  QuestionSet,
} from "@lorekeep/core";
import { findCollection, maySee, requireScope } from "../access.ts";
import type { Actor } from "../actor.ts";
import { datasetIdOf } from "../adaptation/parts.ts";
import type { AdaptationParts } from "../adaptation/parts.ts";
import { toDraft } from "../adaptation/read-example.ts";
import { enqueueDraft } from "../enqueue.ts";
import type { QuestionSets } from "../question-sets.ts";
import { readQuestionFile } from "./read-question-file.ts";
import type { ReadQuestion } from "./read-question-file.ts";

const MAX_QUESTIONS = 20_000;

export function toQuestionSet({ id, name, collectionId, exampleCount, counts, ...rest }: Dataset): QuestionSet {
  const { sources, deletedDocuments, createdAt, updatedAt } = rest;
  const { answerable, unanswerable } = counts;
  return {
    ...{ id, name, collectionId, questionCount: exampleCount, answerable, unanswerable, sources },
    ...{ deletedDocuments: deletedDocuments.length, createdAt, updatedAt },
  };
}

function toQuestion({ id, question, answer, answerable, language, source, passages, createdAt }: Example): Question {
  const gold = passages.filter((passage) => passage.gold).map(({ gold: _gold, ...passage }) => passage);
  return { id, question, answer, answerable, language, source, gold: answerable ? gold : [], createdAt };
}

/** Throws not_found, also for a dataset that is trained on and for a set whose collection the actor may not see. */
async function findSet(parts: AdaptationParts, actor: Actor, id: DatasetId): Promise<Dataset> {
  const found = await parts.store.datasets.get(id);
  const collectionId = found?.collectionId as Collection["id"] | null | undefined; // as the row says
  if (found?.purpose !== "evaluation" || (collectionId != null && !maySee(actor, collectionId)))
    throw new AppError("not_found", "There is no such question set.", { questionSetId: id });
  return found;
}

async function create(
  parts: AdaptationParts,
  actor: Actor,
  request: { name: string; collection: string; questions: readonly ReadQuestion[] },
): Promise<Dataset> {
  const { datasets, audit, collections } = parts.store;
  if (request.questions.length > MAX_QUESTIONS)
    throw new AppError("request_too_large", `A question set takes at most ${MAX_QUESTIONS} questions at once.`);
  const collection = await findCollection(collections, actor, request.collection);
  const drafts = await withDocuments(parts, collection, request.questions);
  const made = await datasets.create({ name: request.name, collectionId: collection.id, purpose: "evaluation" });
  await datasets.addExamples(datasetIdOf(made), drafts);
  await audit.record({ actor: actor.id, action: "question-set.created", target: made.id });
  return findSet(parts, actor, datasetIdOf(made));
}

/** Questions name their documents by external id or by name; one that is not there is not an error, but says nothing. */
async function withDocuments(
  parts: AdaptationParts,
  collection: Collection,
  questions: readonly ReadQuestion[],
): Promise<ExampleDraft[]> {
  const known = new Map<string, DocumentRecord | null>();
  const find = async (name: string): Promise<DocumentRecord | null> => {
    const there = known.get(name);
    if (there !== undefined) return there;
    const found = await findDocument(parts, collection, name);
    known.set(name, found);
    return found;
  };
  const drafts: ExampleDraft[] = [];
  for (const [place, { doc_id: documentName, gold_docs: names, ...question }] of questions.entries()) {
    const draft = toDraft(question, place, "approved");
    const wanted = [...(names ?? []), ...(documentName == null ? [] : [documentName])].map(String);
    const documents = draft.answerable ? await Promise.all(wanted.map(find)) : [];
    drafts.push({ ...draft, passages: [...draft.passages, ...documents.flatMap(asWholeDocument)] });
  }
  return drafts;
}

async function findDocument(parts: AdaptationParts, collection: Collection, name: string) {
  const { documents } = parts.store;
  const byId = await documents.getByExternalId(collection.id, name);
  if (byId !== null) return byId;
  const { items } = await documents.list({ collectionId: collection.id, nameContains: name, limit: 50 });
  return items.find((document) => document.name === name) ?? null;
}

/** No text: any passage of the document is right. */
const asWholeDocument = (document: DocumentRecord | null): ExamplePassage[] =>
  document === null ? [] : [{ title: document.name, text: "", gold: true, documentId: document.id, chunkId: null }];

async function readText(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > maxBytes) throw new AppError("request_too_large", `The file is larger than ${maxBytes} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}

async function takeOut({ store }: AdaptationParts, id: DatasetId, question: ExampleId): Promise<void> {
  const found = await store.datasets.getExample(question);
  if (found?.datasetId !== id) throw new AppError("not_found", "There is no such question.", { questionId: question });
  await store.datasets.deleteExample(question);
}

export function questionSetUseCases(parts: AdaptationParts): QuestionSets {
  const { datasets, audit, collections } = parts.store;
  return {
    async questionSets(actor, { collection, ...query }) {
      requireScope(actor, "admin");
      const collectionId = collection && (await findCollection(collections, actor, collection)).id;
      const page = await datasets.list({ ...query, purpose: "evaluation", collectionId: collectionId || undefined });
      const isSeen = ({ collectionId: id }: Dataset) => id === null || maySee(actor, id as Collection["id"]); // as the row says
      return { ...page, items: page.items.filter(isSeen).map(toQuestionSet) };
    },
    async questionSet(actor, id) {
      requireScope(actor, "admin");
      return toQuestionSet(await findSet(parts, actor, id));
    },
    async createQuestionSet(actor, given) {
      requireScope(actor, "admin");
      const { draft, questions, ...request } = createQuestionSetSchema.parse(given);
      const made = await create(parts, actor, { ...request, questions });
      if (draft !== undefined) await enqueueDraft(parts.queue, { datasetId: datasetIdOf(made), ...draft });
      return toQuestionSet(made);
    },
    async importQuestionSet(actor, { fileName, bytes, ...request }) {
      requireScope(actor, "admin");
      const source = await readText(bytes, parts.config.ingest.maxFileBytes);
      return toQuestionSet(await create(parts, actor, { ...request, questions: readQuestionFile(fileName, source) }));
    },
    async renameQuestionSet(actor, id, name) {
      requireScope(actor, "admin");
      await findSet(parts, actor, id);
      await datasets.rename(id, name);
      await audit.record({ actor: actor.id, action: "question-set.renamed", target: id });
      return toQuestionSet(await findSet(parts, actor, id));
    },
    async deleteQuestionSet(actor, id) {
      requireScope(actor, "admin");
      await findSet(parts, actor, id);
      await datasets.delete(id);
      await audit.record({ actor: actor.id, action: "question-set.deleted", target: id });
    },
    async draftQuestions(actor, id, given) {
      requireScope(actor, "admin");
      const { collectionId } = await findSet(parts, actor, id);
      if (collectionId === null)
        throw new AppError("request_invalid", "The collection of this question set is gone: there is nothing to ask.");
      return enqueueDraft(parts.queue, { datasetId: id, ...draftQuestionsSchema.parse(given) });
    },
    async questions(actor, id, { source, query, ...page }) {
      requireScope(actor, "admin");
      await findSet(parts, actor, id);
      const found = await datasets.examples(id, { source, query }, page);
      return { ...found, items: found.items.map(toQuestion) };
    },
    async deleteQuestion(actor, id, question) {
      requireScope(actor, "admin");
      await findSet(parts, actor, id);
      await takeOut(parts, id, question);
      await audit.record({ actor: actor.id, action: "question.deleted", target: id });
    },
  };
}

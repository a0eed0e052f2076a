/** What a collection can be asked: drafts from its documents, its question sets, its rated answers, and other collections' drafts. */
import { throwIfAborted } from "@lorekeep/core";
import type { Collection, DatasetId, DocumentRecord, Example, ExampleDraft, Store } from "@lorekeep/core";
import { CURVE_LIMITS, draftExamples, feedbackExamples, seededRandom, shuffled } from "@lorekeep/rag";
import type { CurveMaterial, DraftDocument } from "@lorekeep/rag";
import { listAllCollections, SCRATCH_PREFIX } from "../access.ts";
import { readFeedback } from "../adaptation/read-feedback.ts";
import { yieldToOthers } from "../wake-ups.ts";

/** Documents that questions are drafted from, and passages read of each. */
const DRAFTED_DOCUMENTS = 120;
const OTHER_DOCUMENTS = 12;
const OTHER_COLLECTIONS = 6;
const PASSAGES = 40;
const PAGE = 200;
/** Documents that the sample is drawn from, newest first. */
const LISTED_DOCUMENTS = 4000;

/** The same ones each time, so that two curves of an unchanged collection are one. */
const sampleOf = <Item>(items: readonly Item[], count: number): Item[] =>
  shuffled(items, seededRandom(1)).slice(0, count);

type Rows = Pick<Store, "collections" | "documents" | "passages" | "datasets" | "conversations">;

export async function gatherMaterial(store: Rows, collection: Collection, signal: AbortSignal): Promise<CurveMaterial> {
  const documents = await draftFrom(store, collection, {
    documents: DRAFTED_DOCUMENTS,
    questions: CURVE_LIMITS.documents,
    signal,
  });
  return {
    documents,
    saved: await savedQuestions(store, collection),
    feedback: feedbackExamples(await readFeedback(store, collection.id)),
    others: await fromOthers(store, collection, signal),
  };
}

async function draftFrom(
  store: Rows,
  collection: Collection,
  options: { documents: number; questions: number; signal: AbortSignal },
): Promise<ExampleDraft[]> {
  const { signal } = options;
  const chosen = sampleOf(await listReady(store, collection, signal), options.documents);
  const read: DraftDocument[] = [];
  for (const { id, name, title } of chosen) {
    throwIfAborted(signal);
    const { items } = await store.passages.listChunks(id, { limit: PASSAGES });
    const passages = items.map(({ id: chunkId, text, headings, header }) => ({ chunkId, text, headings, header }));
    read.push({ documentId: id, name, title, passages });
    await yieldToOthers();
  }
  return draftExamples(read, { limit: options.questions, signal });
}

type Listed = Pick<DocumentRecord, "id" | "name" | "title">;

async function listReady({ documents }: Rows, { id }: Collection, signal: AbortSignal): Promise<Listed[]> {
  const found: Listed[] = [];
  let cursor: string | undefined;
  do {
    throwIfAborted(signal);
    const page = await documents.list({ collectionId: id, status: "ready", limit: PAGE, cursor });
    found.push(...page.items.map(({ id, name, title }) => ({ id, name, title })));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found.length < LISTED_DOCUMENTS);
  return found;
}

/** Approved examples of every question set of this collection. */
async function savedQuestions({ datasets }: Rows, collection: Collection): Promise<Example[]> {
  const found: Example[] = [];
  let cursor: string | undefined;
  do {
    const page = await datasets.list({ purpose: "evaluation", collectionId: collection.id, limit: PAGE, cursor });
    for (const { id } of page.items)
      found.push(...(await datasets.allExamples(id as DatasetId, { status: "approved" }))); // as the row says
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

async function fromOthers(store: Rows, collection: Collection, signal: AbortSignal): Promise<ExampleDraft[]> {
  const all = await listAllCollections(store.collections);
  const others = all.filter(
    ({ id, name, documentCount }) => id !== collection.id && documentCount > 0 && !name.startsWith(SCRATCH_PREFIX),
  );
  const chosen = sampleOf(others, OTHER_COLLECTIONS);
  const drafts: ExampleDraft[] = [];
  const questions = Math.ceil((2 * CURVE_LIMITS.collections) / Math.max(1, chosen.length));
  for (const other of chosen)
    drafts.push(...(await draftFrom(store, other, { documents: OTHER_DOCUMENTS, questions, signal })));
  return drafts;
}

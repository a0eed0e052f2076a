/**
 * The job `draft-examples`: adds what can be had without writing anything by hand — questions drafted from documents, rated
 * and corrected answers, questions beside wrong passages. All of it is pending until somebody has looked at it.
 */
import { throwIfAborted } from "@lorekeep/core";
import type { Collection, Dataset, Example, ExampleDraft, JobContext } from "@lorekeep/core";
import type { JobPayload } from "@lorekeep/jobs";
import { addPassages, draftExamples, draftUnanswerable, feedbackExamples, makeUnanswerable } from "@lorekeep/rag";
import type { DraftDocument, DraftPassage, RetrievePassages } from "@lorekeep/rag";
import { cleanDataset } from "./datasets.ts";
import { datasetIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import { readFeedback } from "./read-feedback.ts";
import { retrievalOf } from "./training-examples.ts";

/** Documents read for one drafting, and passages of each. */
const MAX_DOCUMENTS = 400;
const MAX_PASSAGES = 60;
const PAGE = 200;

interface Drafting {
  readonly parts: AdaptationParts;
  readonly dataset: Dataset;
  readonly collection: Collection;
  readonly retrieve: RetrievePassages;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export async function runDraft(
  parts: AdaptationParts,
  payload: JobPayload<"draft-examples">,
  context: JobContext,
): Promise<{ added: number; outcome?: "gone" }> {
  const { signal } = context;
  const dataset = await parts.store.datasets.get(payload.datasetId);
  const retrieval = dataset && (await retrievalOf(parts, dataset, signal));
  if (!dataset || !retrieval) return { added: 0, outcome: "gone" };
  const drafting: Drafting = { parts, dataset, ...retrieval, limit: payload.limit, signal };
  let added = 0;
  for (const [at, source] of payload.from.entries()) {
    throwIfAborted(signal);
    await context.progress(at, payload.from.length, source);
    added += await addNew(drafting, await SOURCES[source](drafting));
  }
  // Cleaning decides what is learnt from and what is held out: of a question set nothing is learnt.
  if (dataset.purpose !== "evaluation") await cleanDataset(parts, payload.datasetId, signal);
  await context.progress(payload.from.length, payload.from.length, "cleaned");
  parts.logger.info("dataset.drafted", { datasetId: dataset.id, exampleCount: added });
  return { added };
}

const SOURCES: Readonly<
  Record<JobPayload<"draft-examples">["from"][number], (drafting: Drafting) => Promise<ExampleDraft[]>>
> = { documents: fromDocuments, feedback: fromFeedback, unanswerable: fromWrongPassages };

/** What is there already keeps its review; a correction that says something else now comes in anew. */
async function addNew({ parts, dataset }: Drafting, drafts: readonly ExampleDraft[]): Promise<number> {
  const id = datasetIdOf(dataset);
  const there = new Map((await parts.store.datasets.allExamples(id, {})).map((each) => [each.externalId, each]));
  const isNew = (draft: ExampleDraft): boolean => {
    const known = there.get(draft.externalId);
    return known === undefined || (draft.messageId !== null && !saysTheSame(known, draft));
  };
  const isApproved = isQuestionSet(dataset);
  const added = drafts
    .filter(isNew)
    .map((draft): ExampleDraft => (isApproved ? { ...draft, status: "approved" } : draft));
  return parts.store.datasets.addExamples(id, added);
}

/** Its questions count at once: looking through a set is taking questions out. */
const isQuestionSet = ({ purpose }: Dataset): boolean => purpose === "evaluation";

/** An example that a person has rejected or rewritten is not the draft any more, but its source did not change. */
const saysTheSame = (known: Example, draft: ExampleDraft): boolean =>
  known.status !== "pending" || (known.answer === draft.answer && known.rejectedAnswer === draft.rejectedAnswer);

async function fromDocuments(drafting: Drafting): Promise<ExampleDraft[]> {
  const { limit, signal, retrieve } = drafting;
  const documents: DraftDocument[] = [];
  for await (const document of readDocuments(drafting)) documents.push(document);
  const drafts = draftExamples(documents, { limit, signal });
  // A set is asked through the search itself, so it needs no wrong passages beside the right one.
  if (isQuestionSet(drafting.dataset)) return drafts;
  const complete: ExampleDraft[] = [];
  for (const draft of drafts) {
    throwIfAborted(signal);
    complete.push({ ...draft, passages: await addPassages(draft, retrieve) });
  }
  return complete;
}

async function* readDocuments({ parts, collection, signal }: Drafting): AsyncGenerator<DraftDocument> {
  const { documents, passages } = parts.store;
  let cursor: string | undefined;
  let count = 0;
  do {
    const page = await documents.list({ collectionId: collection.id, status: "ready", limit: PAGE, cursor });
    for (const { id, name, title } of page.items) {
      throwIfAborted(signal);
      if ((count += 1) > MAX_DOCUMENTS) return;
      const chunks = await passages.listChunks(id, { limit: MAX_PASSAGES });
      const read = chunks.items.map((chunk): DraftPassage => ({
        chunkId: chunk.id,
        text: chunk.text,
        headings: chunk.headings,
        header: chunk.header,
      }));
      yield { documentId: id, name, title, passages: read };
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function fromFeedback({ parts, collection, limit }: Drafting): Promise<ExampleDraft[]> {
  // The newest say what is wanted now.
  return feedbackExamples(await readFeedback(parts.store, collection.id)).slice(-limit);
}

async function fromWrongPassages(drafting: Drafting): Promise<ExampleDraft[]> {
  const { parts, dataset, retrieve, limit, signal } = drafting;
  const there = await parts.store.datasets.allExamples(datasetIdOf(dataset), {});
  if (isQuestionSet(dataset))
    return draftUnanswerable(there, { limit: shareOf(limit, there.length), countOf: countWords(drafting), signal });
  const asked = there.filter(({ status }) => status !== "rejected");
  return makeUnanswerable(asked, { retrieve, limit, signal });
}

/** One question without an answer for three with one, but enough of them that a share can be told. */
const shareOf = (limit: number, answerable: number): number =>
  Math.min(limit, Math.max(20, Math.round(answerable / 3)));

/** Passages of the collection that hold all of these words. */
const countWords =
  ({ parts, collection, signal }: Drafting) =>
  async (words: string): Promise<number> => {
    throwIfAborted(signal);
    const found = await parts.store.passages.keywordSearch({
      generationIds: [collection.generationId],
      query: words,
      limit: 20,
    });
    const passages = await parts.store.passages.load(found.map(({ seq }) => seq));
    const plain = (text: string): string => text.normalize("NFKC").toLowerCase();
    const wanted = plain(words).match(/\p{Script=Han}+|[\p{L}\p{N}]+/gu) ?? [];
    return passages.filter(({ text }) => wanted.every((word) => plain(text).includes(word))).length;
  };

/**
 * From approved examples to what is learnt: each among the passages that serving would retrieve, in serving's prompt, as token
 * ids. Also what the gate asks: the held-out ones, in the same form.
 */
import type { ChatMessage, Collection, Dataset, DatasetId, Example, Store } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { addPassages, buildTrainingMessages, retrieve } from "@lorekeep/rag";
import type { RetrievePassages } from "@lorekeep/rag";
import { yieldToOthers } from "../wake-ups.ts";
import { datasetIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import type { Recipe, TokenCounter, TokenExample, TokenSets } from "./trainer.ts";

const RETRIEVED = 8;

/** Approved ones; without repetitions, and without held-out ones whose twin is trained on. */
export async function usableExamples(store: Pick<Store, "datasets">, id: DatasetId): Promise<Example[]> {
  const approved = await store.datasets.allExamples(id, { status: "approved" });
  return approved.filter(
    ({ problems, split }) => !problems.includes("duplicate") && !(split === "validation" && problems.includes("leak")),
  );
}

/** The product's own retrieval over the dataset's collection; null when there is none. */
export async function retrievalOf(
  parts: AdaptationParts,
  { collectionId }: Pick<Dataset, "collectionId">,
  signal?: AbortSignal,
): Promise<{ collection: Collection; retrieve: RetrievePassages } | null> {
  // The store wrote the id.
  const collection = collectionId === null ? null : await parts.store.collections.get(collectionId as Collection["id"]);
  if (collection === null || collection.documentCount === 0) return null;
  return {
    collection,
    retrieve: async (query) =>
      (await retrieve({ query, collections: [collection], limit: RETRIEVED, signal }, parts.answer)).passages,
  };
}

/** The dataset's usable examples, with passages where they brought too few. */
export async function gatherExamples(
  parts: AdaptationParts,
  dataset: Dataset,
  signal: AbortSignal,
): Promise<Example[]> {
  const examples = await usableExamples(parts.store, datasetIdOf(dataset));
  const retrieval = await retrievalOf(parts, dataset, signal);
  if (retrieval === null) return examples;
  const complete: Example[] = [];
  for (const example of examples) {
    throwIfAborted(signal);
    complete.push({ ...example, passages: await addPassages(example, retrieval.retrieve) });
  }
  return complete;
}

/** Preference tuning learns from pairs only. */
export function learnableExamples(examples: readonly Example[], { method }: Pick<Recipe, "method">): Example[] {
  return method === "preference" ? examples.filter(({ rejectedAnswer }) => rejectedAnswer !== null) : [...examples];
}

export async function tokenise(
  examples: readonly Example[],
  options: { recipe: Recipe; tokenizer: TokenCounter; passageCount: number | undefined; signal: AbortSignal },
): Promise<TokenSets> {
  const sets = { train: [] as TokenExample[], validation: [] as TokenExample[] };
  let droppedCount = 0;
  for (const example of learnableExamples(examples, options.recipe)) {
    throwIfAborted(options.signal);
    const tokens = await toTokens(example, options);
    if (tokens === null) droppedCount += 1;
    else sets[example.split].push(tokens);
    await yieldToOthers();
  }
  return { ...sets, droppedCount };
}

/** Null when it does not fit the recipe's length. */
async function toTokens(
  example: Example,
  { recipe, tokenizer, passageCount }: { recipe: Recipe; tokenizer: TokenCounter; passageCount: number | undefined },
): Promise<TokenExample | null> {
  const { maxTokens, seed } = recipe;
  const rejected = recipe.method === "preference" ? tokenizer.answerTokenIds(example.rejectedAnswer ?? "") : undefined;
  const count = countWith(tokenizer, rejected?.length ?? 0);
  const built = await buildTrainingMessages(example, { maxTokens, count, passageCount, seed });
  if (built === null) return null;
  const { messages, target } = built;
  return { prompt: tokenizer.promptTokenIds(messages), answer: tokenizer.answerTokenIds(target), rejected };
}

/** Tokens of prompt and target as they are trained on; of the longer answer in a pair. */
export function countWith(tokenizer: TokenCounter, least = 0) {
  return (messages: readonly ChatMessage[], target: string): number =>
    tokenizer.promptTokenIds(messages).length + Math.max(least, tokenizer.answerTokenIds(target).length);
}

/**
 * Search and chat over the collections that the actor may see. An answer can be stopped by its signal, or by its message id
 * from anywhere in this process.
 */
import { AppError } from "@lorekeep/core";
import type {
  ChatEvent,
  Collection,
  ConversationId,
  MessageId,
  Passage,
  SearchResponse,
  SearchResult,
} from "@lorekeep/core";
import { retrieve, retrieveReranked, toSearchResult } from "@lorekeep/rag";
import type { RerankedRetrieval, Retrieval } from "@lorekeep/rag";
import { requireScope, resolveCollections } from "./access.ts";
import { answerTurn, openTurn } from "./chat-turn.ts";
import type { ChatDeps } from "./chat-turn.ts";
import { attributeStored, extendStored, findAnswer } from "./stored-answer.ts";
import type { Actor, Assistant, ChatInput, Platform, SearchInput } from "./platform.ts";

export interface AssistantOptions extends ChatDeps {
  readonly store: Platform["store"];
}

interface RunningAnswer {
  readonly owner: string;
  readonly conversationId: ConversationId;
  readonly controller: AbortController;
}

async function search(options: AssistantOptions, actor: Actor, request: SearchInput): Promise<SearchResponse> {
  requireScope(actor, "search");
  const startedMs = performance.now();
  const { query, limit, mode, filter } = request;
  const collections = await resolveCollections(options.store.collections, actor, request.collections);
  const find = request.rerank === true ? retrieveReranked : retrieve;
  const retrieval: Retrieval & Partial<RerankedRetrieval> = await find(
    { query, collections, limit, mode, filter },
    options.answer,
  );
  const tookMs = performance.now() - startedMs;
  options.metrics.searchSeconds.observe({ mode }, tookMs / 1000);
  options.logger.debug("search.served", { mode, resultCount: retrieval.passages.length, tookMs: Math.round(tookMs) });
  return {
    results: retrieval.passages.map((passage) => resultOf(passage, retrieval.relevance?.get(passage.chunkId))),
    tookMs: Math.round(tookMs * 10) / 10,
    plan: planOf(retrieval, request.explain),
  };
}

function resultOf(passage: Passage, relevance: number | undefined): SearchResult {
  const result = toSearchResult(passage);
  return relevance === undefined ? result : { ...result, scores: { ...result.scores, relevance } };
}

function planOf(
  { plan, timings, rerank }: Retrieval & Partial<RerankedRetrieval>,
  explain: boolean,
): Record<string, unknown> {
  if (explain) return { ...plan, timings, ...(rerank && { rerank }) };
  const skipped = plan.dense.flatMap((arm) => arm.skipped ?? []);
  return {
    mode: plan.mode,
    dense: [...new Set(plan.dense.map((arm) => arm.plan))],
    ...(skipped.length > 0 ? { denseSkipped: [...new Set(skipped)] } : {}),
    ...(rerank && { rerank }),
  };
}

/** The collections of this turn: those named now, else those of the conversation that are still there, else all. */
async function collectionsOf(options: AssistantOptions, actor: Actor, input: ChatInput): Promise<Collection[]> {
  const { collections, conversations } = options.store;
  if (input.collections !== undefined || input.conversationId === undefined)
    return resolveCollections(collections, actor, input.collections);
  const conversation = await conversations.get(input.conversationId as ConversationId, actor.id); // any text may be looked up
  if (conversation === null || conversation.collectionIds.length === 0)
    return resolveCollections(collections, actor, undefined);
  const found = await Promise.all(
    conversation.collectionIds.map((id) => resolveCollections(collections, actor, [id]).catch(ignoreMissing)),
  );
  return found.flat();
}

/** What the conversation of an answer may be asked about now. */
async function collectionsOfAnswer(options: AssistantOptions, actor: Actor, id: MessageId): Promise<Collection[]> {
  const { conversationId, text: question } = await findAnswer(options, actor, id);
  return collectionsOf(options, actor, { conversationId, question, regenerate: false });
}

function ignoreMissing(error: unknown): Collection[] {
  if (error instanceof AppError && error.code === "not_found") return [];
  throw error;
}

export function openAssistant(options: AssistantOptions): Assistant {
  const running = new Map<MessageId, RunningAnswer>();

  async function* chat(actor: Actor, input: ChatInput): AsyncGenerator<ChatEvent> {
    requireScope(actor, "chat");
    const collections = await collectionsOf(options, actor, input);
    const adapter = await options.chooseAdapter(input.adapter, collections);
    const turn = await openTurn(options.conversations, actor, input, collections);
    const controller = new AbortController();
    const signal = input.signal ? AbortSignal.any([input.signal, controller.signal]) : controller.signal;
    running.set(turn.messageId, { owner: actor.id, conversationId: turn.conversation.id, controller });
    try {
      yield* answerTurn(options, turn, { collections, filter: input.filter, adapter, signal });
    } finally {
      running.delete(turn.messageId);
    }
  }

  return {
    search: (actor, request) => search(options, actor, request),
    chat,
    stop: async (actor, messageId) => {
      const answer = running.get(messageId);
      if (answer?.owner !== actor.id) return false;
      answer.controller.abort();
      return true;
    },
    more: async (actor, messageId, input) => {
      requireScope(actor, "chat");
      const collections = await collectionsOfAnswer(options, actor, messageId);
      return extendStored(options, actor, { ...input, messageId, collections });
    },
    attribute: async (actor, messageId, signal) => {
      requireScope(actor, "chat");
      const collections = await collectionsOfAnswer(options, actor, messageId);
      return attributeStored(options, actor, { messageId, collections, signal });
    },
    deleteConversation: async (actor, id) => {
      for (const answer of running.values())
        if (answer.conversationId === id && answer.owner === actor.id) answer.controller.abort();
      return options.conversations.delete(id, actor.id);
    },
  };
}

/**
 * Answers asked for on this page, by conversation ("new" until the server has named it). They live outside React, so that
 * leaving the page does not stop them. Deltas are shown at most every 40 ms, however fast they come.
 */
import { ClientError } from "@lorekeep/client";
import type { SearchFilter } from "@lorekeep/core";
import { createStore, useStore } from "../external-store.ts";
import { stopMessage, streamChat } from "../queries.ts";
import { EMPTY_ANSWER, reduceAnswer, type AnswerState } from "./answer-state.ts";
import type { LiveTurn } from "./thread.ts";

export const NEW = "new";
const SHOW_MS = 40;
const STOP_GRACE_MS = 3000;

const live = createStore<ReadonlyMap<string, readonly LiveTurn[]>>(new Map());
const NONE: readonly LiveTurn[] = [];
const controllers = new Map<string, AbortController>();

/** In the order asked; the last one may still be arriving. */
export const useLiveTurns = (key: string): readonly LiveTurn[] => useStore(live).get(key) ?? NONE;

export interface AskRequest {
  readonly conversationId: string | undefined;
  readonly question: string;
  readonly collections: readonly string[];
  /** Only documents that meet it are searched. */
  readonly filter?: SearchFilter;
  /** Answer the last question again: id of the answer that the new one replaces. */
  readonly replaces: string | null;
  /** Only these documents. */
  readonly documentIds?: readonly string[];
}

export interface AskListener {
  /** The server has named the conversation. */
  onConversation(id: string): void;
  /** The stream is over; the stored conversation may be asked for. */
  onEnd(conversationId: string | null): void;
}

/** Asks, and keeps the live answer up to date until the stream ends. Never rejects: failures become the answer's error. */
export async function ask(request: AskRequest, listener: AskListener): Promise<void> {
  let key = request.conversationId ?? NEW;
  let answer: AnswerState = EMPTY_ANSWER;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const controller = new AbortController();
  controllers.get(key)?.abort();
  controllers.set(key, controller);
  // What never reached the server gives way to the new attempt.
  const earlier = (live.get().get(key) ?? NONE).filter((turn) => turn.answer.messageId !== null);
  const show = () => {
    clearTimeout(timer);
    timer = undefined;
    put(key, [...earlier, { question: request.question, replaces: request.replaces, answer }]);
  };
  show();
  try {
    for await (const event of streamChat(bodyOf(request), controller.signal)) {
      answer = reduceAnswer(answer, event);
      if (event.type === "conversation" && event.id !== key) {
        drop(key);
        controllers.delete(key);
        key = event.id;
        controllers.set(key, controller);
        show();
        listener.onConversation(event.id);
      }
      if (event.type === "text-delta") timer ??= setTimeout(show, SHOW_MS);
      else show();
    }
    if (answer.phase !== "done" && answer.phase !== "failed") answer = { ...answer, phase: "done", stopped: true };
  } catch (error) {
    answer = controller.signal.aborted ? { ...answer, phase: "done", stopped: true } : failed(answer, error);
  }
  if (controllers.get(key) === controller) controllers.delete(key);
  show();
  listener.onEnd(answer.conversationId);
}

const bodyOf = (request: AskRequest) => ({
  question: request.question,
  ...(request.conversationId === undefined ? {} : { conversationId: request.conversationId }),
  ...(request.collections.length === 0 ? {} : { collections: [...request.collections] }),
  ...(request.filter === undefined || Object.keys(request.filter).length === 0 ? {} : { filter: request.filter }),
  ...(request.replaces === null ? {} : { regenerate: true }),
  ...(request.documentIds === undefined ? {} : { filter: { documentIds: [...request.documentIds] } }),
});

function failed(answer: AnswerState, error: unknown): AnswerState {
  const problem =
    error instanceof ClientError ? { code: error.code, detail: error.detail } : { code: "unreachable", detail: "" };
  return { ...answer, phase: "failed", error: problem };
}

/** Asks the server to stop; it answers with what it has. If it does not, the connection is cut. */
export function stop(key: string): void {
  const controller = controllers.get(key);
  const messageId = live.get().get(key)?.at(-1)?.answer.messageId;
  if (controller === undefined) return;
  if (messageId == null) {
    controller.abort();
    return;
  }
  void stopMessage(messageId).catch(() => controller.abort());
  setTimeout(() => controller.abort(), STOP_GRACE_MS);
}

/** Forgets them: the conversation was deleted, or a new one begins. */
export function drop(key: string): void {
  live.set((map) => {
    const next = new Map(map);
    next.delete(key);
    return next;
  });
}

const put = (key: string, turns: readonly LiveTurn[]) => live.set((map) => new Map(map).set(key, turns));

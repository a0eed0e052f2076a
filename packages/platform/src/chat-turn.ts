/**
 * One turn of a conversation, from question to stored answer. The rows are written as it goes: question and an empty
 * `streaming` answer first, its passages when they are known, the checked text with its citations at the end.
 *
 * Text that has not been checked against its passages is never stored: after a crash the answer is empty and `stopped`,
 * and nothing that rests on a document deleted later can stay behind without a citation that says so.
 */
import { AppError, toAppError } from "@lorekeep/core";
import type {
  ChatEvent,
  Clock,
  Collection,
  Conversation,
  ConversationId,
  Conversations,
  Logger,
  Message,
  MessageId,
} from "@lorekeep/core";
import { answerQuestion, toChatEvent } from "@lorekeep/rag";
import type { AnswerAdapter, AnswerDeps, AnswerEvent } from "@lorekeep/rag";
import type { Metrics } from "./open-metrics.ts";
import type { Actor, ChatInput } from "./platform.ts";

export interface ChatDeps {
  readonly answer: AnswerDeps;
  readonly conversations: Conversations;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What this turn is written with, from its beginning to its end. */
  readonly chooseAdapter: (
    requested: ChatInput["adapter"],
    collections: readonly Collection[],
  ) => Promise<AnswerAdapter | undefined>;
}

type Turns = Parameters<typeof answerQuestion>[0]["history"];
type Changes = Parameters<Conversations["updateMessage"]>[1];

const TITLE_LENGTH = 80;

/** The question, shortened at a word. */
export function titleOf(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.slice(0, TITLE_LENGTH);
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > TITLE_LENGTH / 2 ? space : TITLE_LENGTH)}…`;
}

export interface OpenTurn {
  readonly conversation: Conversation;
  readonly messageId: MessageId;
  readonly question: string;
  readonly history: Turns;
}

/** Writes the question and the empty answer; for `regenerate`, empties the last answer instead. Throws not_found, conflict. */
export async function openTurn(
  conversations: Conversations,
  actor: Actor,
  input: ChatInput,
  collections: readonly Collection[],
): Promise<OpenTurn> {
  const conversation = await findConversation(conversations, actor, input, collections);
  const messages = await conversations.messages(conversation.id);
  if (input.regenerate) return reopenTurn(conversations, conversation, messages);
  const { id: conversationId } = conversation;
  const { question } = input;
  await conversations.addMessage({ conversationId, role: "user", text: question, status: "complete" });
  const answer = await conversations.addMessage({ conversationId, role: "assistant", text: "", status: "streaming" });
  return { conversation, messageId: answer.id, question, history: turnsOf(messages) };
}

async function findConversation(
  conversations: Conversations,
  actor: Actor,
  input: ChatInput,
  collections: readonly Collection[],
): Promise<Conversation> {
  if (input.conversationId === undefined) {
    // No collection named: every one that is there when a question is asked, later ones included.
    const collectionIds = input.collections === undefined ? [] : collections.map(({ id }) => id);
    return conversations.create({ title: titleOf(input.question), collectionIds, owner: actor.id });
  }
  const found = await conversations.get(input.conversationId as ConversationId, actor.id); // any text may be looked up
  if (found === null) throw new AppError("not_found", "There is no such conversation.");
  return found;
}

const EMPTY_ANSWER: Changes = {
  text: "",
  status: "streaming",
  condensedQuestion: null,
  refused: false,
  reason: null,
  extractive: false,
  citations: [],
  passages: [],
  trace: [],
  usage: null,
  model: null,
  adapter: null,
  shortAnswer: null,
  feedback: null,
};

async function reopenTurn(
  conversations: Conversations,
  conversation: Conversation,
  messages: readonly Message[],
): Promise<OpenTurn> {
  const asked = messages.findLastIndex((message) => message.role === "user");
  const answer = messages.findLast((message, position) => message.role === "assistant" && position > asked);
  if (asked < 0 || answer === undefined) throw new AppError("conflict", "There is no answer to write again.");
  if (answer.status === "streaming")
    throw new AppError("conflict", "This answer is still being written. Stop it first.");
  await conversations.updateMessage(answer.id, EMPTY_ANSWER);
  const question = messages[asked]!.text;
  return { conversation, messageId: answer.id, question, history: turnsOf(messages.slice(0, asked)) };
}

/** A question carries what it was resolved to, which is kept with its answer. */
export function turnsOf(messages: readonly Message[]): Turns {
  const told = messages.filter((message) => message.status !== "failed");
  return told.map(({ role, text }, position) => {
    const next = told[position + 1];
    const condensedQuestion = role === "user" && next?.role === "assistant" ? next.condensedQuestion : null;
    return { role, text, condensedQuestion };
  });
}

/** What an event changes in the stored answer. */
function changesOf(event: AnswerEvent): Changes | null {
  switch (event.type) {
    case "condensed":
      return { condensedQuestion: event.question };
    case "passages":
      return { passages: event.items };
    case "citations":
      return {
        ...{ text: event.text, citations: event.items, extractive: event.extractive },
        shortAnswer: event.shortAnswer ?? null,
      };
    case "refusal":
      return { text: event.text, refused: true, reason: event.reason };
    case "end":
      return {
        usage: event.usage,
        model: event.model,
        adapter: event.adapter,
        trace: event.trace,
        status: event.stopped ? "stopped" : "complete",
      };
    case "text-delta":
      return null;
  }
}

/** Streams the answer of an open turn; always leaves its row in a final state, whatever ends the stream. */
export async function* answerTurn(
  deps: ChatDeps,
  turn: OpenTurn,
  request: {
    collections: readonly Collection[];
    filter: ChatInput["filter"];
    adapter: AnswerAdapter | undefined;
    signal: AbortSignal;
  },
): AsyncGenerator<ChatEvent> {
  const { messageId, conversation, question, history } = turn;
  const startedMs = performance.now();
  let outcome: "answered" | "refused" | "stopped" | "failed" | null = null;
  let isRefused = false;
  yield { type: "conversation", id: conversation.id, messageId, title: conversation.title };
  try {
    for await (const event of answerQuestion({ question, history, ...request }, deps.answer)) {
      const changes = changesOf(event);
      if (changes !== null) await deps.conversations.updateMessage(messageId, changes);
      if (event.type === "refusal") isRefused = true;
      if (event.type === "end") outcome = event.stopped ? "stopped" : isRefused ? "refused" : "answered";
      yield toChatEvent(event);
    }
  } catch (error) {
    const { code, message } = toAppError(error);
    outcome = "failed";
    deps.logger.error("answer.failed", { messageId, code, error });
    await deps.conversations.updateMessage(messageId, { status: "failed", reason: code });
    yield { type: "error", code, detail: message };
  } finally {
    // A reader that went away in the middle leaves `outcome` unset.
    if (outcome === null) await deps.conversations.updateMessage(messageId, { status: "stopped" });
    const durationMs = performance.now() - startedMs;
    deps.metrics.answerSeconds.observe({ outcome: outcome ?? "stopped" }, durationMs / 1000);
    deps.logger.info("answer.ended", { messageId, outcome: outcome ?? "stopped", durationMs: Math.round(durationMs) });
  }
}

/**
 * Chat completions in the OpenAI form. `lorekeep` is retrieval and generation over everything that the key may read;
 * `lorekeep/base` is the bare generator. Both become one stream of parts here, so that streaming and not streaming cannot
 * differ. System messages count for the bare generator only: our own prompt holds the rules of citing.
 *
 * A stream of this form cannot take words back, so of `lorekeep` only the checked text is sent, when it is checked: what no
 * passage supports never leaves, and the citations' spans fit the text that the caller has.
 */
import {
  AppError,
  type ChatCompletion,
  type ChatCompletionRequest,
  type ChatMessage,
  type ChatResponse,
  type ConversationId,
} from "@lorekeep/core";
import type { Actor, Platform } from "@lorekeep/platform";
import { applyEvent, emptyAnswer } from "./collect-answer.ts";
import { requireId } from "./ids.ts";

export const PRODUCT_MODEL = "lorekeep";
export const BASE_MODEL = "lorekeep/base";

type Usage = ChatCompletion["usage"];
export type CompletionPart =
  /** Accepted: nothing more can be refused with a status. */
  | { readonly type: "begin" }
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "end";
      readonly reason: "stop" | "length";
      readonly usage: Usage;
      readonly extra: ChatCompletion["lorekeep"];
      /** All of it. */
      readonly text: string;
    };

export interface CompletionContext {
  readonly platform: Platform;
  readonly actor: Actor;
  readonly signal: AbortSignal;
}

const MAX_QUESTION_LENGTH = 8000;
const DEFAULT_MAX_TOKENS = 512;
const WORDS = /\S{1,40}\s*|\s+/gu;

/** Throws not_found for another model, request_invalid when the last message is not a question. */
export function complete(context: CompletionContext, request: ChatCompletionRequest): AsyncIterable<CompletionPart> {
  const messages = request.messages.map(readMessage);
  if (request.model === PRODUCT_MODEL) return answerFromLibrary(context, messages);
  if (request.model === BASE_MODEL) return generateBare(context, request, messages);
  throw new AppError("not_found", `There is no such model. Use ${PRODUCT_MODEL} or ${BASE_MODEL}.`);
}

function readMessage(message: ChatCompletionRequest["messages"][number]): ChatMessage {
  const { content } = message;
  const text = typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("\n");
  if (message.role === "system" || message.role === "developer") return { role: "system", content: text };
  return { role: message.role === "assistant" ? "assistant" : "user", content: text };
}

async function* answerFromLibrary(
  { platform, actor, signal }: CompletionContext,
  messages: readonly ChatMessage[],
): AsyncGenerator<CompletionPart, void> {
  const turns = messages.filter((message) => message.role !== "system" && message.content.trim() !== "");
  const last = turns.at(-1);
  if (last?.role !== "user") throw new AppError("request_invalid", "The last message must be a question of the user.");
  const question = last.content.trim();
  if (question.length > MAX_QUESTION_LENGTH)
    throw new AppError("context_too_long", `A question may have ${MAX_QUESTION_LENGTH} characters at most.`);
  const conversationId = await rememberHistory(platform, actor, turns.slice(0, -1));
  const answer = emptyAnswer();
  let used: ConversationId | undefined = conversationId;
  try {
    const events = platform.assistant.chat(actor, { conversationId, question, regenerate: false, signal });
    for await (const event of events) {
      applyEvent(answer, event);
      if (event.type === "conversation") {
        used = requireId("conversation", event.id);
        yield { type: "begin" };
      }
      if (event.type === "citations" || event.type === "refusal")
        for (const text of event.text.match(WORDS) ?? []) yield { type: "text", text };
    }
  } finally {
    // This form keeps no conversations: its callers send the history each time.
    if (used !== undefined) await platform.assistant.deleteConversation(actor, used);
  }
  yield {
    type: "end",
    reason: "stop",
    usage: describeUsage(answer.usage),
    extra: describeExtra(answer),
    text: answer.answer,
  };
}

/** Earlier turns as a conversation of the house, so that follow-ups are resolved as in the chat. Undefined when there are none. */
async function rememberHistory(
  platform: Platform,
  actor: Actor,
  turns: readonly ChatMessage[],
): Promise<ConversationId | undefined> {
  if (turns.length === 0) return undefined;
  const { conversations } = platform.store;
  const { id } = await conversations.create({ title: "OpenAI form", collectionIds: [], owner: actor.id });
  for (const { role, content } of turns)
    if (role !== "system")
      await conversations.addMessage({ conversationId: id, role, text: content, status: "complete" });
  return id;
}

async function* generateBare(
  { platform, signal }: CompletionContext,
  request: ChatCompletionRequest,
  messages: readonly ChatMessage[],
): AsyncGenerator<CompletionPart, void> {
  const generator = await platform.models.generator();
  const events = generator.generate({
    messages,
    maxTokens: Math.min(
      request.max_completion_tokens ?? request.max_tokens ?? DEFAULT_MAX_TOKENS,
      generator.contextTokens,
    ),
    temperature: request.temperature ?? undefined,
    seed: request.seed ?? undefined,
    stop: typeof request.stop === "string" ? [request.stop] : (request.stop ?? undefined),
    adapter: null, // not even the one in the box
    signal,
  });
  let text = "";
  for await (const event of events) {
    if (event.type === "text-delta") {
      text += event.text;
      yield { type: "text", text: event.text };
    } else yield { type: "end", reason: event.reason, usage: describeUsage(event.usage), extra: undefined, text };
  }
}

const describeUsage = (usage: { promptTokens: number; completionTokens: number }): Usage => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
});

const describeExtra = (answer: ChatResponse): ChatCompletion["lorekeep"] => ({
  text: answer.answer,
  refused: answer.refused,
  reason: answer.reason ?? null,
  extractive: answer.extractive,
  suggestions: answer.suggestions,
  citations: answer.citations,
  passages: answer.passages,
  // Quoted sentences and refusals are nobody's writing.
  adapter: answer.extractive || answer.refused ? null : answer.adapter,
});

/**
 * What can be done with an answer after it was given: more of it shown in its place, and every sentence of it judged again without
 * each passage. Both rest on what is stored and on what the asker may see now; nothing is asked anew of a generator.
 */
import { AppError } from "@lorekeep/core";
import type { Collection, Language, Message, MessageId, Passage } from "@lorekeep/core";
import { answerQuestion, attributeAnswer, extendAnswer, weightsOfTexts } from "@lorekeep/rag";
import type { AnswerEvent, SentenceAttribution } from "@lorekeep/rag";
import { turnsOf } from "./chat-turn.ts";
import type { ChatDeps } from "./chat-turn.ts";
import type { Actor, MoreInput } from "./platform.ts";

const MORE: Readonly<Record<Language, string>> = { en: "Show more", zh: "更多", other: "Show more" };

/** Throws not_found when the actor has no such message, conflict when it is no finished answer with sources. */
export async function findAnswer(deps: ChatDeps, actor: Actor, id: MessageId): Promise<Message> {
  const message = await deps.conversations.getMessage(id, actor.id);
  if (message === null) throw new AppError("not_found", "There is no such message.");
  if (message.role !== "assistant" || message.status === "streaming")
    throw new AppError("conflict", "This is no finished answer.");
  return message;
}

/** Sentences of the answer with what each passage does for them; none for a refusal. Throws not_found, conflict. */
export async function attributeStored(
  deps: ChatDeps,
  actor: Actor,
  request: {
    readonly messageId: MessageId;
    readonly collections: readonly Collection[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<readonly SentenceAttribution[]> {
  const { messageId, collections, signal } = request;
  const message = await findAnswer(deps, actor, messageId);
  if (message.citations.length === 0) return [];
  return attributeAnswer(message, await weightsOfTexts(deps.answer.passages, collections, [message.text]), signal);
}

/** The message with the next sentences on its question under it, or as it is when there are none. Throws not_found, conflict. */
export async function extendStored(
  deps: ChatDeps,
  actor: Actor,
  request: MoreInput & { readonly messageId: MessageId; readonly collections: readonly Collection[] },
): Promise<{ message: Message; added: number }> {
  const { messageId, collections, filter, signal } = request;
  const message = await findAnswer(deps, actor, messageId);
  if (message.refused || message.text === "") throw new AppError("conflict", "This answer says nothing to go on with.");
  const messages = await deps.conversations.messages(message.conversationId);
  const upTo = messages.slice(0, messages.findIndex(({ id }) => id === messageId) + 1);
  const asked = upTo.findLast(({ role }) => role === "user")?.text ?? "";
  const question = MORE[/\p{Script=Han}/u.test(asked) ? "zh" : "en"];
  const turn = { question, history: turnsOf(upTo), collections, filter, writing: "quote" as const, signal };
  const further = await readFurther(answerQuestion(turn, deps.answer));
  const current = await findAnswer(deps, actor, messageId);
  // Another request was quicker, or a document was deleted meanwhile: what is stored now is what holds.
  if (further === null || current.text !== message.text) return { message: current, added: 0 };
  const changes = extendAnswer(current, further);
  await deps.conversations.updateMessage(messageId, changes);
  return { message: await findAnswer(deps, actor, messageId), added: further.citations.length };
}

/** Null when there is nothing more, or when the asker has gone. */
async function readFurther(events: AsyncIterable<AnswerEvent>) {
  let passages: readonly Passage[] = [];
  let cited: Extract<AnswerEvent, { type: "citations" }> | null = null;
  for await (const event of events) {
    if (event.type === "passages") passages = event.items;
    if (event.type === "citations") cited = event;
    if (event.type === "end" && event.stopped) return null;
  }
  return cited === null || cited.items.length === 0 ? null : { text: cited.text, citations: cited.items, passages };
}

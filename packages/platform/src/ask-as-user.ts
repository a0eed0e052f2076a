/** One question through the chat of the product, as an evaluation asks it: answered, measured, and not kept. */
import { AppError, ERRORS } from "@lorekeep/core";
import type { ChatEvent, ConversationId, ErrorCode } from "@lorekeep/core";
import type { EvalAnswer } from "@lorekeep/rag";
import type { Actor } from "./actor.ts";
import type { ChatInput, Platform } from "./platform.ts";

/** Citations carry the ids of documents as the store has them. Throws what the chat reports as its error. */
export async function askAsUser(
  { assistant }: Pick<Platform, "assistant">,
  actor: Actor,
  request: Pick<ChatInput, "question" | "collections" | "adapter" | "signal">,
): Promise<EvalAnswer> {
  const events: ChatEvent[] = [];
  for await (const event of assistant.chat(actor, { ...request, regenerate: false })) events.push(event);
  const find = <Type extends ChatEvent["type"]>(type: Type) =>
    events.find((event): event is Extract<ChatEvent, { type: Type }> => event.type === type);
  const conversation = find("conversation");
  if (conversation) await assistant.deleteConversation(actor, conversation.id as ConversationId); // as it was made
  const [error, end, cited] = [find("error"), find("end"), find("citations")];
  if (error || !end) {
    const code = isErrorCode(error?.code) ? error.code : "model_failed";
    throw new AppError(code, error?.detail ?? "The answer did not end.");
  }
  return {
    answer: cited?.text ?? "",
    ...(cited?.shortAnswer === undefined ? {} : { shortAnswer: cited.shortAnswer.text }),
    refused: find("refusal") !== undefined,
    citations: cited?.items ?? [],
    usage: end.usage,
    generateMs: end.timings.generateMs ?? 0,
  };
}

const isErrorCode = (code: string | undefined): code is ErrorCode => code !== undefined && code in ERRORS;

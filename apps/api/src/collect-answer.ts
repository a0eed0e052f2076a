/** The events of an answer as one value, for callers that do not stream. */
import { AppError, ERRORS, type ChatEvent, type ChatResponse, type ErrorCode } from "@lorekeep/core";

export const emptyAnswer = (): ChatResponse => ({
  conversationId: "",
  messageId: "",
  answer: "",
  refused: false,
  extractive: false,
  condensedQuestion: null,
  suggestions: [],
  citations: [],
  passages: [],
  usage: { promptTokens: 0, completionTokens: 0 },
  timings: {},
  model: "",
  adapter: null,
});

/** Throws the error that ended the stream, as itself. */
export async function collectAnswer(events: AsyncIterable<ChatEvent>): Promise<ChatResponse> {
  const answer = emptyAnswer();
  for await (const event of events) applyEvent(answer, event);
  return answer;
}

/** Adds one event to the answer. Throws what an `error` event says. */
export function applyEvent(answer: ChatResponse, event: ChatEvent): void {
  switch (event.type) {
    case "conversation":
      answer.conversationId = event.id;
      answer.messageId = event.messageId;
      break;
    case "condensed":
      answer.condensedQuestion = event.question;
      break;
    case "passages":
      answer.passages = event.items;
      break;
    case "text-delta":
      answer.answer += event.text;
      break;
    case "citations":
      answer.answer = event.text;
      answer.citations = event.items;
      answer.extractive = event.extractive;
      if (event.shortAnswer !== undefined) answer.shortAnswer = event.shortAnswer;
      break;
    case "refusal":
      answer.answer = event.text;
      answer.refused = true;
      answer.reason = event.reason;
      answer.suggestions = event.suggestions;
      answer.citations = [];
      break;
    case "end":
      answer.usage = event.usage;
      answer.timings = event.timings;
      answer.model = event.model;
      answer.adapter = event.adapter;
      break;
    case "error":
      throw new AppError(event.code in ERRORS ? (event.code as ErrorCode) : "unexpected", event.detail);
  }
}

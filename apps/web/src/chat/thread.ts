/**
 * A conversation as turns (question, answer), from its stored messages and the answer that is arriving now.
 * The live answer hides its own stored halves, which a refetch in the middle of the stream may bring along.
 */
import type { MessageResponse } from "@lorekeep/core";
import { answerOfMessage, type AnswerState } from "./answer-state.ts";

export interface Turn {
  readonly key: string;
  readonly question: string;
  readonly answer: AnswerState | null;
  readonly feedback: MessageResponse["feedback"];
}

export interface LiveTurn {
  readonly question: string;
  readonly regenerate: boolean;
  readonly answer: AnswerState;
}

/**
 * Once the conversation holds the live answer in full, its stored turn takes over; the live one still lends what only the
 * stream knows (suggestions, cut sentences). Keys are message ids as soon as there are any, so that nothing remounts.
 */
export function turnsOf(messages: readonly MessageResponse[], live: LiveTurn | null): Turn[] {
  if (live === null) return storedTurns(messages);
  if (isStored(messages, live))
    return storedTurns(messages).map((turn) =>
      turn.key === live.answer.messageId ? { ...turn, answer: live.answer } : turn,
    );
  const key = live.answer.messageId ?? "live";
  const arriving = { key, question: live.question, answer: live.answer, feedback: null };
  return [...storedTurns(settled(messages, live)), arriving];
}

// The same message gives the same answer object, so that old answers are not drawn anew while a new one streams in.
const answers = new WeakMap<MessageResponse, AnswerState>();
function storedAnswer(message: MessageResponse): AnswerState {
  const answer = answers.get(message) ?? answerOfMessage(message);
  answers.set(message, answer);
  return answer;
}

function storedTurns(messages: readonly MessageResponse[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const open = turns.at(-1)?.answer === null ? turns.pop() : undefined;
    if (message.role === "user") {
      if (open !== undefined) turns.push(open);
      turns.push({ key: message.id, question: message.text, answer: null, feedback: null });
    } else {
      const answer = storedAnswer(message);
      turns.push({ key: message.id, question: open?.question ?? "", answer, feedback: message.feedback });
    }
  }
  return turns;
}

/** The stored messages before the live turn. */
function settled(messages: readonly MessageResponse[], live: LiveTurn): readonly MessageResponse[] {
  const own = messages.findIndex((message) => message.id === live.answer.messageId);
  let end = own === -1 ? messages.length : own;
  if (own === -1 && live.regenerate && messages[end - 1]?.role === "assistant") end -= 1;
  if (messages[end - 1]?.role === "user") end -= 1;
  return messages.slice(0, end);
}

/** A failed or stopped stream may have left less than the store has, or nothing there at all. */
function isStored(messages: readonly MessageResponse[], live: LiveTurn): boolean {
  const stored = messages.find((message) => message.id === live.answer.messageId);
  return stored !== undefined && stored.status !== "streaming" && live.answer.phase === "done";
}

/**
 * A conversation as turns (question, answer), from its stored messages and the answers that arrived on this page.
 * An answer from its stream stands before its stored copy, which may be older (still "streaming") and knows less.
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
  /** Id of the answer that this one takes the place of. */
  readonly replaces: string | null;
  readonly answer: AnswerState;
}

/** `lives` are in the order asked. Keys are message ids as soon as there are any, so that nothing remounts. */
export function turnsOf(messages: readonly MessageResponse[], lives: readonly LiveTurn[]): Turn[] {
  const replaced = new Set(
    lives.filter((live) => live.replaces !== live.answer.messageId).map((live) => live.replaces),
  );
  const current = lives.filter((live) => !replaced.has(live.answer.messageId) || live.answer.messageId === null);
  const byId = new Map(current.map((live) => [live.answer.messageId, live.answer]));
  const turns = storedTurns(messages)
    .filter((turn) => !replaced.has(turn.key))
    .map((turn) => ({ ...turn, answer: newer(byId.get(turn.key), turn.answer) }));
  const stored = new Set(turns.map((turn) => turn.key));
  const arriving = current.filter(({ answer }) => answer.messageId === null || !stored.has(answer.messageId));
  // The question was stored before its answer had a row.
  if (arriving.length > 0 && turns.at(-1)?.answer === null) turns.pop();
  return [
    ...turns,
    ...arriving.map(({ question, answer }) => ({ key: answer.messageId ?? "live", question, answer, feedback: null })),
  ];
}

/** The streamed answer, unless its stream broke off, or more was shown of it since, and the store has come to hold more. */
function newer(live: AnswerState | undefined, stored: AnswerState | null): AnswerState | null {
  if (live === undefined || stored === null) return stored;
  const brokenOff = live.phase === "failed" || (live.phase === "done" && live.model === null);
  const extended = live.text !== "" && stored.text.length > live.text.length && stored.text.startsWith(live.text);
  return (brokenOff || extended) && stored.phase !== "writing" ? stored : live;
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

/** Rated and corrected answers, in the order of their rating: what a dataset grows from. */
import type { Conversations, Message, MessageId, RatedAnswer } from "@lorekeep/core";
import { decodeCursor, toPage } from "./cursors.ts";
import { isAboutCollection } from "./dataset-counts.ts";
import type { Connection } from "./open-database.ts";

interface RatedRow {
  readonly no: number;
  readonly id: MessageId;
  readonly conversationNo: number;
  readonly text: string;
  readonly ratedAt: string;
}

/** Greater than every time. */
const AFTER_ALL = "~";

/** `view` gives a conversation's messages without what is gone. */
export function openRatedAnswers(
  { sqlite }: Connection,
  view: (conversationNo: number) => Message[],
): Conversations["feedback"] {
  const columns = "m.no, m.id, m.conversation_no AS conversationNo, m.text, m.feedback_at AS ratedAt";
  const select = (condition: string, order: "ASC" | "DESC") =>
    sqlite.prepare(
      `SELECT ${columns} FROM messages m JOIN conversations t ON t.no = m.conversation_no
        WHERE m.feedback_at IS NOT NULL AND m.feedback_at > :since AND ${condition}
          AND (m.feedback_at, m.no) ${order === "ASC" ? ">" : "<"} (:at, :no)
        ORDER BY m.feedback_at ${order}, m.no ${order} LIMIT :limit`,
    );
  const inOrder = (order: "ASC" | "DESC", at: string) => ({
    all: select("1", order),
    ofCollection: select(isAboutCollection("m", "t"), order),
    at,
  });
  const [oldestFirst, newestFirst] = [inOrder("ASC", ""), inOrder("DESC", AFTER_ALL)];

  return async ({ since, collectionId, cursor, limit, newest = false }) => {
    const { all, ofCollection, at } = newest ? newestFirst : oldestFirst;
    const after = decodeCursor(cursor, ["string", "number"]);
    const range = { since: since ?? "", at: after?.[0] ?? at, no: after?.[1] ?? 0, limit: limit + 1 };
    const rows = (
      collectionId === undefined ? all.all(range) : ofCollection.all({ ...range, collectionId })
    ) as RatedRow[];
    const views = new Map<number, Message[]>();
    const page = toPage(
      rows,
      limit,
      (row) => {
        const messages = views.get(row.conversationNo) ?? view(row.conversationNo);
        views.set(row.conversationNo, messages);
        return toRatedAnswer(row, messages);
      },
      (row) => [row.ratedAt, row.no],
    );
    return { ...page, items: page.items.filter((item) => item !== null) };
  };
}

/** Null when forgetting took a part of the answer: nobody rated what is left. */
function toRatedAnswer(row: RatedRow, messages: readonly Message[]): RatedAnswer | null {
  const at = messages.findIndex(({ id }) => id === row.id);
  const message = messages[at];
  if (!message?.feedback || message.text !== row.text) return null;
  const asked = messages.slice(0, at).findLast(({ role }) => role === "user")?.text;
  const question = message.condensedQuestion ?? asked;
  if (question === undefined) return null;
  const { refused, passages, citations, feedback } = message;
  return {
    messageId: row.id,
    question,
    answer: message.text,
    refused,
    ...feedback,
    passages,
    citations,
    ratedAt: row.ratedAt,
  };
}

/** Rated and corrected answers, in the order of their rating: what a dataset grows from, and what a generator is shown. */
import type { Conversations, Message, MessageId, RatedAnswer } from "@lorekeep/core";
import { decodeCursor, toPage } from "./cursors.ts";
import { isAboutCollection } from "./dataset-counts.ts";
import type { Connection } from "./open-database.ts";
import { openRatedTerms } from "./rated-terms.ts";
import type { RatedTerms } from "./rated-terms.ts";

interface RatedRow {
  readonly no: number;
  readonly id: MessageId;
  readonly conversationNo: number;
  readonly text: string;
  readonly ratedAt: string;
}

const COLUMNS = "m.no, m.id, m.conversation_no AS conversationNo, m.text, m.feedback_at AS ratedAt";

/** `view` gives a conversation's messages without what is gone. */
export function openRatedAnswers(
  connection: Connection,
  view: (conversationNo: number) => Message[],
): Pick<Conversations, "feedback" | "feedbackLike"> & Pick<RatedTerms, "index"> {
  const { sqlite } = connection;
  const terms = openRatedTerms(connection);
  const select = (condition: string) =>
    sqlite.prepare(
      `SELECT ${COLUMNS} FROM messages m JOIN conversations t ON t.no = m.conversation_no
        WHERE m.feedback_at IS NOT NULL AND m.feedback_at > :since AND ${condition}
          AND (m.feedback_at, m.no) > (:at, :no)
        ORDER BY m.feedback_at, m.no LIMIT :limit`,
    );
  const [all, ofCollection] = [select("1"), select(isAboutCollection("m", "t"))];
  const byNo = sqlite.prepare(`SELECT ${COLUMNS} FROM messages m WHERE m.no = ?`);

  /** A conversation is read once, however many of its answers were rated. */
  function reader(): (row: RatedRow) => RatedAnswer | null {
    const views = new Map<number, Message[]>();
    return (row) => {
      const messages = views.get(row.conversationNo) ?? view(row.conversationNo);
      views.set(row.conversationNo, messages);
      return toRatedAnswer(row, messages);
    };
  }

  return {
    index: (messageNo) => terms.index(messageNo),
    async feedback({ since, collectionId, cursor, limit }) {
      const after = decodeCursor(cursor, ["string", "number"]);
      const range = { since: since ?? "", at: after?.[0] ?? "", no: after?.[1] ?? 0, limit: limit + 1 };
      const rows = (
        collectionId === undefined ? all.all(range) : ofCollection.all({ ...range, collectionId })
      ) as RatedRow[];
      const page = toPage(rows, limit, reader(), (row) => [row.ratedAt, row.no]);
      return { ...page, items: page.items.filter((item) => item !== null) };
    },
    async feedbackLike(question, { collectionIds, limit }) {
      const numbers = await terms.findLike(question, collectionIds, limit);
      const rows = numbers.flatMap((no) => (byNo.get(no) as RatedRow | undefined) ?? []);
      return rows.map(reader()).filter((item) => item !== null);
    },
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

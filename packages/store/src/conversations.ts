/** Conversations and their messages, each belonging to one owner. Every read of messages forgets what is gone. */
import { and, desc, eq, sql } from "drizzle-orm";
import { AppError, newId } from "@lorekeep/core";
import type { Conversation, ConversationId, Conversations, Message, MessageId } from "@lorekeep/core";
import { decodeCursor, toPage } from "./cursors.ts";
import { forgetQuotes } from "./forget-quotes.ts";
import { openRatedAnswers } from "./rated-answers.ts";
import { openMessageSources, readMessageRows, toMessage } from "./message-rows.ts";
import type { MessageRow } from "./message-rows.ts";
import type { Connection } from "./open-database.ts";
import { conversations, messages } from "./schema.ts";

type ConversationRow = typeof conversations.$inferSelect;

export function openConversations(connection: Connection): Conversations {
  const { orm, sqlite } = connection;
  const sources = openMessageSources(connection);

  const find = (id: ConversationId): ConversationRow | undefined =>
    orm.select().from(conversations).where(eq(conversations.id, id)).get();
  const owned = (id: ConversationId, owner: string) =>
    orm
      .select()
      .from(conversations)
      .where(and(eq(conversations.id, id), eq(conversations.owner, owner)))
      .get();
  const findMessage = (id: MessageId): { message: MessageRow; conversation: ConversationRow } | undefined => {
    const row = orm
      .select()
      .from(messages)
      .innerJoin(conversations, eq(conversations.no, messages.conversationNo))
      .where(eq(messages.id, id))
      .get();
    return row ? { message: row.messages, conversation: row.conversations } : undefined;
  };

  /** One state of messages, sources and documents, as anybody may see it. */
  function view(conversation: ConversationRow): Message[] {
    return sqlite.transaction(() => {
      const gone = sources.gone(conversation.no);
      return forgetQuotes(
        readMessageRows(connection, conversation.no).map((row) => ({
          message: toMessage(row, conversation.id),
          gone: gone.get(row.no) ?? new Set(),
        })),
      );
    })();
  }

  const ratedAnswers = openRatedAnswers(connection, (no) =>
    view(orm.select().from(conversations).where(eq(conversations.no, no)).get()!),
  );

  function touch(no: number): void {
    orm.update(conversations).set({ updatedAt: connection.now() }).where(eq(conversations.no, no)).run();
  }

  return {
    async create({ title, collectionIds, owner }) {
      const now = connection.now();
      const row = orm
        .insert(conversations)
        .values({ id: newId("conversation"), owner, title, collectionIds, createdAt: now, updatedAt: now })
        .returning()
        .get();
      return toConversation(row);
    },
    async get(id, owner) {
      const row = owned(id, owner);
      return row ? toConversation(row) : null;
    },
    async list(owner, query) {
      const after = decodeCursor(query.cursor, ["string", "number"]);
      const rows = orm
        .select()
        .from(conversations)
        .where(
          and(
            eq(conversations.owner, owner),
            after
              ? sql`(${conversations.updatedAt}, ${conversations.no}) < (${after[0] as string}, ${after[1] as number})`
              : undefined,
          ),
        )
        .orderBy(desc(conversations.updatedAt), desc(conversations.no))
        .limit(query.limit + 1)
        .all();
      return toPage(rows, query.limit, toConversation, (row) => [row.updatedAt, row.no]);
    },
    async rename(id, owner, title) {
      const row = owned(id, owner);
      if (!row) throw new AppError("not_found", "There is no such conversation.", { conversationId: id });
      orm.update(conversations).set({ title }).where(eq(conversations.no, row.no)).run();
    },
    async delete(id, owner) {
      const condition = and(eq(conversations.id, id), eq(conversations.owner, owner));
      return connection.writeDurably(() => orm.delete(conversations).where(condition).run().changes === 1);
    },
    async messages(id) {
      const row = find(id);
      return row ? view(row) : [];
    },
    async addMessage(message) {
      return connection.write(() => {
        const conversation = find(message.conversationId);
        if (!conversation)
          throw new AppError("not_found", "There is no such conversation.", { conversationId: message.conversationId });
        const { conversationId, ...given } = message;
        const row = orm
          .insert(messages)
          .values({
            ...BLANK,
            ...given,
            id: newId("message"),
            conversationNo: conversation.no,
            createdAt: connection.now(),
          })
          .returning()
          .get();
        sources.record(row.no, row);
        touch(conversation.no);
        return toMessage(row, conversationId);
      });
    },
    async updateMessage(id, changes) {
      connection.write(() => {
        const found = findMessage(id);
        // The conversation was deleted while its answer was written: there is nothing to keep.
        if (!found) return;
        if (Object.keys(changes).length > 0)
          orm.update(messages).set(changes).where(eq(messages.no, found.message.no)).run();
        sources.record(found.message.no, {
          passages: changes.passages ?? [],
          citations: changes.citations ?? [],
        });
        touch(found.conversation.no);
      });
    },
    async getMessage(id, owner) {
      const found = findMessage(id);
      if (found?.conversation.owner !== owner) return null;
      return view(found.conversation).find((message) => message.id === id) ?? null;
    },
    async setFeedback(id, owner, feedback) {
      return connection.write(() => {
        const found = findMessage(id);
        if (found?.conversation.owner !== owner) return false;
        orm
          .update(messages)
          .set({ feedback, feedbackAt: connection.now() })
          .where(eq(messages.no, found.message.no))
          .run();
        ratedAnswers.index(found.message.no);
        return true;
      });
    },
    feedback: (query) => ratedAnswers.feedback(query),
    feedbackLike: (question, query) => ratedAnswers.feedbackLike(question, query),
    async closeInterrupted() {
      return connection.write(
        () => orm.update(messages).set({ status: "stopped" }).where(eq(messages.status, "streaming")).run().changes,
      );
    },
  };
}

const BLANK = {
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
} as const;

function toConversation(row: ConversationRow): Conversation {
  const { no: _no, owner: _owner, ...conversation } = row;
  return conversation;
}

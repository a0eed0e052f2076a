/**
 * Messages and what they rest on. With every passage and citation goes a source: the document and the bytes that were
 * quoted. A source is gone when its document (or collection) was deleted, or when its bytes were replaced and published.
 */
import { asc, eq } from "drizzle-orm";
import type { ConversationId, DocumentId, Message } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";
import { messages } from "./schema.ts";

export type MessageRow = typeof messages.$inferSelect;
type Quoting = Pick<Message, "passages" | "citations">;

export interface MessageSources {
  /** Notes what a message rests on; what is gone already is left for the next purge. */
  record(messageNo: number, quoting: Quoting): void;
  /** By message, the documents whose quotes nobody may see any more; messages without such are not in the map. */
  gone(conversationNo: number): Map<number, Set<DocumentId>>;
  isGone(documentId: string, blob: string): boolean;
}

export function openMessageSources({ sqlite }: Connection): MessageSources {
  const blobOfChunk = sqlite
    .prepare("SELECT v.blob FROM chunks k JOIN document_versions v ON v.no = k.version_no WHERE k.id = ?")
    .pluck();
  const known = sqlite.prepare("SELECT 1 FROM message_sources WHERE message_no = ? AND document_id = ?");
  const insert = sqlite.prepare(
    "INSERT OR IGNORE INTO message_sources (message_no, document_id, blob) VALUES (?, ?, ?)",
  );
  const addGone = sqlite.prepare("INSERT OR IGNORE INTO gone_sources (document_id, blob) VALUES (?, ?)");
  const isVisible = sqlite.prepare(
    `SELECT 1 FROM documents d JOIN collections c ON c.no = d.collection_no AND c.deleted_at IS NULL
      WHERE d.id = :documentId AND d.deleted_at IS NULL AND (d.blob = :blob OR d.published_blob = :blob)`,
  );
  const sourcesOf = sqlite.prepare(
    `SELECT s.message_no AS messageNo, s.document_id AS documentId, s.blob
       FROM messages m JOIN message_sources s ON s.message_no = m.no WHERE m.conversation_no = ?`,
  );
  const isGone = (documentId: string, blob: string) => isVisible.get({ documentId, blob }) === undefined;

  return {
    isGone,
    record(messageNo, { passages, citations }) {
      for (const { chunkId, documentId } of [...passages, ...citations]) {
        const blob = blobOfChunk.get(chunkId) as string | undefined;
        // The chunk went while the answer was written: what was noted before holds; else no bytes, which are always gone.
        if (blob === undefined && known.get(messageNo, documentId)) continue;
        insert.run(messageNo, documentId, blob ?? "");
        if (isGone(documentId, blob ?? "")) addGone.run(documentId, blob ?? "");
      }
    },
    gone(conversationNo) {
      const found = new Map<number, Set<DocumentId>>();
      const answers = new Map<string, boolean>();
      for (const source of sourcesOf.all(conversationNo) as {
        messageNo: number;
        documentId: DocumentId;
        blob: string;
      }[]) {
        const key = `${source.documentId} ${source.blob}`;
        if (!answers.has(key)) answers.set(key, isGone(source.documentId, source.blob));
        if (!answers.get(key)) continue;
        const documents = found.get(source.messageNo) ?? new Set<DocumentId>();
        found.set(source.messageNo, documents.add(source.documentId));
      }
      return found;
    },
  };
}

/** All messages of a conversation as stored, oldest first. */
export function readMessageRows({ orm }: Connection, conversationNo: number): MessageRow[] {
  return orm.select().from(messages).where(eq(messages.conversationNo, conversationNo)).orderBy(asc(messages.no)).all();
}

export function toMessage(row: MessageRow, conversationId: ConversationId): Message {
  const { no: _no, conversationNo: _conversationNo, feedbackAt: _feedbackAt, ...message } = row;
  return { ...message, conversationId };
}

/**
 * The rows' side of forgetting: rewrites messages that quote what is gone (and, by forget-examples.ts, the rows of
 * the closed loop), so that no row holds its text. Works through
 * `gone_sources`, one conversation at a time. Answers that are still being written wait for a later purge; until then no
 * view shows their quotes.
 */
import { eq } from "drizzle-orm";
import type { ConversationId } from "@lorekeep/core";
import { openExampleScrubber } from "./forget-examples.ts";
import { forgetQuotes } from "./forget-quotes.ts";
import { openMessageSources, readMessageRows, toMessage } from "./message-rows.ts";
import type { Connection } from "./open-database.ts";
import { messages } from "./schema.ts";

const SOURCES_A_SLICE = 50;

/** The returned function must run inside a write transaction; gives the number of rows changed, 0 when nothing is left. */
export function openSourceScrubber(connection: Connection): (maxRows: number) => number {
  const { sqlite, orm } = connection;
  const sources = openMessageSources(connection);
  const examples = openExampleScrubber(connection);
  const listGone = sqlite.prepare("SELECT document_id AS documentId, blob FROM gone_sources LIMIT ?");
  const nextConversation = sqlite.prepare(
    `SELECT c.no, c.id FROM message_sources s JOIN messages m ON m.no = s.message_no
       JOIN conversations c ON c.no = m.conversation_no
      WHERE s.document_id = ? AND s.blob = ? AND m.status <> 'streaming' LIMIT 1`,
  );
  const isQuoted = sqlite.prepare("SELECT 1 FROM message_sources WHERE document_id = ? AND blob = ?");
  const dropGone = sqlite.prepare("DELETE FROM gone_sources WHERE document_id = ? AND blob = ?");
  const dropSource = sqlite.prepare("DELETE FROM message_sources WHERE message_no = ? AND document_id = ?");

  function scrub(conversation: { no: number; id: ConversationId }): number {
    const gone = sources.gone(conversation.no);
    const rows = readMessageRows(connection, conversation.no);
    const cleaned = forgetQuotes(
      rows.map((row) => ({ message: toMessage(row, conversation.id), gone: gone.get(row.no) ?? new Set() })),
    );
    rows.forEach((row, at) => {
      if (row.status === "streaming") return;
      const { text, citations, passages, condensedQuestion, trace, reason, shortAnswer } = cleaned[at]!;
      orm
        .update(messages)
        .set({ text, citations, passages, condensedQuestion, trace, reason, shortAnswer: shortAnswer ?? null })
        .where(eq(messages.no, row.no))
        .run();
      for (const documentId of gone.get(row.no) ?? []) dropSource.run(row.no, documentId);
    });
    return rows.length;
  }

  return (maxRows) => {
    let changed = 0;
    for (const { documentId, blob } of listGone.all(SOURCES_A_SLICE) as { documentId: string; blob: string }[]) {
      // Bytes that came back under the same document may be quoted again.
      const isBack = !sources.isGone(documentId, blob);
      if (!isBack) changed += examples.scrub({ documentId, blob }, maxRows - changed);
      while (!isBack && changed < maxRows) {
        const conversation = nextConversation.get(documentId, blob) as { no: number; id: ConversationId } | undefined;
        if (!conversation) break;
        changed += scrub(conversation);
      }
      const isLeft = isQuoted.get(documentId, blob) !== undefined || examples.isQuoted({ documentId, blob });
      if (isBack || !isLeft) changed += dropGone.run(documentId, blob).changes;
      if (changed >= maxRows) return changed;
    }
    return changed;
  };
}

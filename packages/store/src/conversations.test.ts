import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Citation, Collection, Conversation, DocumentRecord, Message, Passage } from "@lorekeep/core";
import { manualClock } from "@lorekeep/core/testing";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

const clock = manualClock();
let store: OpenedStore;
let collection: Collection;
let conversation: Conversation;
let secret: DocumentRecord;
let kept: DocumentRecord;
beforeEach(async () => {
  store = openTestStore({ clock });
  collection = await makeCollection(store);
  kept = await addDocument(store, collection, { name: "kept.txt", texts: ["The pump is blue."] });
  secret = await addDocument(store, collection, { name: "secret.txt", texts: ["The code is zebra."] });
  conversation = await store.conversations.create({ title: "T", collectionIds: [collection.id], owner: "user:1" });
});
afterEach(() => store.close());

const TEXT = "The pump is blue [1]. The code is zebra [2].";

/** An answer that cites both documents, a sentence each. */
async function answer(status: Message["status"] = "complete"): Promise<Message> {
  const loaded = await store.passages.load([1, 2]);
  const passages: Passage[] = loaded.map((passage) => ({ ...passage, scores: { dense: 1, lexical: 1, fused: 1 } }));
  const spans = [[0, 21] as const, [22, TEXT.length] as const];
  const citations = passages.map((passage, at): Citation => ({
    marker: at + 1,
    chunkId: passage.chunkId,
    documentId: passage.documentId,
    documentName: passage.documentName,
    page: 1,
    quote: passage.text,
    span: passage.span,
    answerSpan: spans[at]!,
    supported: true,
    support: 1,
  }));
  return store.conversations.addMessage({
    conversationId: conversation.id,
    role: "assistant",
    text: TEXT,
    status,
    passages,
    citations,
  });
}
const read = async () => store.conversations.messages(conversation.id);

describe("conversations", () => {
  test("S5 belong to their owner alone", async () => {
    const message = await answer();
    expect(await store.conversations.get(conversation.id, "user:2")).toBeNull();
    expect((await store.conversations.list("user:2", { limit: 9 })).items).toEqual([]);
    await expect(store.conversations.rename(conversation.id, "user:2", "X")).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await store.conversations.getMessage(message.id, "user:2")).toBeNull();
    const feedback = { rating: 1, correction: null, reason: null } as const;
    expect(await store.conversations.setFeedback(message.id, "user:2", feedback)).toBe(false);
    expect(await store.conversations.delete(conversation.id, "user:2")).toBe(false);
    expect(await store.conversations.setFeedback(message.id, "user:1", feedback)).toBe(true);
    expect((await store.conversations.getMessage(message.id, "user:1"))!.feedback).toEqual(feedback);
    expect(await store.conversations.delete(conversation.id, "user:1")).toBe(true);
    expect(await read()).toEqual([]);
  });

  test("are listed by last use, page by page", async () => {
    const ids = [conversation.id];
    for (let at = 0; at < 3; at++) {
      clock.advance(1000);
      ids.push((await store.conversations.create({ title: `${at}`, collectionIds: [], owner: "user:1" })).id);
    }
    clock.advance(1000);
    await store.conversations.addMessage({ conversationId: ids[1]!, role: "user", text: "x", status: "complete" });
    const first = await store.conversations.list("user:1", { limit: 3 });
    const rest = await store.conversations.list("user:1", { limit: 3, cursor: first.nextCursor! });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([ids[1], ids[3], ids[2], ids[0]]);
  });

  test("F4 messages come back as they were stored", async () => {
    const message = await answer();
    await store.conversations.updateMessage(message.id, {
      usage: { promptTokens: 1, completionTokens: 2 },
      condensedQuestion: "pump?",
      extractive: true,
    });
    expect(await read()).toEqual([
      { ...message, usage: { promptTokens: 1, completionTokens: 2 }, condensedQuestion: "pump?", extractive: true },
    ]);
  });

  test("answers of a process that died are closed", async () => {
    await answer("streaming");
    expect(await store.conversations.closeInterrupted()).toBe(1);
    expect((await read())[0]!.status).toBe("stopped");
    expect(await store.conversations.closeInterrupted()).toBe(0);
  });
});

describe("A1 what is deleted", () => {
  const expectForgotten = async () => {
    const [message] = await read();
    expect(message!.text).toBe("The pump is blue [1]. ");
    expect(message!.passages.map(({ documentId }) => documentId)).toEqual([kept.id]);
    expect(message!.citations.map(({ documentId }) => documentId)).toEqual([kept.id]);
    expect(JSON.stringify(message)).not.toContain("zebra");
  };

  test("is gone from an open conversation at once, and from its rows after the purge", async () => {
    await answer();
    await store.documents.delete(secret.id);
    await expectForgotten();
    await purgeAll(store);
    await expectForgotten();
    await store.documents.delete(kept.id);
    await purgeAll(store);
    expect((await read())[0]).toMatchObject({ text: "", passages: [], citations: [], reason: "sources_deleted" });
  });

  test("is gone with its collection, also for whoever asks for one message", async () => {
    const message = await answer();
    await store.collections.delete(collection.id);
    expect((await store.conversations.getMessage(message.id, "user:1"))!.text).toBe("");
    await purgeAll(store);
    expect((await read())[0]).toMatchObject({ text: "", passages: [], citations: [] });
  });

  test("A2 is gone when its bytes are replaced, once the new ones are published", async () => {
    await answer();
    await addDocument(store, collection, { name: "secret.txt", texts: ["Nothing here."] });
    await expectForgotten();
    await purgeAll(store);
    await expectForgotten();
  });

  test("stays when a document is only processed again", async () => {
    const message = await answer();
    const again = await store.versions.begin({
      documentId: secret.id,
      generationId: collection.generationId,
      blob: secret.blob,
    });
    await store.versions.publish(again);
    await purgeAll(store);
    expect(await read()).toEqual([message]);
  });

  test("does not come back with an answer that was being written meanwhile", async () => {
    const message = await answer("streaming");
    await store.documents.delete(secret.id);
    await purgeAll(store);
    await store.conversations.updateMessage(message.id, {
      text: TEXT,
      citations: message.citations,
      passages: message.passages,
      status: "complete",
    });
    await expectForgotten();
    await purgeAll(store);
    await expectForgotten();
  });
});

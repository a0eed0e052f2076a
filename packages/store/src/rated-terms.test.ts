import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection, Conversation, DocumentRecord } from "@lorekeep/core";
import { manualClock } from "@lorekeep/core/testing";
import { openDatabase } from "./open-database.ts";
import type { OpenedStore } from "./open-store.ts";
import { rateAnswer } from "./testing/seed-adaptation.ts";
import { addDocument, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

const clock = manualClock();
let folder: string;
let store: OpenedStore;
let collection: Collection;
let document: DocumentRecord;
let conversation: Conversation;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "store-rated-"));
  store = openTestStore({ path: join(folder, "a.db"), clock });
  collection = await makeCollection(store);
  document = await addDocument(store, collection, { name: "kept.txt", texts: ["The pump is blue."] });
  conversation = await makeConversation();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const makeConversation = () => store.conversations.create({ title: "T", collectionIds: [], owner: "user:1" });
const rate = (question: string, on = document) => {
  clock.advance(1000);
  return rateAnswer(store, { conversation, document: on, question, answer: "So it is." });
};
const like = async (question: string, limit = 1, { id } = collection) => {
  const found = await store.conversations.feedbackLike(question, { collectionIds: [id], limit });
  return found.map((answer) => answer.question);
};

describe("the likest rated questions", () => {
  test("are found among all of them, however many were rated since", async () => {
    await rate("Who greases the winch of the harbour crane?");
    for (let count = 0; count < 310; count++) {
      // Few a conversation: an answer is read with its conversation.
      if (count % 20 === 0) conversation = await makeConversation();
      await rate(`Who greases wheel ${count} of the cart?`);
    }
    expect(await like("How often is the winch of the crane greased?")).toEqual([
      "Who greases the winch of the harbour crane?",
    ]);
    expect(await like("Where is wheel 17 of the cart?")).toEqual(["Who greases wheel 17 of the cart?"]);
  });

  test("come in the order of rating, and the last rated ones fill what is left of the limit", async () => {
    for (const question of ["水泵多久保养一次？", "Where is the pump?", "Who paints?", "When is noon?"])
      await rate(question);
    expect(await like("水泵在哪里保养？", 2)).toEqual(["水泵多久保养一次？", "When is noon?"]);
    expect(await like("the pump, the pump", 2)).toEqual(["Where is the pump?", "When is noon?"]);
    expect(await like("…", 3)).toEqual(["Where is the pump?", "Who paints?", "When is noon?"]);
  });

  test("rest on passages of the collections asked for", async () => {
    const other = await makeCollection(store, "Other");
    const foreign = await addDocument(store, other, { name: "x.txt", texts: ["Foreign."] });
    await rate("Where is the pump?", foreign);
    expect(await like("Where is the pump?")).toEqual([]);
    expect(await like("Where is the pump?", 1, other)).toEqual(["Where is the pump?"]);
  });

  test("are found too where they were rated before there was a list of terms", async () => {
    await rate("Where is the pump?");
    await rate("Who paints?");
    const other = openDatabase(join(folder, "a.db"));
    other.sqlite.exec("DELETE FROM rated_terms");
    other.sqlite.close();
    expect(await like("Is the pump there?")).toEqual(["Where is the pump?"]);
  });
});

test("A1 no term is left of a question that was resolved from what is gone, nor of a deleted conversation", async () => {
  const secret = await addDocument(store, collection, { name: "secret.txt", texts: ["The code is zqzebra."] });
  const message = await rate("And its stripes?", secret);
  await store.conversations.updateMessage(message.id, { condensedQuestion: "And its stripes? (zqzebra)" });
  await store.conversations.setFeedback(message.id, "user:1", { rating: 1, correction: null, reason: null });
  expect(await like("zqzebra")).toEqual(["And its stripes? (zqzebra)"]);
  await store.documents.delete(secret.id);
  await purgeAll(store);
  await rate("zqowner asks");
  await store.conversations.delete(conversation.id, "user:1");
  const terms = openDatabase(join(folder, "a.db"));
  expect(terms.sqlite.prepare("SELECT * FROM rated_terms").all()).toEqual([]);
  terms.sqlite.pragma("wal_checkpoint(TRUNCATE)");
  terms.sqlite.close();
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
  expect(bytes.join("")).not.toMatch(/zqzebra|zqowner/);
});

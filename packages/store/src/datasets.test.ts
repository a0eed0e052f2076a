import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection, Conversation, Dataset, DatasetId, DocumentRecord } from "@lorekeep/core";
import { manualClock } from "@lorekeep/core/testing";
import { openDatabase } from "./open-database.ts";
import type { OpenedStore } from "./open-store.ts";
import { exampleDraft, passageOf, rateAnswer, RECIPE } from "./testing/seed-adaptation.ts";
import { addDocument, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

const clock = manualClock();
let store: OpenedStore;
let collection: Collection;
// The rows give ids as the wire does, without their brand.
type Branded = Dataset & { readonly id: DatasetId };
let dataset: Branded;
let kept: DocumentRecord;
let secret: DocumentRecord;
beforeEach(async () => {
  store = openTestStore({ clock });
  collection = await makeCollection(store);
  kept = await addDocument(store, collection, { name: "kept.txt", texts: ["The pump is blue."] });
  secret = await addDocument(store, collection, { name: "secret.txt", texts: ["The code is zebra."] });
  dataset = (await store.datasets.create({ name: "Pumps", collectionId: collection.id })) as Branded;
});
afterEach(() => store.close());

const all = () => store.datasets.allExamples(dataset.id, {});
const reread = async () => (await store.datasets.get(dataset.id))!;
const dump = async () => JSON.stringify([await all(), await reread()]);

describe("datasets", () => {
  test("are found by id and by name, the newest of two with one name", async () => {
    const second = await store.datasets.create({ name: "Pumps", collectionId: null });
    expect((await store.datasets.getByName("Pumps"))!.id).toBe(second.id);
    expect((await store.datasets.get(dataset.id))!.collectionId).toBe(collection.id);
    expect((await store.datasets.list({ limit: 9 })).items.map(({ id }) => id)).toEqual([second.id, dataset.id]);
    expect(await store.datasets.getByName("other")).toBeNull();
  });

  test("are what a name means that a question set has too", async () => {
    const asked = { collectionId: collection.id, purpose: "evaluation" as const };
    await store.datasets.create({ name: "Pumps", ...asked });
    const alone = await store.datasets.create({ name: "Alone", ...asked });
    expect((await store.datasets.getByName("Pumps"))!.id).toBe(dataset.id);
    expect((await store.datasets.getByName("Alone"))!.id).toBe(alone.id);
  });

  test("keep examples as they were given, and replace one with the same external id", async () => {
    const draft = exampleDraft({
      externalId: "a",
      passages: [{ title: "T", text: "蓝色的泵。", gold: true, documentId: null, chunkId: null }],
      problems: ["leak"],
      rejectedAnswer: "Red.",
    });
    expect(await store.datasets.addExamples(dataset.id, [draft, exampleDraft({ externalId: "b" })])).toBe(2);
    expect(await store.datasets.addExamples(dataset.id, [{ ...draft, answer: "Green." }])).toBe(0);
    const [first, second] = await all();
    expect(first).toMatchObject({ ...draft, answer: "Green.", datasetId: dataset.id });
    expect(second!.externalId).toBe("b");
  });

  test("count what would be trained apart from what is pending", async () => {
    await store.datasets.addExamples(dataset.id, [
      exampleDraft({ split: "train" }),
      exampleDraft({ split: "validation", rejectedAnswer: "Red." }),
      exampleDraft({ status: "pending", problems: ["duplicate", "leak"], source: "document" }),
      exampleDraft({ status: "rejected", answerable: false, answer: null, source: "unanswerable" }),
    ]);
    expect(await reread()).toMatchObject({
      exampleCount: 4,
      counts: {
        approved: 2,
        pending: 1,
        rejected: 1,
        answerable: 3,
        unanswerable: 1,
        train: 1,
        validation: 1,
        preferences: 1,
      },
      problems: { duplicate: 1, leak: 1 },
      sources: { upload: 2, document: 1, unanswerable: 1 },
    });
  });

  test("give examples page by page, filtered", async () => {
    const drafts = Array.from({ length: 450 }, (_, at) =>
      exampleDraft({ question: `Question ${at}?`, status: at % 2 === 0 ? "approved" : "pending" }),
    );
    await store.datasets.addExamples(dataset.id, drafts);
    expect((await all()).map(({ question }) => question)).toEqual(drafts.map(({ question }) => question));
    const first = await store.datasets.examples(dataset.id, { status: "pending" }, { limit: 2 });
    const next = await store.datasets.examples(
      dataset.id,
      { status: "pending" },
      { limit: 2, cursor: first.nextCursor! },
    );
    expect([...first.items, ...next.items].map(({ question }) => question)).toEqual(
      [1, 3, 5, 7].map((at) => `Question ${at}?`),
    );
    expect((await store.datasets.allExamples(dataset.id, { query: "question 44" })).length).toBe(11);
    expect(await store.datasets.allExamples(dataset.id, { query: "%" })).toEqual([]);
  });

  test("is written and deleted in slices between which others have a turn", async () => {
    const drafts = Array.from({ length: 650 }, (_, at) => exampleDraft({ externalId: `x${at}` }));
    const turnsDuring = async (work: Promise<unknown>): Promise<number> => {
      let [turns, isOver] = [0, false];
      const count = (): void => {
        turns += 1;
        if (!isOver) setImmediate(count);
      };
      setImmediate(count);
      await work;
      isOver = true;
      return turns;
    };
    expect(await turnsDuring(store.datasets.addExamples(dataset.id, drafts))).toBeGreaterThanOrEqual(1);
    expect(await all()).toHaveLength(650);
    expect(await turnsDuring(store.datasets.delete(dataset.id))).toBeGreaterThanOrEqual(2);
    expect(await store.datasets.get(dataset.id)).toBeNull();
  });

  test("let an example be changed, marked and taken away", async () => {
    await store.datasets.addExamples(dataset.id, [exampleDraft()]);
    const [example] = await all();
    const changed = await store.datasets.updateExample(example!.id as never, { answer: null, answerable: false });
    expect(changed).toMatchObject({ answer: null, answerable: false, question: example!.question });
    await store.datasets.markExamples([{ id: changed.id as never, problems: ["language"], split: "validation" }]);
    expect(await store.datasets.getExample(changed.id as never)).toMatchObject({
      problems: ["language"],
      split: "validation",
    });
    expect(await store.datasets.deleteExample(changed.id as never)).toBe(true);
    await expect(store.datasets.updateExample(changed.id as never, {})).rejects.toMatchObject({ code: "not_found" });
  });

  test("are deleted with all their examples", async () => {
    await store.datasets.addExamples(dataset.id, [exampleDraft({ passages: [await passageOf(store, kept, true)] })]);
    expect(await store.datasets.delete(dataset.id)).toBe(true);
    expect(await store.datasets.get(dataset.id)).toBeNull();
    expect(Object.values(await store.upkeep.orphans()).every((count) => count === 0)).toBe(true);
  });
});

describe("A1 K6 a document that is deleted", () => {
  const seed = async () => {
    const [gold, distractor] = [await passageOf(store, secret, true), await passageOf(store, secret, false)];
    await store.datasets.addExamples(dataset.id, [
      exampleDraft({ question: "Zebra?", answer: "zebra", source: "document", group: secret.id, passages: [gold] }),
      exampleDraft({ question: "What is the code zebra?", answer: null, answerable: false, group: secret.id }),
      exampleDraft({ passages: [await passageOf(store, kept, true), distractor] }),
      exampleDraft({ question: "Rated", source: "feedback", answer: "zebra, they say", passages: [distractor] }),
    ]);
  };

  test("takes along the examples that rest on it, and its passages elsewhere, at once and for good", async () => {
    await seed();
    expect((await all()).length).toBe(4);
    await store.documents.delete(secret.id);
    const check = async () => {
      const [only, ...others] = await all();
      expect(others).toEqual([]);
      expect(only!.passages.map(({ documentId }) => documentId)).toEqual([kept.id]);
      expect((await reread()).exampleCount).toBe(1);
      expect(await dump()).not.toMatch(/zebra/i);
    };
    await check();
    await purgeAll(store);
    await check();
    expect(Object.values(await store.upkeep.orphans()).every((count) => count === 0)).toBe(true);
  });

  test("stays listed by id and name", async () => {
    await seed();
    expect((await reread()).deletedDocuments).toEqual([]);
    await store.documents.delete(secret.id);
    await purgeAll(store);
    expect(await reread()).toMatchObject({
      deletedDocuments: [secret.id],
      deletedDocumentNames: { [secret.id]: "secret.txt" },
    });
  });

  test("leaves no text in any row after a purge", async () => {
    const folder = mkdtempSync(join(tmpdir(), "store-datasets-"));
    const onDisk = openTestStore({ path: join(folder, "a.db") });
    const { sqlite } = openDatabase(join(folder, "a.db"), { readonly: true });
    try {
      const home = await makeCollection(onDisk);
      const code = await addDocument(onDisk, home, { name: "secret.txt", texts: ["The code is zebra."] });
      const { id } = await onDisk.datasets.create({ name: "D", collectionId: home.id });
      const passages = [await passageOf(onDisk, code, true)];
      const shown = [{ ...passages[0]!, gold: false }];
      await onDisk.datasets.addExamples(id as DatasetId, [
        exampleDraft({ passages }),
        exampleDraft({ passages: shown }),
      ]);
      const rows = () => sqlite.prepare("SELECT passages FROM examples ORDER BY no").pluck().all() as string[];
      expect(rows().filter((text) => text.includes("zebra")).length).toBe(2);
      await onDisk.documents.delete(code.id);
      await purgeAll(onDisk);
      expect(rows()).toEqual(["[]"]);
    } finally {
      sqlite.close();
      await onDisk.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("A2 does so too when its bytes are replaced, without being listed as deleted", async () => {
    await seed();
    await addDocument(store, collection, { name: "secret.txt", texts: ["Nothing here."] });
    expect(await dump()).not.toMatch(/zebra/i);
    await purgeAll(store);
    expect(await dump()).not.toMatch(/zebra/i);
    expect((await reread()).deletedDocuments).toEqual([]);
  });

  test("is not brought back by examples that were being drafted meanwhile", async () => {
    const passage = await passageOf(store, secret, true);
    await store.documents.delete(secret.id);
    await store.datasets.addExamples(dataset.id, [exampleDraft({ question: "zebra?", passages: [passage] })]);
    expect(await all()).toEqual([]);
    await purgeAll(store);
    await store.datasets.addExamples(dataset.id, [exampleDraft({ question: "zebra?", passages: [passage] })]);
    expect(await all()).toEqual([]);
  });

  test("goes with its collection; the dataset and what was uploaded stay", async () => {
    await seed();
    await store.datasets.addExamples(dataset.id, [exampleDraft({ question: "Mine" })]);
    await store.collections.delete(collection.id);
    expect((await all()).map(({ question }) => question)).toEqual(["Mine"]);
    await purgeAll(store);
    expect(await reread()).toMatchObject({ collectionId: null, exampleCount: 1 });
    expect((await reread()).deletedDocuments.length).toBe(2);
  });
});

describe("feedback", () => {
  let conversation: Conversation;
  beforeEach(async () => {
    conversation = await store.conversations.create({ title: "T", collectionIds: [], owner: "user:1" });
  });
  const rate = (document: DocumentRecord, question: string, correction?: string) => {
    clock.advance(1000);
    return rateAnswer(store, { conversation, document, question, answer: `Answer to ${question}`, correction });
  };

  test("is listed by the time of rating, page by page, from a time on", async () => {
    await rate(kept, "first");
    const since = clock.now().toISOString();
    await rate(kept, "second", "Corrected.");
    await rate(kept, "third");
    const page = await store.conversations.feedback({ limit: 2 });
    const rest = await store.conversations.feedback({ limit: 2, cursor: page.nextCursor! });
    expect([...page.items, ...rest.items].map(({ question }) => question)).toEqual(["first", "second", "third"]);
    const later = await store.conversations.feedback({ limit: 9, since });
    expect(later.items[0]).toMatchObject({
      question: "second",
      answer: "Answer to second",
      rating: -1,
      correction: "Corrected.",
    });
    expect(later.items[0]!.passages[0]!.documentId).toBe(kept.id);
  });

  test("is counted for the dataset of its collection since the last fine-tune that did not fail", async () => {
    const other = await makeCollection(store, "Other");
    const foreign = await addDocument(store, other, { name: "x.txt", texts: ["Foreign."] });
    await rate(kept, "first");
    await rate(foreign, "elsewhere");
    expect((await reread()).newSinceLastFineTune).toBe(1);
    expect((await store.conversations.feedback({ limit: 9, collectionId: other.id })).items.length).toBe(1);
    clock.advance(1000);
    const run = { name: "r", datasetId: dataset.id, base: "b", recipe: { ...RECIPE, targets: [...RECIPE.targets] } };
    const { id } = await store.fineTunes.create({ ...run, jobId: null });
    expect((await reread()).newSinceLastFineTune).toBe(0);
    await rate(kept, "second");
    expect((await reread()).newSinceLastFineTune).toBe(1);
    await store.fineTunes.update(id as never, { status: "failed" });
    expect((await reread()).newSinceLastFineTune).toBe(2);
  });

  test("A1 leaves out answers that lost a part with a deleted document", async () => {
    clock.advance(1000);
    await rateAnswer(store, { conversation, document: secret, question: "code?", answer: "The code is zebra." });
    await rate(kept, "first");
    await store.documents.delete(secret.id);
    expect((await store.conversations.feedback({ limit: 9 })).items.map(({ question }) => question)).toEqual(["first"]);
  });
});

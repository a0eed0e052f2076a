import { overlapReader } from "@lorekeep/core/testing";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { evaluateFolder } from "./evaluate-folder.ts";
import { openTestHouse, temporaryFolder } from "./testing/open-test-platform.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  writeSet(["aardvark", "bear", "camel"]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeSet(animals: readonly string[]): void {
  const lines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join("\n");
  const docs = animals.map((animal) => ({
    _id: animal,
    title: `The ${animal}`,
    text: `The ${animal} lives in a house. It eats ${animal} food.`,
  }));
  const questions = animals.map((animal) => ({
    id: `q-${animal}`,
    question: `What does the ${animal} eat?`,
    answers: [`${animal} food`],
    answerable: true,
    doc_id: animal,
  }));
  const off = { id: "q-off", question: "Who wrote Faust?", answers: [], answerable: false };
  writeFileSync(join(folder, "docs.jsonl"), lines(docs));
  writeFileSync(join(folder, "qa.jsonl"), lines([...questions, off]));
}

test("scores the short answer where a reader marks one", async () => {
  await using house = await openTestHouse();
  const marking = overlapReader();
  house.models.readerDriver = {
    ...marking,
    read: async (_question, passages) =>
      passages.map((passage) => {
        const [text = "", ...rest] = /\b\w+ food/.exec(passage) ?? [];
        const start = passage.indexOf(text);
        return { span: text === "" || rest.length > 0 ? null : [start, start + text.length], text, score: 5 };
      }),
  };
  const report = await evaluateFolder(house.platform, { folder, answers: true });
  expect(report.answerF1).toBe(1);
  expect(report.fullAnswerF1).toBeLessThan(1);
});

test("reads again what an earlier evaluation could not read", async () => {
  await using house = await openTestHouse();
  const { store } = house.platform;
  await evaluateFolder(house.platform, { folder, answers: false });
  const [first] = (await store.documents.list({ limit: 1 })).items;
  const error = { code: "document_corrupt" as const, detail: "It could not be read." };
  await store.documents.setStatus(first!.id, "failed", { error });
  await expect(evaluateFolder(house.platform, { folder, answers: false })).resolves.toMatchObject({
    lexical: { ndcgAt10: 1 },
  });
  expect((await store.documents.get(first!.id))!.status).toBe("ready");
});

test("measures every mode and the answers, and keeps the collection while the set is unchanged", async () => {
  await using house = await openTestHouse();
  const steps = new Set<string>();
  const report = await evaluateFolder(house.platform, { folder, answers: true, onProgress: (step) => steps.add(step) });
  expect(report).toMatchObject({ questionCount: 4, lexical: { ndcgAt10: 1, recallAt10: 1 }, hybrid: { mrrAt10: 1 } });
  expect(report.dense.latency.p95).toBeGreaterThan(0);
  expect(report.refusal).toMatchObject({ right: 0, wrong: 0, balanced: 0.5 }); // nothing is refused in test houses
  expect(report.refusal!.best!.balanced).toBeGreaterThanOrEqual(0.5);
  expect(report.citationPrecision).toBeGreaterThan(0);
  expect(steps.has("import")).toBe(true);
  const { items } = await house.platform.store.collections.list({ limit: 10 });
  expect(items).toMatchObject([{ documentCount: 3 }]);
  expect(items[0]!.name).toMatch(/^eval:/);
  // Scratch collections are not part of "everything".
  expect(
    await house.platform.library.resolveCollections(
      { id: "cli", scopes: ["admin"], collectionIds: null, key: null },
      undefined,
    ),
  ).toEqual([]);
  expect((await house.platform.store.conversations.list("cli", { limit: 5 })).items).toEqual([]);

  const embedded = house.models.embedded.length;
  steps.clear();
  await evaluateFolder(house.platform, { folder, answers: false, onProgress: (step) => steps.add(step) });
  expect(steps.has("import")).toBe(false);
  expect(house.models.embedded).toHaveLength(embedded);

  writeSet(["bear", "camel", "dingo"]);
  const changed = await evaluateFolder(house.platform, { folder, answers: false });
  expect(changed.lexical.recallAt10).toBe(1);
  const documents = await house.platform.store.documents.list({ limit: 10 });
  expect(documents.items.map((document) => document.externalId).sort()).toEqual(["bear", "camel", "dingo"]);
  expect(house.models.embedded).toHaveLength(embedded + 1);
});

import type { ChunkId, DocumentId, ExamplePassage } from "@lorekeep/core";
import { expect, test } from "vitest";
import { makeUnanswerable } from "./make-unanswerable.ts";
import { addPassages, holdsAnswer } from "./retrieve-distractors.ts";
import type { RetrievedPassage } from "./retrieve-distractors.ts";

let seq = 0;
const found = (text: string, document = "a"): RetrievedPassage => ({
  ...{ text, documentName: `${document}.md`, headings: ["Care"] },
  documentId: document as DocumentId, // test ids: only their being distinct matters
  chunkId: `chk_${++seq}` as ChunkId,
});
const asked = { question: "When is the pump serviced?", answer: "every 400 hours", answerable: true, passages: [] };
const GOLD = found("The pump is serviced every 400 hours.");
const OTHERS = [
  found("The winch is greased every four weeks.", "b"),
  found("The pump is red and loud.", "c"),
  found("Dogs stay below.", "d"),
];
const retrieve = async () => [OTHERS[0]!, GOLD, ...OTHERS.slice(1)];

test("an example without passages gets the retrieved one that holds its answer, and distractors that do not", async () => {
  const passages = await addPassages(asked, retrieve);
  expect(passages.map(({ text, gold }) => [text, gold])).toEqual([
    [GOLD.text, true],
    [OTHERS[0]!.text, false],
    [OTHERS[1]!.text, false],
  ]);
  expect(passages[0]).toMatchObject({ title: "a.md › Care", documentId: "a", chunkId: GOLD.chunkId });
});

test("an answer in other words belongs to the passage that says most of it; one that nothing says gets none", async () => {
  const reworded = { ...asked, answer: "The pump gets serviced after 400 hours" };
  expect((await addPassages(reworded, retrieve)).find(({ gold }) => gold)?.text).toBe(GOLD.text);
  const foreign = { ...asked, answer: "Tobias Renn decides about that" };
  expect((await addPassages(foreign, retrieve)).some(({ gold }) => gold)).toBe(false);
});

test("passages that were brought along stay and are topped up, never with another copy of the right one", async () => {
  const own: ExamplePassage = {
    title: "x",
    text: `${GOLD.text} It is red.`,
    gold: false,
    documentId: null,
    chunkId: null,
  };
  const passages = await addPassages({ ...asked, passages: [own] }, retrieve, { distractorCount: 1 });
  expect(passages.map(({ text, gold }) => [text, gold])).toEqual([
    [own.text, true],
    [OTHERS[0]!.text, false],
  ]);
  const full = await addPassages({ ...asked, passages }, () => Promise.reject(new Error("not needed")), {
    distractorCount: 1,
  });
  expect(full).toEqual(passages);
});

test("an answer stands in a text as whole words, in Chinese as characters", () => {
  expect(holdsAnswer("It costs 16 marks.", "6")).toBe(false);
  expect(holdsAnswer("It costs 6 marks!", "6 Marks")).toBe(true);
  expect(holdsAnswer("水泵每四百小时保养一次。", "每四百小时")).toBe(true);
  expect(holdsAnswer("水泵每 400 小时保养。", "400小时")).toBe(true);
  expect(holdsAnswer("anything", "")).toBe(false);
});

test("questions are paired with similar passages of other documents that lack the answer, as many as wished", async () => {
  const gold: ExamplePassage = { title: "a", text: GOLD.text, gold: true, documentId: "a", chunkId: GOLD.chunkId };
  const examples = Array.from({ length: 41 }, (_, at) => ({
    ...{ ...asked, question: `When is pump ${at} serviced?`, passages: [gold], group: "a" },
    ...{ language: "en" as const, split: at % 2 === 0 ? ("validation" as const) : ("train" as const) },
  }));
  const also = found("Another pump is serviced every 400 hours too.", "e");
  const made = await makeUnanswerable(examples, { retrieve: async () => [GOLD, also, ...OTHERS], passageCount: 2 });
  // 9 of 50 are 18 %.
  expect(made).toHaveLength(9);
  for (const { answer, answerable, passages, question, split } of made) {
    expect({ answer, answerable }).toEqual({ answer: null, answerable: false });
    expect(passages.map(({ documentId, gold: isGold }) => [documentId, isGold])).toEqual([
      ["b", false],
      ["c", false],
    ]);
    expect(split).toBe(examples.find((example) => example.question === question)?.split);
  }
  expect(await makeUnanswerable([...examples, ...made], { retrieve, seed: 2 })).toEqual([]);
  expect(await makeUnanswerable(examples, { retrieve: async () => [GOLD, also] })).toEqual([]);
});

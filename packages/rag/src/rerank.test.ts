import { describe, expect, test } from "vitest";
import { overlapReader } from "@lorekeep/core/testing";
import { mixReadings, rerank, RERANK_DEPTH, retrieveReranked } from "./rerank.ts";
import { openTestHouse } from "./testing/house.ts";
import { makePassage } from "./testing/passages.ts";

const near = makePassage("The pump hums at night.", { seq: 1, fused: 0.9 });
const right = makePassage("The Kestrel pump is serviced every 400 hours.", { seq: 2, fused: 0.88 });
const far = makePassage("Invoices are paid on Fridays.", { seq: 3, fused: 0.2 });
const order = (items: readonly { passage: { seq: number } }[]) => items.map(({ passage }) => passage.seq);

test.each([
  ["English", "When is the Kestrel pump serviced?", right, near],
  [
    "Chinese",
    "水泵多久保养一次？",
    makePassage("水泵每运行四百小时保养一次。", { seq: 2, fused: 0.88, language: "zh" }),
    makePassage("夜里水泵有声音。", { seq: 1, fused: 0.9, language: "zh" }),
  ],
])("a passage that the reader is sure of overtakes one that was as good, in %s", async (_, question, better, other) => {
  const ranked = await rerank(question, [other, better], overlapReader({ withRelevance: true }));
  expect(order(ranked)).toEqual([2, 1]);
  expect(ranked[0]!.relevance).toBeGreaterThan(ranked[1]!.relevance!);
});

const judged = (relevance: number, score = 0) => ({ score, relevance });

test("within a language the reader never lifts a passage over one that is ahead by more than a tenth", () => {
  const answers = [judged(-12), judged(-12), judged(12, 12)];
  expect(order(mixReadings("When are invoices paid?", [near, right, far], answers))).toEqual([1, 2, 3]);
});

test("across languages the span's score decides among passages that are close, whatever the relevance", () => {
  const answers = [judged(12, -9), judged(-12, -2), judged(-12, -11)];
  expect(order(mixReadings("水泵多久保养一次？", [near, right, far], answers))).toEqual([2, 1, 3]);
  expect(order(mixReadings("When is it serviced?", [near, right, far], answers))).toEqual([1, 2, 3]);
});

test("a reader without relevance changes nothing within a language", async () => {
  expect(order(await rerank("When are invoices paid?", [near, right, far], overlapReader()))).toEqual([1, 2, 3]);
});

test("passages beyond those read keep their places behind them", async () => {
  const many = Array.from({ length: RERANK_DEPTH + 5 }, (_, at) =>
    makePassage(`Note ${at} says nothing.`, { seq: at + 1, fused: 1 - at / 100 }),
  );
  const ranked = await rerank("Where is the key?", many, overlapReader({ withRelevance: true }));
  expect(order(ranked).slice(RERANK_DEPTH)).toEqual([21, 22, 23, 24, 25]);
  expect(ranked.slice(RERANK_DEPTH).every(({ relevance }) => relevance === null)).toBe(true);
  expect(order(ranked).toSorted((a, b) => a - b)).toEqual(many.map(({ seq }) => seq));
});

test("stopping ends the reading", async () => {
  await expect(rerank("Why?", [near], overlapReader(), AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
});

describe("search with a second stage", () => {
  const open = async (reader?: ReturnType<typeof overlapReader>) => {
    const house = await openTestHouse({ ...(reader && { reader }) });
    const collection = await house.makeCollection("handbook");
    for (const [name, text] of [
      ["a.txt", "The pump hums at night, says the pump's maker of the pump."],
      ["b.txt", "The night nurse serviced the pump."],
    ] as const)
      await house.add({ collection, name, text, mediaType: "text/plain" });
    const ask = (limit: number) =>
      retrieveReranked(
        { query: "Who serviced the pump?", collections: [collection], limit, mode: "lexical" },
        house.answerDeps,
      );
    return { house, ask };
  };

  test("reads deeper than it answers, and says who read how many", async () => {
    const { house, ask } = await open(overlapReader({ withRelevance: true }));
    const found = await ask(1);
    expect(found.passages.map(({ documentName }) => documentName)).toEqual(["b.txt"]);
    expect(found.rerank).toMatchObject({ reader: "overlap", readCount: 2 });
    expect(found.relevance.size).toBe(2);
    await house.close();
  });

  test.each([
    ["there is no reader", undefined, "model_missing"],
    ["the reader fails", overlapReader({ withRelevance: true, failFrom: 0 }), "model_failed"],
  ])("the first stage's order stands when %s", async (_, reader, skipped) => {
    const { house, ask } = await open(reader);
    const found = await ask(5);
    expect(found.passages).toHaveLength(2);
    expect(found.relevance.size).toBe(0);
    expect(found.rerank.skipped).toBe(skipped);
    await house.close();
  });
});

import type { ExamplePassage } from "@lorekeep/core";
import { expect, test } from "vitest";
import { buildPrompt } from "../prompt.ts";
import { makePassage, packAll } from "../testing/passages.ts";
import { buildTrainingMessages, targetOf } from "./build-messages.ts";
import { REFUSAL_TARGETS } from "./refusal-target.ts";

const passage = (text: string, gold = false, title = "handbook.md"): ExamplePassage => ({
  ...{ title, text, gold },
  ...{ documentId: null, chunkId: null },
});
const asked = { question: "When is the pump serviced?", answer: "Every 400 hours.", language: "en" as const };
const words = (messages: readonly { content: string }[], target: string): number =>
  [...messages.map(({ content }) => content), target].join(" ").split(/\s+/).length;

test("K1: an example's messages are those that serving sends for the same passages, letter for letter", async () => {
  for (const language of ["en", "zh"] as const) {
    const text = language === "en" ? "The pump is serviced every 400 hours." : "水泵每四百小时保养一次。";
    const question = language === "en" ? "When is the pump serviced?" : "水泵多久保养一次？";
    const served = buildPrompt(question, packAll([makePassage(text, { headings: ["Care", "Pump"] })]));
    const passages = [passage(text, true, "handbook.md › Care › Pump")];
    const trained = await buildTrainingMessages({ question, answer: "400", language, passages });
    expect(trained?.messages).toEqual(served);
  }
});

test("the order of passages depends on the seed and the question alone, and the right one stands anywhere", async () => {
  const passages = [passage("gold", true), passage("one"), passage("two"), passage("three")];
  const places = new Set<number>();
  for (let at = 0; at < 40; at++) {
    const example = { ...asked, question: `Question ${at}?`, passages };
    const first = await buildTrainingMessages(example, { seed: 7 });
    const second = await buildTrainingMessages(example, { seed: 7 });
    expect(first?.passages).toEqual(second?.passages);
    places.add(first!.passages.findIndex(({ gold }) => gold));
    expect(first?.messages[1]?.content).toContain(`n="${first!.passages.findIndex(({ gold }) => gold) + 1}"`);
  }
  expect([...places].sort()).toEqual([0, 1, 2, 3]);
});

test("what does not fit goes distractors first; without room for the right passage there are no messages", async () => {
  const passages = [passage("gold word ".repeat(20), true), passage("far ".repeat(60)), passage("off ".repeat(50))];
  const example = { ...asked, passages };
  const whole = await buildTrainingMessages(example);
  const all = words(whole!.messages, whole!.target);
  const fitted = await buildTrainingMessages(example, { maxTokens: all - 1, count: words });
  expect(fitted).toMatchObject({ droppedPassages: 1 });
  expect(fitted?.passages.some(({ gold }) => gold)).toBe(true);
  expect(words(fitted!.messages, fitted!.target)).toBeLessThan(all);
  expect(await buildTrainingMessages(example, { maxTokens: 40, count: words })).toBeNull();
});

test("as many passages are shown as serving shows, the right one always among them", async () => {
  const passages = [...Array.from({ length: 9 }, (_, at) => passage(`wrong ${at}`)), passage("gold", true)];
  const built = await buildTrainingMessages({ ...asked, passages }, { passageCount: 3 });
  expect(built?.passages).toHaveLength(3);
  expect(built?.passages.filter(({ gold }) => gold)).toHaveLength(1);
});

test("a passage told twice is shown once, as the right one", async () => {
  const passages = [passage("same"), passage("same", true), passage("other")];
  const built = await buildTrainingMessages({ ...asked, passages });
  expect(built?.passages.map(({ text, gold }) => [text, gold])).toEqual(
    expect.arrayContaining([
      ["same", true],
      ["other", false],
    ]),
  );
  expect(built?.passages).toHaveLength(2);
});

test("an example without an answer is taught the fixed refusal of its language", () => {
  expect(targetOf({ ...asked, answer: null })).toBe(REFUSAL_TARGETS.en);
  expect(targetOf({ ...asked, answer: "今天", language: "zh", answerable: false })).toBe(REFUSAL_TARGETS.zh);
  expect(targetOf({ ...asked, answer: "  Every\n 400 hours. " })).toBe("Every 400 hours.");
});

import type { CollectionId, MessageId, Passage, RatedAnswer } from "@lorekeep/core";
import { scriptedGenerator } from "@lorekeep/core/testing";
import { expect, test } from "vitest";
import { answerQuestion } from "./answer-question.ts";
import type { AnswerEvent } from "./answer-event.ts";
import { readQuestion } from "./question.ts";
import { openTestHouse } from "./testing/house.ts";
import { makePassage } from "./testing/passages.ts";
import { chooseWorkedExamples } from "./worked-examples.ts";

const OWN = "col_own" as CollectionId; // test ids: only their being distinct matters
const passage = (text: string, seq: number, collectionId = OWN): Passage => ({
  ...makePassage(text, { seq, document: `doc ${seq}` }),
  collectionId,
});
const PUMP = passage("The pump is serviced every 400 hours.", 1);
const WINCH = passage("The winch is greased every four weeks.", 2);
let count = 0;
const rated = (question: string, answer: string, on: Passage, more: Partial<RatedAnswer> = {}): RatedAnswer => ({
  messageId: `msg_${++count}` as MessageId,
  ...{ question, answer: `${answer} [1]`, refused: false, rating: 1, correction: null, reason: null },
  ...{ passages: [on], citations: [{ ...on, marker: 1 } as unknown as RatedAnswer["citations"][number]] },
  ratedAt: "2026-01-01T00:00:00Z",
  ...more,
});
const choose = (question: string, answers: readonly RatedAnswer[], most = 2) =>
  chooseWorkedExamples(
    readQuestion(question, () => 1),
    answers,
    { count: most, collections: new Set([OWN]) },
  );

test("shows the approved answers to the likest questions, the likest last, each with the passage that it rests on", () => {
  const answers = [
    rated("How often is the pump serviced?", "Every 400 hours.", PUMP),
    rated("How often is the winch greased?", "Every four weeks.", WINCH),
    rated("Who paints the hull?", "The mate.", passage("The mate paints the hull.", 3)),
  ];
  const examples = choose("How often is the pump of the winch serviced?", answers);
  expect(examples.map(({ answer }) => answer)).toEqual(["Every four weeks.", "Every 400 hours."]);
  expect(examples[1]!.passages).toMatchObject([{ marker: 1, text: PUMP.text }]);
  expect(choose("How often is the pump of the winch serviced?", answers, 1)).toEqual([examples[1]]);
});

test("a correction is shown as it was put right, a disliked answer and a refusal never", () => {
  const wrong = { rating: -1 } as const;
  const answers = [
    rated("How often is the pump serviced?", "Weekly.", PUMP, { ...wrong, correction: "Every 400 hours." }),
    rated("How often is the winch greased?", "Daily.", WINCH, wrong),
    rated("How often is the anchor greased?", "Nothing says so.", WINCH, { refused: true, citations: [] }),
  ];
  expect(choose("When is the old pump serviced?", answers, 3).map(({ answer }) => answer)).toEqual([
    "Every 400 hours.",
  ]);
});

test("no answer is given by heart: what was said to the very question is not shown, in Chinese neither", () => {
  const chinese = passage("水泵每四百小时保养一次。", 4);
  const answers = [
    rated("How often is the pump serviced?", "Every 400 hours.", PUMP),
    rated("水泵多久保养一次？", "每四百小时。", chinese),
  ];
  expect(choose("how often is the pump serviced", answers)).toEqual([]);
  expect(choose("水泵多久保养一次", answers)).toEqual([]);
  expect(choose("水泵在哪里保养？", answers).map(({ answer }) => answer)).toEqual(["每四百小时。"]);
});

test("nothing of a collection that is not searched is shown", () => {
  const foreign = passage("The pump is serviced every 400 hours.", 5, "col_other" as CollectionId);
  expect(
    choose("How often is the pump painted?", [rated("How often is the pump serviced?", "Often.", foreign)]),
  ).toEqual([]);
});

test("a generator is shown them before the question when the collection's prompt asks for them, and only then", async () => {
  const generator = scriptedGenerator("The Kestrel pump is serviced every 400 operating hours [1].");
  const house = await openTestHouse({ generator });
  try {
    const made = await house.makeCollection();
    await house.add({
      collection: made,
      text: "# Kestrel pump\n\nThe Kestrel pump is serviced every 400 operating hours.\n",
    });
    const collection = await house.reload(made);
    let readCount = 0;
    const feedbackLike = async (): Promise<RatedAnswer[]> => {
      readCount += 1;
      return [rated("What cracks the housing?", "Frozen water.", passage("Frozen water cracks it.", 6, collection.id))];
    };
    const deps = { ...house.answerDeps, ratedAnswers: { feedbackLike } };
    const ask = async (examples: number): Promise<AnswerEvent[]> => {
      const prompt = { version: "answer-2", examples };
      const asked = { ...collection, retrieval: { ...collection.retrieval, prompt } };
      const question = "How often is the Kestrel pump serviced?";
      const events: AnswerEvent[] = [];
      for await (const event of answerQuestion({ question, history: [], collections: [asked] }, deps))
        events.push(event);
      return events;
    };
    await ask(0);
    expect(generator.requests.at(-1)!.messages).toHaveLength(2);
    expect(readCount).toBe(0);
    const end = (await ask(2)).find(({ type }) => type === "end")!;
    const { messages } = generator.requests.at(-1)!;
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(messages[2]!.content).toBe("Frozen water.");
    expect(JSON.stringify(end)).toContain('"exampleCount":1');
  } finally {
    await house.close();
  }
});

test("a generator whose window the instructions fill does not write: the answer is quoted instead of refused", async () => {
  const generator = scriptedGenerator("It is serviced every 400 operating hours [1].", { contextTokens: 600 });
  const house = await openTestHouse({ generator });
  try {
    const made = await house.makeCollection();
    await house.add({ collection: made, text: "The Kestrel pump is serviced every 400 operating hours.\n" });
    const collection = await house.reload(made);
    const ask = async (instructions: string): Promise<AnswerEvent[]> => {
      const prompt = { version: "answer-2", instructions };
      const asked = { ...collection, retrieval: { ...collection.retrieval, prompt } };
      const question = "How often is the Kestrel pump serviced?";
      const events: AnswerEvent[] = [];
      for await (const event of answerQuestion({ question, history: [], collections: [asked] }, house.answerDeps))
        events.push(event);
      return events;
    };
    const citationsOf = (events: readonly AnswerEvent[]) => events.find((event) => event.type === "citations");
    expect(citationsOf(await ask("Be brief."))).toMatchObject({ extractive: false });
    expect(citationsOf(await ask("只用文档中的话回答。".repeat(60)))).toMatchObject({ extractive: true });
  } finally {
    await house.close();
  }
});

import { afterEach, describe, expect, test } from "vitest";
import type { Collection, Generator } from "@lorekeep/core";
import { scriptedGenerator } from "@lorekeep/core/testing";
import type { AnswerEvent } from "./answer-event.ts";
import { answerQuestion } from "./answer-question.ts";
import type { AnswerRequest } from "./answer-run.ts";
import { openTestHouse } from "./testing/house.ts";
import type { TestHouse } from "./testing/house.ts";

const ANSWER = "The Kestrel pump is serviced every 400 operating hours.";
const QUESTION = "How often is the Kestrel pump serviced?";

let house: TestHouse;
afterEach(() => house.close());

async function open(generator: Generator): Promise<Collection> {
  house = await openTestHouse({ generator });
  const collection = await house.makeCollection();
  await house.add({ collection, text: "# Service\n\nThe Kestrel pump is serviced every 400 operating hours.\n" });
  return house.reload(collection);
}

async function ask(collection: Collection, question: string, more: Partial<AnswerRequest>): Promise<AnswerEvent[]> {
  const request = { question, history: [], collections: [collection], ...more };
  const events: AnswerEvent[] = [];
  for await (const event of answerQuestion(request, house.answerDeps)) events.push(event);
  return events;
}

function only<Type extends AnswerEvent["type"]>(events: readonly AnswerEvent[], type: Type) {
  const found = events.filter((event): event is Extract<AnswerEvent, { type: Type }> => event.type === type);
  expect(found, `exactly one ${type} event`).toHaveLength(1);
  return found[0]!;
}
const typesOf = (events: readonly AnswerEvent[]): string[] =>
  events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);

describe("with an adapter", () => {
  const adapter = { id: "adp_1", use: { path: "/a.gguf", scale: 0.5 }, answersFromPassages: true };

  test("K4 the generator is asked with it, also one that is not trusted bare, and the end says so", async () => {
    const generator = scriptedGenerator(ANSWER);
    const events = await ask(await open({ ...generator, answersFromPassages: false }), QUESTION, { adapter });
    expect(generator.requests[0]?.adapter).toEqual(adapter.use);
    expect(only(events, "citations").extractive).toBe(false);
    expect(only(events, "end").adapter).toBe("adp_1");
  });

  test("the bare base is asked for by null, and is quoted where it is not trusted", async () => {
    const bare = { id: null, use: null, answersFromPassages: false };
    const generator = scriptedGenerator(ANSWER);
    const collection = await open(generator);
    expect(only(await ask(collection, QUESTION, { adapter: bare }), "citations").extractive).toBe(true);
    await ask(collection, QUESTION, { adapter: { ...bare, answersFromPassages: true } });
    expect(generator.requests.map((request) => request.adapter)).toEqual([null]);
  });

  test("a generator that answers with its own adapter is believed when it refuses, its bare base is not", async () => {
    const generator = scriptedGenerator("The passages do not answer this question.");
    const collection = await open({ ...generator, answeringAdapter: "in-the-box" });
    expect(typesOf(await ask(collection, QUESTION, {}))).toContain("refusal");
    const bare = { id: null, use: null, answersFromPassages: undefined };
    expect(typesOf(await ask(collection, QUESTION, { adapter: bare }))).toContain("citations");
  });

  test("a refusal in the trained words is a refusal; without the adapter it is not believed", async () => {
    const collection = await open(scriptedGenerator("The passages do not answer this question."));
    const taught = await ask(collection, QUESTION, { adapter });
    expect(typesOf(taught)).toEqual(["condensed", "passages", "text-delta", "refusal", "end"]);
    expect(typesOf(await ask(collection, QUESTION, {}))).toEqual([
      "condensed",
      "passages",
      "text-delta",
      "citations",
      "end",
    ]);
  });
});

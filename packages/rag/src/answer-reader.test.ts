import { afterEach, describe, expect, test } from "vitest";
import { chatEventSchema } from "@lorekeep/core";
import type { Collection, Generator, ReadAnswer, Reader } from "@lorekeep/core";
import { overlapReader, scriptedGenerator } from "@lorekeep/core/testing";
import { toChatEvent } from "./answer-event.ts";
import type { AnswerEvent } from "./answer-event.ts";
import { answerQuestion } from "./answer-question.ts";
import type { AnswerRequest } from "./answer-run.ts";
import { extractAnswer } from "./extract.ts";
import { readQuestion } from "./question.ts";
import { readPassages } from "./read-passages.ts";
import { openTestHouse } from "./testing/house.ts";
import type { TestHouse } from "./testing/house.ts";
import { makePassage, packAll } from "./testing/passages.ts";
import { evenTermWeight } from "./text/term-weights.ts";

/** Marks the first of `marks` that a passage holds; surer of those named earlier. */
function scriptedReader(...marks: readonly string[]): Reader {
  const read = (passage: string): ReadAnswer => {
    const at = marks.findIndex((mark) => passage.includes(mark));
    if (at < 0) return { span: null, text: "", score: -10 };
    const start = passage.indexOf(marks[at]!);
    return { span: [start, start + marks[at]!.length], text: marks[at]!, score: 8 - 4 * at };
  };
  return {
    ...{ name: "scripted", fingerprint: "scripted@1" },
    read: async (_question, passages) => passages.map(read),
    close: async () => undefined,
  };
}

const FERRIES = `# Crossings

When wind is strong, a crossing is cancelled and tickets are paid back. The harbour office decides at 9 Beaufort.

# 渡轮

因大风取消的航班会退票。风力达到九级时由港务处决定。
`;
const WIND = "When is a crossing cancelled because of strong wind?";

let house: TestHouse | null = null;
afterEach(async () => {
  await house?.close();
  house = null;
});

async function open(reader: Reader, generator: Generator | null = null): Promise<Collection> {
  house = await openTestHouse({ reader, generator });
  const collection = await house.makeCollection();
  await house.add({ collection, text: FERRIES });
  const { retrieval, ...rest } = await house.reload(collection);
  return { ...rest, retrieval: { ...retrieval, refusalThreshold: 0 } };
}

async function ask(
  collection: Collection,
  question: string,
  more: Partial<AnswerRequest> = {},
): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  const request = { question, history: [], collections: [collection], ...more };
  for await (const event of answerQuestion(request, house!.answerDeps)) events.push(event);
  return events;
}

function only<Type extends AnswerEvent["type"]>(events: readonly AnswerEvent[], type: Type) {
  const found = events.filter((event): event is Extract<AnswerEvent, { type: Type }> => event.type === type);
  expect(found, `exactly one ${type} event`).toHaveLength(1);
  return found[0]!;
}

describe("with a reader", () => {
  test("the sentence that answers is quoted, not the one that sounds like the question", async () => {
    const events = await ask(await open(scriptedReader("9 Beaufort")), WIND);
    const { text, items, shortAnswer } = only(events, "citations");
    expect(text).toBe(`The harbour office decides at 9 Beaufort. [${items[0]!.marker}]`);
    expect(shortAnswer).toMatchObject({ text: "9 Beaufort", chunkId: items[0]!.chunkId });
    const [start, end] = shortAnswer!.span;
    expect(await house!.store.passages.readText(items[0]!.documentId, start, end)).toBe("9 Beaufort");
    expect(items[0]!.span[0] <= start && end <= items[0]!.span[1]).toBe(true);
    for (const event of events) expect(chatEventSchema.parse(toChatEvent(event))).toEqual(toChatEvent(event));
  });

  test("a Chinese question gets the short answer of its Chinese passage", async () => {
    const collection = await open(scriptedReader("九级"));
    const { text, shortAnswer } = only(await ask(collection, "风力多大时航班因大风取消？"), "citations");
    expect(text).toMatch(/^风力达到九级时由港务处决定。 \[\d\]$/);
    expect(shortAnswer?.text).toBe("九级");
  });

  test("the trace shows what was read, by numbers alone", async () => {
    const { trace, timings } = only(await ask(await open(scriptedReader("9 Beaufort")), WIND), "end");
    const read = trace.find(({ name }) => name === "read")!;
    expect(read.detail).toMatchObject({ reader: "scripted", score: 8 });
    expect(timings.readMs).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(read)).not.toContain("Beaufort");
  });

  test.each([
    ["fails", overlapReader({ failFrom: 0 })],
    ["marks nothing", scriptedReader("never said")],
  ])("one that %s costs the short answer, never the answer", async (_how, reader) => {
    const answer = only(await ask(await open(reader), WIND), "citations");
    expect(answer.text).toContain("a crossing is cancelled");
    expect(answer.shortAnswer).toBeUndefined();
  });

  test("stopping while it reads ends the answer as stopped", async () => {
    const stop = new AbortController();
    const reader = overlapReader();
    const stopping: Reader = {
      ...reader,
      read: (...args) => (stop.abort(), reader.read(args[0], args[1], { signal: stop.signal })),
    };
    const events = await ask(await open(stopping), WIND, { signal: stop.signal });
    expect(only(events, "end").stopped).toBe(true);
    expect(events.some(({ type }) => type === "citations" || type === "refusal")).toBe(false);
  });

  test("a generated answer stays as it is, and names the short answer when it cites the place", async () => {
    const written = "The harbour office decides at 9 Beaufort.";
    const collection = await open(scriptedReader("9 Beaufort"), scriptedGenerator(written));
    const answer = only(await ask(collection, WIND), "citations");
    expect(answer).toMatchObject({ extractive: false, shortAnswer: { text: "9 Beaufort" } });
    expect(answer.text).toContain(written.slice(0, -1));
  });
});

describe("the quoted sentence", () => {
  const quote = async (question: string, texts: readonly string[], reader: Reader) => {
    const packed = packAll(
      texts.map((text, at) => makePassage(text, { seq: at + 1, start: 100 * at, document: `${at}` })),
    );
    const asked = readQuestion(question, evenTermWeight);
    return extractAnswer(asked, packed, { reading: await readPassages(question, packed, reader) });
  };

  test("F1: a mark over a sentence border is quoted as one stretch that holds it", async () => {
    const text = "The pier closed. It had burnt in May. A fire! Then rain came.";
    const answer = await quote("Why did the pier close?", [text], scriptedReader("burnt in May. A fire"));
    expect(answer.shortAnswer).toMatchObject({ text: "burnt in May. A fire", span: [24, 44] });
    expect(answer.citations.map((citation) => citation.quote)).toEqual([
      "The pier closed.",
      "It had burnt in May. A fire!",
    ]);
    for (const { span, quote: said } of answer.citations) expect(text.slice(...span)).toBe(said);
    const chinese = "码头关闭了。五月失火。烧了三天。后来下雨。";
    const inChinese = await quote("码头为何关闭？", [chinese], scriptedReader("失火。烧了三天"));
    expect(inChinese.text).toBe("五月失火。 烧了三天。 [1]");
    expect(inChinese.citations[0]!.quote).toBe("五月失火。烧了三天。");
  });

  test("F2: beside a mark nothing is cited that only sounds like the question", async () => {
    const text =
      "What are the laws of motion? Motion has laws in every school. They are the same in every frame. The laws of motion fill a frame.";
    const question = "What are the laws of motion in a frame?";
    const answer = await quote(question, [text], scriptedReader("the same in every frame"));
    expect(answer.citations.map((citation) => citation.quote)).toEqual([
      "Motion has laws in every school.",
      "They are the same in every frame.",
    ]);
    const plain = extractAnswer(readQuestion(question, evenTermWeight), packAll([makePassage(text)]));
    expect(plain.citations.map((citation) => citation.quote)).toContain("The laws of motion fill a frame.");
  });

  test("a mark over rows of a table quotes the rows apart", async () => {
    const table = "Ship | Built\nPipit | 2011\nWagtail | 2019\n";
    const answer = await quote("Which ships?", [table], scriptedReader("Pipit | 2011\nWagtail"));
    expect(answer.citations.map((citation) => citation.quote)).toEqual(["Pipit | 2011", "Wagtail | 2019"]);
  });

  test("a mark in a heading or a question gives way to the next passage's", async () => {
    const texts = ["# Opening hours\nWhen does it open?", "The tower opens at ten."];
    const answer = await quote("When does the tower open?", texts, scriptedReader("Opening hours", "ten"));
    expect(answer.shortAnswer?.text).toBe("ten");
    expect(answer.text).toBe("The tower opens at ten. [2]");
  });

  test("a mark that is not sure gives way to the sentence that the words choose", async () => {
    const sure = scriptedReader("blue");
    const unsure: Reader = {
      ...sure,
      read: async (...args) => (await sure.read(...args)).map((one) => ({ ...one, score: -9 })),
    };
    const texts = ["The pump is blue. The pump is serviced in May."];
    const answer = await quote("When is the pump serviced?", texts, unsure);
    expect(answer.text).toBe("The pump is serviced in May. [1]");
    expect(answer.shortAnswer).toBeUndefined();
    expect((await quote("When is the pump serviced?", texts, sure)).shortAnswer?.text).toBe("blue");
  });

  test("E1: a mark beside another identifier than the one asked for is not shown", async () => {
    const texts = ["ERR-4790 means a hot motor.", "ERR-4711 means an empty roll."];
    const answer = await quote("What does ERR-4711 mean?", texts, scriptedReader("hot motor", "empty roll"));
    expect(answer.text).toBe("ERR-4711 means an empty roll. [2]");
    expect(answer.shortAnswer?.text).toBe("empty roll");
  });

  test("E1: a mark in a sentence that names no identifier gives way to the one that names it, or goes on after it", async () => {
    const apart = ["The gates show a code when they stop.", "ERR-4711 means an empty roll."];
    const named = await quote("What do I do at ERR-4711?", apart, scriptedReader("a code", "empty roll"));
    expect(named.shortAnswer?.text).toBe("empty roll");
    const together = ["ERR-4711 means an empty roll. Open the lower flap."];
    const after = await quote("What do I do at ERR-4711?", together, scriptedReader("lower flap"));
    expect(after.shortAnswer?.text).toBe("lower flap");
  });
});

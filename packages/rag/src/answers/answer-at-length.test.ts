import { afterEach, describe, expect, test } from "vitest";
import { chatEventSchema } from "@lorekeep/core";
import type { Collection } from "@lorekeep/core";
import { toChatEvent } from "../answer-event.ts";
import type { AnswerEvent } from "../answer-event.ts";
import { answerQuestion } from "../answer-question.ts";
import type { AnswerRequest } from "../answer-run.ts";
import type { Turn } from "../condense-question.ts";
import { openTestHouse } from "../testing/house.ts";
import type { TestHouse } from "../testing/house.ts";

const PUMPS = `# Kestrel pump

The Kestrel pump moves 40 litres of water a minute. It comes in blue and grey.

## Service

The Kestrel pump is serviced every 400 operating hours. The crew writes each service of the Kestrel pump into the log book.

## Winter

Drain the Kestrel pump before the first frost of the winter. Frozen water cracks its housing.
`;
const MERLIN = `# Merlin pump

The Merlin pump moves 90 litres of water a minute. It is built for cellars and deep shafts.

## Care

The Merlin pump is serviced every 250 operating hours. Its seal is greased in May.
`;
const CHINESE = `# 红隼水泵

红隼水泵每分钟抽水40升，有蓝色和灰色两种。

## 保养

红隼水泵每运行400小时保养一次，由船员记入日志。
`;
const SHIPS = `# Ships

Ship | Passengers | Built
Pipit | 120 | 2011
Wagtail | 310 | 2019
Heron | 90 | 1998
`;

let house: TestHouse | null = null;
afterEach(async () => {
  await house?.close();
  house = null;
});

async function open(documents: Readonly<Record<string, string>>): Promise<Collection> {
  house = await openTestHouse();
  const collection = await house.makeCollection("pumps", undefined, { maxTokens: 24, overlapTokens: 0 });
  for (const [name, text] of Object.entries(documents))
    await house.add({ collection, name, text, ...(name.endsWith(".txt") ? { mediaType: "text/plain" } : {}) });
  return house.reload(collection);
}

async function ask(collection: Collection, question: string, more: Partial<AnswerRequest> = {}) {
  const events: AnswerEvent[] = [];
  const request = { question, history: [], collections: [collection], ...more };
  for await (const event of answerQuestion(request, house!.answerDeps)) events.push(event);
  for (const event of events) expect(chatEventSchema.parse(toChatEvent(event))).toEqual(toChatEvent(event));
  return events;
}

function find<Type extends AnswerEvent["type"]>(events: readonly AnswerEvent[], type: Type) {
  const found = events.filter((event): event is Extract<AnswerEvent, { type: Type }> => event.type === type);
  expect(found, `one ${type} among ${events.map((event) => event.type).join(", ")}`).toHaveLength(1);
  return found[0]!;
}

/** F1, F2: what is said is what stands at the cited place, and every number resolves. */
async function expectQuoted(events: readonly AnswerEvent[]) {
  const { items, text } = find(events, "citations");
  const passages = find(events, "passages").items;
  expect(items.length).toBeGreaterThan(0);
  for (const { quote, span, documentId, marker, chunkId, answerSpan } of items) {
    expect(await house!.store.passages.readText(documentId, ...span)).toBe(quote);
    expect(passages[marker - 1]!.chunkId).toBe(chunkId);
    expect(text.slice(...answerSpan)).toContain(`[${marker}]`);
  }
  return { items, text, passages };
}

describe("a summary", () => {
  test.each(["Summarise pumps.md", "Please give me a short summary of the document “pumps”.", "总结一下《pumps.md》"])(
    "F1, F2: “%s” quotes each section of the document that is named, in its order",
    async (question) => {
      const { text, items } = await expectQuoted(
        await ask(await open({ "pumps.md": PUMPS, "merlin.md": MERLIN }), question),
      );
      expect(text.match(/^### .+$/gmu)).toEqual(["### Kestrel pump", "### Service", "### Winter"]);
      expect(text).toContain("The Kestrel pump is serviced every 400 operating hours. [");
      expect(new Set(items.map(({ documentName }) => documentName))).toEqual(new Set(["pumps.md"]));
      expect(items.map(({ span }) => span[0])).toEqual(items.map(({ span }) => span[0]).toSorted((a, b) => a - b));
    },
  );

  test("of “this document” is of the only one there is, or of the one that the filter names", async () => {
    const single = await ask(await open({ "pumps.md": PUMPS }), "What is this document about?");
    expect((await expectQuoted(single)).text).toContain("Kestrel");
    await house!.close();
    const collection = await open({ "pumps.md": PUMPS, "merlin.md": MERLIN });
    const { items } = await house!.store.documents.list({ collectionIds: [collection.id], limit: 5 });
    const merlin = items.find(({ name }) => name === "merlin.md")!;
    const filtered = await ask(collection, "Summarise this document", { filter: { documentIds: [merlin.id] } });
    expect((await expectQuoted(filtered)).text).not.toContain("Kestrel");
  });

  test("of “this document” among several asks which one, and offers them", async () => {
    const events = await ask(await open({ "pumps.md": PUMPS, "merlin.md": MERLIN }), "总结这份文档");
    const { reason, suggestions, text } = find(events, "refusal");
    expect(reason).toBe("which_document");
    expect(text).toContain("哪份文档");
    expect(suggestions.toSorted()).toEqual(["总结《merlin.md》", "总结《pumps.md》"]);
  });

  test("never reaches a document that the filter keeps out, or one of another collection", async () => {
    const collection = await open({ "pumps.md": PUMPS, "merlin.md": MERLIN });
    const other = await house!.makeCollection("secret");
    await house!.add({
      collection: other,
      name: "vault.md",
      text: "# Vault\n\nThe vault opens with the number 4711 today.\n",
    });
    expect(JSON.stringify(await ask(collection, "Summarise vault.md"))).not.toContain("4711");
    const events = await ask(collection, "Summarise pumps.md", { filter: { languages: ["zh"] } });
    expect(JSON.stringify(events)).not.toContain("400 operating hours");
  });

  test("in the same language is preferred where two documents carry the name", async () => {
    const collection = await open({ "pump-guide.md": PUMPS, "pump-guide.zh.md": CHINESE });
    const { text } = await expectQuoted(await ask(collection, "总结 pump guide"));
    expect(text).toContain("红隼水泵每运行400小时保养一次");
    expect(text).not.toContain("英文");
  });
});

describe("a comparison", () => {
  test("of things that no document of another language knows is refused", async () => {
    const events = await ask(await open({ "pumps.md": PUMPS, "merlin.md": MERLIN }), "比较苹果和香蕉");
    expect(find(events, "refusal").reason).toBe("nothing_found");
  });

  test.each([
    "Compare the Kestrel pump and the Merlin pump",
    "What is the difference between the Kestrel pump and the Merlin pump?",
  ])("F1, F2: “%s” answers both sides apart", async (question) => {
    const { text } = await expectQuoted(await ask(await open({ "pumps.md": PUMPS, "merlin.md": MERLIN }), question));
    const [kestrel, merlin] = text.split("### Merlin pump");
    expect(kestrel).toMatch(/^### Kestrel pump\n\nThe Kestrel pump moves 40 litres/u);
    expect(kestrel).not.toContain("Merlin");
    expect(merlin).toContain("The Merlin pump ");
    expect(merlin).not.toContain("Kestrel");
  });

  test("a side that nothing is known of is said to be missing", async () => {
    const { text } = await expectQuoted(
      await ask(await open({ "pumps.md": PUMPS }), "比较 Kestrel pump 和 Osprey turbine"),
    );
    expect(text).toContain("文档中没有找到关于“Osprey turbine”的内容。");
    const neither = await ask(
      await house!.reload((await house!.store.collections.getByName("pumps"))!),
      "Compare Osprey turbines and Falcon engines",
    );
    expect(find(neither, "refusal").reason).toBe("nothing_found");
  });

  test("two rows of one table become a table", async () => {
    const { text, items } = await expectQuoted(
      await ask(await open({ "ships.txt": SHIPS }), "Compare Pipit and Wagtail"),
    );
    expect(text).toMatch(
      /^\| Ship \| Passengers \| Built \|\n\|( --- \|){3}\n\| Pipit \| 120 \| 2011 \[\d\] \|\n\| Wagtail \| 310 \| 2019 \[\d\] \|$/u,
    );
    expect(items.map(({ quote }) => quote)).toEqual(["Pipit | 120 | 2011", "Wagtail | 310 | 2019"]);
  });
});

describe("show me more", () => {
  const QUESTION = "How often is the Kestrel pump serviced?";
  const turnsAfter = (events: readonly AnswerEvent[], question: string): Turn[] => [
    { role: "user", text: question },
    { role: "assistant", text: find(events, "citations").text },
  ];

  test.each(["Show me more", "more, please", "更多"])(
    "G1: “%s” goes on with the same question and repeats nothing",
    async (more) => {
      const collection = await open({ "pumps.md": PUMPS, "merlin.md": MERLIN });
      const first = await ask(collection, QUESTION);
      const history = turnsAfter(first, QUESTION);
      const next = await ask(collection, more, { history });
      expect(find(next, "condensed").question).toBe(QUESTION);
      const { items } = await expectQuoted(next);
      for (const { quote } of items) {
        expect(history[1]!.text).not.toContain(quote);
        expect(quote).toMatch(/Kestrel|service|pump/u);
      }
    },
  );

  test("G2: ends by saying so, and never turns to what has nothing to do with it", async () => {
    const unrelated = "# Cook\n\nThe cook makes soup of leeks on Fridays. The soup is served with bread at noon.\n";
    const collection = await open({ "pumps.md": PUMPS, "cook.md": unrelated });
    let history = turnsAfter(await ask(collection, QUESTION), QUESTION);
    for (let turn = 0; turn < 10; turn++) {
      const events = await ask(collection, "Show me more", { history });
      if (events.some(({ type }) => type === "refusal")) {
        expect(find(events, "refusal")).toMatchObject({ reason: "nothing_more", suggestions: [] });
        return;
      }
      const { text } = find(events, "citations");
      expect(text).not.toMatch(/soup|cook/u);
      history = [
        ...history,
        { role: "user", text: "Show me more", condensedQuestion: QUESTION },
        { role: "assistant", text },
      ];
    }
    expect.unreachable("it never ended");
  });

  test("of a refused question is refused too", async () => {
    const collection = await open({ "pumps.md": PUMPS });
    const history: Turn[] = [
      { role: "user", text: "Who won the chess world championship of 1972 in Reykjavik?" },
      { role: "assistant", text: "No passage answers this question." },
    ];
    expect(find(await ask(collection, "更多", { history }), "refusal").reason).toBe("not_supported");
  });

  test("of a summary says other sentences of the same document", async () => {
    const collection = await open({ "pumps.md": PUMPS, "merlin.md": MERLIN });
    const first = await ask(collection, "Summarise pumps.md");
    const { text } = find(first, "citations");
    const next = await expectQuoted(
      await ask(collection, "Show more", { history: turnsAfter(first, "Summarise pumps.md") }),
    );
    expect(next.items.every(({ documentName, quote }) => documentName === "pumps.md" && !text.includes(quote))).toBe(
      true,
    );
  });
});

describe("across languages", () => {
  test("a Chinese question over English documents quotes English and says so in Chinese", async () => {
    const collection = await open({ "pumps.md": PUMPS });
    const careless = { ...collection, retrieval: { ...collection.retrieval, refusalThreshold: 0 } };
    const { text, items } = await expectQuoted(await ask(careless, "Kestrel 水泵多久保养一次？"));
    expect(text).toMatch(/^相关文档是英文的，以下为英文原文引文。\n\nT/u);
    expect(text.slice(...items[0]!.answerSpan)).not.toContain("英文");
  });

  test("an English question over Chinese documents says so in English; a mixed document says nothing", async () => {
    const collection = await open({ "pumps.md": CHINESE });
    const careless = { ...collection, retrieval: { ...collection.retrieval, refusalThreshold: 0 } };
    expect(find(await ask(careless, "How often is the 红隼水泵 pump serviced?"), "citations").text).toMatch(
      /^The documents say this in Chinese/u,
    );
    expect(find(await ask(careless, "红隼水泵多久保养一次？"), "citations").text).not.toContain("in Chinese");
  });
});

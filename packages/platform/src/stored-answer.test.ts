import { describe, expect, test } from "vitest";
import type { ChatEvent, ConversationId, MessageId } from "@lorekeep/core";
import { LOCAL_ACTOR } from "./access.ts";
import type { Actor, ChatInput } from "./platform.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";
import type { TestHouse } from "./testing/open-test-platform.ts";

const PUMP =
  "The Kestrel pump is serviced every 400 operating hours. The Kestrel pump needs oil of grade SAE 30 at each service. The crew writes each service of the Kestrel pump into the log book.";
const SOUP = "The cook makes soup of leeks on Fridays. The soup is served with bread at noon.";
const OTHER: Actor = { ...LOCAL_ACTOR, id: "key:other" };

async function answered(house: TestHouse, question: string, more: Partial<ChatInput> = {}) {
  const events: ChatEvent[] = [];
  for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, { question, regenerate: false, ...more }))
    events.push(event);
  const [first] = events;
  if (first?.type !== "conversation") throw new Error("an answer begins with its conversation");
  return { id: first.messageId as MessageId, conversationId: first.id as ConversationId, events };
}

async function openHouse(): Promise<TestHouse> {
  const house = await openTestHouse();
  for (const [name, text] of [
    ["pump.txt", PUMP],
    ["soup.txt", SOUP],
  ] as const)
    await house.settled((await house.upload(name, text)).document.id);
  return house;
}

describe("more of a stored answer", () => {
  test("G1, F1: is added in its place, cited, until there is nothing more; nothing unrelated ever comes", async () => {
    await using house = await openHouse();
    const { assistant, store } = house.platform;
    const { id, conversationId } = await answered(house, "How often is the Kestrel pump serviced?");
    const first = (await store.conversations.getMessage(id, LOCAL_ACTOR.id))!;
    const { message, added } = await assistant.more(LOCAL_ACTOR, id, {});
    expect(added).toBeGreaterThan(0);
    expect(message.text.startsWith(`${first.text}\n\n`)).toBe(true);
    for (const { span, quote, documentId, marker, chunkId } of message.citations) {
      expect(await store.passages.readText(documentId, ...span)).toBe(quote);
      expect(message.passages[marker - 1]!.chunkId).toBe(chunkId);
    }
    let last = await assistant.more(LOCAL_ACTOR, id, {});
    for (let times = 0; last.added > 0 && times < 5; times++) last = await assistant.more(LOCAL_ACTOR, id, {});
    expect(last.added).toBe(0);
    expect(last.message.text).not.toContain("soup");
    expect((await store.conversations.messages(conversationId)).map(({ role }) => role)).toEqual(["user", "assistant"]);
  });

  test("A1: what was added goes with its document", async () => {
    await using house = await openHouse();
    const { assistant, store, library } = house.platform;
    const { id, conversationId } = await answered(house, "Summarise pump.txt");
    await assistant.more(LOCAL_ACTOR, id, {});
    const { items } = await store.documents.list({ limit: 10, nameContains: "pump" });
    await library.deleteDocument(LOCAL_ACTOR, items[0]!.id);
    const [, answer] = await store.conversations.messages(conversationId);
    expect(answer).toMatchObject({ text: "", citations: [], passages: [], reason: "sources_deleted" });
  });

  test("S5: of somebody else's answer does not exist; of a refusal there is none", async () => {
    await using house = await openHouse();
    const { assistant } = house.platform;
    const { id } = await answered(house, "How often is the Kestrel pump serviced?");
    await expect(assistant.more(OTHER, id, {})).rejects.toMatchObject({ code: "not_found" });
    await expect(assistant.attribute(OTHER, id)).rejects.toMatchObject({ code: "not_found" });
    const refused = await answered(house, "How often?", { filter: { tags: ["none"] } });
    expect(refused.events.some(({ type }) => type === "refusal")).toBe(true);
    await expect(assistant.more(LOCAL_ACTOR, refused.id, {})).rejects.toMatchObject({ code: "conflict" });
    expect(await assistant.attribute(LOCAL_ACTOR, refused.id)).toEqual([]);
  });
});

test("every sentence of a stored answer falls without the one passage that says it", async () => {
  await using house = await openHouse();
  const { id, events } = await answered(house, "How often is the Kestrel pump serviced?");
  const cited = events.find((event) => event.type === "citations");
  const [sentence] = await house.platform.assistant.attribute(LOCAL_ACTOR, id);
  expect(sentence).toMatchObject({ text: "The Kestrel pump is serviced every 400 operating hours." });
  expect(sentence!.passages).toMatchObject([
    { chunkId: cited!.items[0]!.chunkId, documentName: "pump.txt", without: 0, effect: "falls" },
  ]);
});

import { describe, expect, test } from "vitest";
import type { ChatEvent, ConversationId, MessageId } from "@lorekeep/core";
import { overlapReader, scriptedGenerator, waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "./access.ts";
import { titleOf } from "./chat-turn.ts";
import type { Actor, ChatInput } from "./platform.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";
import type { TestHouse } from "./testing/open-test-platform.ts";

const PUMP = "The pump is serviced every 400 operating hours. Use oil of grade SAE 30 for the pump.";
const QUESTION = "How often is the pump serviced?";
const OTHER: Actor = { ...LOCAL_ACTOR, id: "key:other" };

async function houseWithPump(): Promise<TestHouse> {
  const house = await openTestHouse();
  const { document } = await house.upload("pump.txt", PUMP);
  await house.settled(document.id);
  return house;
}

async function chat(house: TestHouse, input: Partial<ChatInput>, actor: Actor = LOCAL_ACTOR): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  const request = { question: QUESTION, regenerate: false, ...input };
  for await (const event of house.platform.assistant.chat(actor, request)) events.push(event);
  return events;
}

const idsOf = (events: readonly ChatEvent[]) => {
  const [first] = events;
  if (first?.type !== "conversation") throw new Error("an answer begins with its conversation");
  return { conversationId: first.id as ConversationId, messageId: first.messageId as MessageId };
};

describe("chat", () => {
  test("keeps question and answer with citations, as they were shown", async () => {
    await using house = await houseWithPump();
    const events = await chat(house, {});
    const cited = events.find((event) => event.type === "citations");
    const messages = await house.platform.store.conversations.messages(idsOf(events).conversationId);
    expect(messages.map(({ role, status }) => [role, status])).toEqual([
      ["user", "complete"],
      ["assistant", "complete"],
    ]);
    expect(messages[0]!.text).toBe(QUESTION);
    expect(cited?.text).toContain("400 operating hours");
    expect(messages[1]).toMatchObject({ text: cited!.text, extractive: true, refused: false });
    expect(messages[1]!.citations).toMatchObject(cited!.items);
    expect(events.at(-1)).toMatchObject({ type: "end", stopped: false });
  });

  test("keeps the short answer that a reader marks, and gives it to evaluations", async () => {
    await using house = await houseWithPump();
    house.models.readerDriver = overlapReader();
    const events = await chat(house, {});
    const cited = events.find((event) => event.type === "citations");
    expect(cited?.shortAnswer?.text).toContain("400 operating hours");
    const messages = await house.platform.store.conversations.messages(idsOf(events).conversationId);
    expect(messages[1]!.shortAnswer).toEqual(cited!.shortAnswer);
  });

  test("keeps nothing unchecked while it streams", async () => {
    await using house = await houseWithPump();
    let stored: string | null = null;
    let id: MessageId | null = null;
    house.models.generatorDriver = scriptedGenerator(["The pump ", "is made of ", "green cheese. "]);
    for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, { question: QUESTION, regenerate: false })) {
      if (event.type === "conversation") id = event.messageId as MessageId;
      if (event.type === "text-delta" && id !== null)
        stored = (await house.platform.store.conversations.getMessage(id, LOCAL_ACTOR.id))!.text;
    }
    expect(stored).toBe("");
  });

  test("stops by the message's id, for its owner only, and keeps the message as stopped", async () => {
    await using house = await houseWithPump();
    const pieces = Array.from({ length: 300 }, () => "The pump is serviced every 400 operating hours. ");
    house.models.generatorDriver = scriptedGenerator(pieces);
    const { assistant, store } = house.platform;
    const events: ChatEvent[] = [];
    let id: MessageId | null = null;
    for await (const event of assistant.chat(LOCAL_ACTOR, { question: QUESTION, regenerate: false })) {
      events.push(event);
      if (event.type === "conversation") id = event.messageId as MessageId;
      if (event.type === "text-delta" && events.filter((each) => each.type === "text-delta").length === 2) {
        expect(await assistant.stop(OTHER, id!)).toBe(false);
        expect(await assistant.stop(LOCAL_ACTOR, id!)).toBe(true);
      }
    }
    expect(events.filter((event) => event.type === "text-delta").length).toBeLessThan(250);
    expect(events.at(-1)).toMatchObject({ type: "end", stopped: true });
    expect(await store.conversations.getMessage(id!, LOCAL_ACTOR.id)).toMatchObject({ status: "stopped" });
    expect(await assistant.stop(LOCAL_ACTOR, id!)).toBe(false);
  });

  test("a reader that goes away leaves a stopped message, never a streaming one", async () => {
    await using house = await houseWithPump();
    house.models.generatorDriver = scriptedGenerator(Array.from({ length: 100 }, () => "The pump is serviced. "));
    let id: MessageId | null = null;
    for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, { question: QUESTION, regenerate: false })) {
      if (event.type === "conversation") id = event.messageId as MessageId;
      if (event.type === "text-delta") break;
    }
    expect(await house.platform.store.conversations.getMessage(id!, LOCAL_ACTOR.id)).toMatchObject({
      status: "stopped",
    });
  });

  test("a failure ends the stream with its code, and the message as failed", async () => {
    await using house = await houseWithPump();
    const { passages } = house.platform.store;
    passages.load = async () => {
      throw new Error("the disk is on fire");
    };
    const events = await chat(house, {});
    expect(events.at(-1)).toMatchObject({ type: "error", code: "unexpected" });
    expect(JSON.stringify(events)).not.toContain("on fire");
    expect(await house.platform.store.conversations.getMessage(idsOf(events).messageId, LOCAL_ACTOR.id)).toMatchObject({
      status: "failed",
    });
  });

  test("writes the last answer again in its place", async () => {
    await using house = await houseWithPump();
    const first = await chat(house, {});
    const { conversationId, messageId } = idsOf(first);
    const again = await chat(house, { conversationId, question: "ignored", regenerate: true });
    expect(idsOf(again)).toEqual({ conversationId, messageId });
    const messages = await house.platform.store.conversations.messages(conversationId);
    expect(messages).toHaveLength(2);
    expect(messages[1]).toMatchObject({ id: messageId, status: "complete" });
    expect(messages[1]!.text).toContain("400 operating hours");
  });

  test("G1: a follow-up is resolved from the conversation before it", async () => {
    await using house = await houseWithPump();
    const { conversationId } = idsOf(await chat(house, {}));
    const events = await chat(house, { conversationId, question: "And which oil does it need?" });
    const condensed = events.find((event) => event.type === "condensed");
    expect(condensed?.question).toContain("pump");
    const messages = await house.platform.store.conversations.messages(conversationId);
    expect(messages).toHaveLength(4);
    expect(messages[3]).toMatchObject({ condensedQuestion: condensed!.question });
  });

  test("for anybody else the conversation does not exist", async () => {
    await using house = await houseWithPump();
    const { conversationId } = idsOf(await chat(house, {}));
    await expect(chat(house, { conversationId }, OTHER)).rejects.toMatchObject({ code: "not_found" });
    expect(await house.platform.assistant.deleteConversation(OTHER, conversationId)).toBe(false);
    expect(await house.platform.assistant.deleteConversation(LOCAL_ACTOR, conversationId)).toBe(true);
  });

  test("a conversation bound to a collection that is gone finds nothing, rather than everything", async () => {
    await using house = await houseWithPump();
    const { library } = house.platform;
    const collection = await library.createCollection(LOCAL_ACTOR, { name: "Other" });
    const { conversationId } = idsOf(await chat(house, { collections: ["Other"] }));
    await library.deleteCollection(LOCAL_ACTOR, collection.id);
    const events = await chat(house, { conversationId });
    expect(events.find((event) => event.type === "refusal")).toMatchObject({ reason: "no_documents" });
  });

  test("closes at the start what a crash left open", async () => {
    await using house = await houseWithPump();
    const { conversations } = house.platform.store;
    const { conversationId } = idsOf(await chat(house, {}));
    const open = await conversations.addMessage({ conversationId, role: "assistant", text: "", status: "streaming" });
    await house.reopen();
    expect(await house.platform.store.conversations.getMessage(open.id, LOCAL_ACTOR.id)).toMatchObject({
      status: "stopped",
    });
  });
});

test("titles are questions cut at a word", () => {
  expect(titleOf("  What\n is   this? ")).toBe("What is this?");
  expect(titleOf(`${"word ".repeat(40)}`)).toMatch(/^(word ){14,15}word…$/);
  expect(titleOf("问".repeat(200))).toBe(`${"问".repeat(80)}…`);
});

describe("search", () => {
  test("explains itself when asked", async () => {
    await using house = await houseWithPump();
    const request = { query: "pump", limit: 5, mode: "hybrid", explain: true } as const;
    const { plan, tookMs } = await house.platform.assistant.search(LOCAL_ACTOR, request);
    expect(plan).toMatchObject({ mode: "hybrid", fusedCount: 1, timings: { totalMs: expect.any(Number) } });
    expect(tookMs).toBeGreaterThan(0);
  });

  test("E1: sees at once what this process has taken in, and what another process has", async () => {
    await using house = await houseWithPump();
    const dense = { query: "zebra", limit: 5, mode: "dense", explain: false } as const;
    expect((await house.platform.assistant.search(LOCAL_ACTOR, dense)).results).toHaveLength(1);
    // A second house on the same folder stands for another process: its index is its own.
    const { openPlatform } = await import("./open-platform.ts");
    const { config, logger } = house.platform;
    const indexFolder = `${config.dataFolder}/index-2`;
    const second = await openPlatform({ config, logger, role: "tool", indexFolder, drivers: { models: house.models } });
    expect((await second.assistant.search(LOCAL_ACTOR, dense)).results).toHaveLength(1);
    const { document } = await house.upload("zebra.txt", "A zebra.");
    await house.settled(document.id);
    await waitUntil(
      async () => (await second.assistant.search(LOCAL_ACTOR, dense)).results[0]?.documentName === "zebra.txt",
      { what: "the other process to see it" },
    );
    await second.close();
  });
});

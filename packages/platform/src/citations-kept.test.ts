import { expect, test } from "vitest";
import type { ChatEvent, ConversationId } from "@lorekeep/core";
import { LOCAL_ACTOR } from "./access.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";

const PARTS = ["pump", "valve", "filter", "crane", "winch", "hull", "mast", "ramp", "buoy", "anchor"];
const TURNS = 20;

test("F4: a conversation of twenty turns, read again, has the citations of each answer as they were streamed", async () => {
  await using house = await openTestHouse();
  for (const [at, part] of PARTS.entries()) {
    const text = `The ${part} is serviced every ${100 + at} operating hours. The ${part} is painted ${part} grey.`;
    const { document } = await house.upload(`${part}.txt`, text);
    await house.settled(document.id);
  }
  const streamed: unknown[] = [];
  let conversationId: ConversationId | undefined;
  for (let turn = 0; turn < TURNS; turn++) {
    const part = PARTS[turn % PARTS.length]!;
    const question = turn % 2 === 0 ? `How often is the ${part} serviced?` : `Which grey is the ${part} painted?`;
    const events: ChatEvent[] = [];
    const request = { question, regenerate: false, ...(conversationId && { conversationId }) };
    for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, request)) events.push(event);
    const [first] = events;
    if (first?.type === "conversation") conversationId = first.id as ConversationId; // as it was made
    streamed.push(events.find((event) => event.type === "citations")?.items ?? []);
  }
  const messages = await house.platform.store.conversations.messages(conversationId!);
  const answers = messages.filter(({ role }) => role === "assistant");
  expect(answers).toHaveLength(TURNS);
  expect(answers.map(({ citations }) => citations)).toEqual(streamed);
  // Not for want of citations, and not all the same one.
  expect(new Set(answers.flatMap(({ citations }) => citations.map(({ chunkId }) => chunkId))).size).toBeGreaterThan(5);
  for (const { text, citations, passages } of answers)
    for (const { marker, answerSpan, chunkId } of citations) {
      expect(text.slice(...answerSpan)).toContain(`[${marker}]`);
      expect(passages[marker - 1]?.chunkId).toBe(chunkId);
    }
});

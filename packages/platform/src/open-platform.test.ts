import { expect, test } from "vitest";
import type { ChatEvent } from "@lorekeep/core";
import { LOCAL_ACTOR } from "./access.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";

const PUMP = `# Pump manual

The pump is serviced every 400 operating hours. Use oil of grade SAE 30.

## Faults

Error ERR-4711 means that the filter is blocked. Clean the filter and start again.
`;

async function ask(house: Awaited<ReturnType<typeof openTestHouse>>, question: string, conversationId?: string) {
  const events: ChatEvent[] = [];
  for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, { question, conversationId, regenerate: false }))
    events.push(event);
  return events;
}

test("takes a document in, finds it, and answers from it with citations", async () => {
  await using house = await openTestHouse();
  const { document, duplicate, replaced } = await house.upload("pump.md", PUMP);
  expect({ duplicate, replaced, status: document.status }).toEqual({
    duplicate: false,
    replaced: false,
    status: "queued",
  });
  const ready = await house.settled(document.id);
  expect(ready).toMatchObject({ status: "ready", error: null, language: "en" });
  expect(ready.chunkCount).toBeGreaterThan(0);
  for (const mode of ["hybrid", "dense", "lexical"] as const) {
    const { results } = await house.platform.assistant.search(LOCAL_ACTOR, {
      query: "ERR-4711 filter",
      limit: 5,
      mode,
      explain: false,
    });
    expect(results[0]).toMatchObject({ documentId: document.id, documentName: "pump.md" });
  }
  const events = await ask(house, "How often is the pump serviced?");
  expect(events.map((event) => event.type)).toEqual([
    "conversation",
    "condensed",
    "passages",
    "text-delta",
    "citations",
    "end",
  ]);
});

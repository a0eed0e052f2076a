import { expect, test } from "vitest";
import type { ChatEvent } from "@lorekeep/core";
import { collectAnswer } from "./collect-answer.ts";

const cited = {
  type: "citations",
  items: [],
  text: "It opens at ten. [1]",
  extractive: true,
  cutSentences: [],
} as const;
async function* stream(...events: ChatEvent[]) {
  yield* events;
}

test("the plain form carries the short answer when there is one", async () => {
  const shortAnswer = { text: "ten", chunkId: "chk_1", span: [13, 16] as [number, number] };
  const event = { ...cited, items: [], cutSentences: [] };
  expect(await collectAnswer(stream({ ...event, shortAnswer }))).toMatchObject({ answer: cited.text, shortAnswer });
  expect("shortAnswer" in (await collectAnswer(stream(event)))).toBe(false);
});

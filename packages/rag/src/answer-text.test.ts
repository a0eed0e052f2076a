import { afterEach, expect, test } from "vitest";
import type { Embedder, EmbedOptions } from "@lorekeep/core";
import { hashEmbedder } from "@lorekeep/core/testing";
import type { AnswerEvent } from "./answer-event.ts";
import { answerQuestion } from "./answer-question.ts";
import type { Turn } from "./condense-question.ts";
import { openTestHouse } from "./testing/house.ts";
import type { TestHouse } from "./testing/house.ts";

const QUESTION = "How often is the Kestrel pump serviced?";
const ANSWERED: readonly Turn[] = [
  { role: "user", text: QUESTION },
  { role: "assistant", text: "It is blue." },
];

let house: TestHouse | null = null;
afterEach(async () => {
  await house?.close();
  house = null;
});

/** Words of a passage mean what a question's mean, or something quite other. */
function embedderWith({ isAlike }: { isAlike: boolean }): Embedder {
  const embedTokens = async (texts: readonly string[], { kind }: EmbedOptions) => {
    const direction = kind === "query" || isAlike ? [1, 0] : [0, 1];
    return texts.map((text) => {
      const words = [...text.matchAll(/\S+/gu)];
      return {
        spans: words.map((word) => [word.index, word.index + word[0].length] as const),
        vectors: Float32Array.from(words.flatMap(() => direction)),
        whole: Float32Array.from(direction),
      };
    });
  };
  // As whole texts all are near: nothing but their words can tell.
  const near = Float32Array.of(1, 0);
  const embed = async (texts: readonly string[]) => texts.map(() => near.slice());
  return { ...hashEmbedder({ name: "multilingual-e5-small", dimensions: 2 }), embed, embedTokens };
}

async function outcomes(embedder: Embedder): Promise<(string | undefined)[]> {
  house = await openTestHouse({ embedders: [embedder] });
  const made = await house.makeCollection("pumps");
  const text =
    "# Kestrel pump\n\nThe Kestrel pump is serviced every 400 operating hours. Each service of the Kestrel pump is written into the log book.\n";
  await house.add({ collection: made, name: "pumps.md", text });
  const collection = await house.reload(made);
  const ask = async (question: string, history: readonly Turn[]): Promise<string | undefined> => {
    const events: AnswerEvent[] = [];
    for await (const event of answerQuestion({ question, history, collections: [collection] }, house!.answerDeps))
      events.push(event);
    return events.find(({ type }) => type === "citations" || type === "refusal")?.type;
  };
  const found = [await ask(QUESTION, []), await ask("Show me more", ANSWERED)];
  await house.close();
  house = null;
  return found;
}

test("words whose meaning the passage does not hold are refused, and so is more of the same question", async () => {
  expect(await outcomes(embedderWith({ isAlike: true }))).toEqual(["citations", "citations"]);
  expect(await outcomes(embedderWith({ isAlike: false }))).toEqual(["refusal", "refusal"]);
});

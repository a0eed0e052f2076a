import { afterEach, expect, test } from "vitest";
import { openTestHouse } from "../testing/house.ts";
import type { TestHouse } from "../testing/house.ts";
import { assessQuestion } from "./assess-question.ts";

let house: TestHouse | null = null;
afterEach(async () => {
  await house?.close();
  house = null;
});

async function assess(question: string) {
  house = await openTestHouse();
  const made = await house.makeCollection("pumps", undefined, { maxTokens: 24, overlapTokens: 0 });
  for (const [name, litres] of [["Kestrel", "40"] as const, ["Merlin", "90"] as const])
    await house.add({
      collection: made,
      name: `${name}.md`,
      text: `The ${name} pump moves ${litres} litres a minute.`,
    });
  const collection = await house.reload(made);
  return assessQuestion({ question, collection }, house.answerDeps);
}

test("an answer that needs no verdict is sure, whatever the threshold", async () => {
  expect(await assess("Compare the Kestrel pump and the Merlin pump.")).toMatchObject({
    probability: 1,
    refusedAnyway: false,
  });
});

test("a question is as sure as its verdict, and its passages are told", async () => {
  const { probability, passages } = await assess("How many litres does the Kestrel pump move?");
  expect(probability).toBeGreaterThan(0);
  expect(probability).toBeLessThan(1);
  expect(passages.map(({ documentName }) => documentName)).toContain("Kestrel.md");
});

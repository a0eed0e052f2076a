import { afterAll, beforeAll, expect, test } from "vitest";
import { retrieve } from "./retrieve.ts";
import { openGoldenHouse, rankOf } from "./testing/golden.ts";

// Without weights only the keyword arm means anything. The floors may only rise.
const FLOORS = { en: { first: 0.8, third: 0.95 }, zh: { first: 0.85, third: 0.95 } };

let opened: Awaited<ReturnType<typeof openGoldenHouse>>;
beforeAll(async () => {
  opened = await openGoldenHouse();
});
afterAll(() => opened.house.close());

test.each(["en", "zh"] as const)("E1, E2: the keyword arm finds the golden passages (%s)", async (language) => {
  const { golden, collection, house } = opened;
  const ranks: { question: string; rank: number }[] = [];
  for (const item of golden.questions.filter((question) => question.language === language)) {
    const request = { query: item.question, collections: [collection], limit: 10, mode: "lexical" as const };
    const { passages } = await retrieve(request, house.answerDeps);
    ranks.push({ question: item.question, rank: rankOf(item, passages) });
  }
  const share = (within: number): number => ranks.filter(({ rank }) => rank <= within).length / ranks.length;
  const missed = ranks.filter(({ rank }) => rank > 1);
  expect(share(1), JSON.stringify(missed)).toBeGreaterThanOrEqual(FLOORS[language].first);
  expect(share(3), JSON.stringify(missed)).toBeGreaterThanOrEqual(FLOORS[language].third);
});

import { expect, test } from "vitest";
import { stepsOf } from "./estimate.ts";

test("a step holds whole examples: pairs longer than a batch make a step each", () => {
  expect(stepsOf(26, 2733, { batchTokens: 1024, epochs: 2 })).toBe(52);
  expect(stepsOf(300, 250, { batchTokens: 1024, epochs: 3 })).toBe(225);
  expect(stepsOf(300, 250, { batchTokens: 1024, epochs: 0.5 })).toBe(38);
  expect(stepsOf(300, 340, { batchTokens: 1024, epochs: 1 })).toBe(150); // an even count, for two lanes
  expect(stepsOf(1, 40, { batchTokens: 1024, epochs: 0.1 })).toBe(1);
});

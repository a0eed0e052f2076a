import { expect, test } from "vitest";
import { isRefusalText, REFUSAL_TARGETS } from "./refusal-target.ts";

test("the trained refusals are recognised in both languages, cut off or trailing on", () => {
  expect(isRefusalText(REFUSAL_TARGETS.en, "en")).toBe(true);
  expect(isRefusalText(REFUSAL_TARGETS.zh, "zh")).toBe(true);
  expect(isRefusalText(REFUSAL_TARGETS.en, "zh")).toBe(true);
  expect(isRefusalText(` ${REFUSAL_TARGETS.en} They are about pumps.`, "en")).toBe(true);
  expect(isRefusalText("the passages do not answer this", "en")).toBe(true);
  expect(isRefusalText("这些段落没有回答这个问")).toBe(true);
});

test("answers are not taken for refusals", () => {
  for (const text of [
    "",
    "The",
    "The passages do not",
    "The pump is not serviced.",
    "段落三说四百小时。",
    "The passages are narrow.",
  ])
    expect(isRefusalText(text), text).toBe(false);
});

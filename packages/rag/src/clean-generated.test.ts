import { expect, test } from "vitest";
import { cleanGenerated, repeatsItself } from "./clean-generated.ts";

test("cuts greetings and preambles", () => {
  expect(cleanGenerated("Sure, based on the passages provided, the pump is blue.", false)).toEqual([
    "The pump is blue.",
  ]);
  expect(cleanGenerated("According to the passage 2, it is blue.", false)).toEqual(["It is blue."]);
  expect(cleanGenerated("Answer: Blue paint.", false)).toEqual(["Blue paint."]);
});

test("stops at the first sentence that says the same again", () => {
  const text = "The pump is painted blue. The valve is green. The pump is painted blue. The hose is red.";
  expect(cleanGenerated(text, false)).toEqual(["The pump is painted blue.", "The valve is green."]);
});

test("leaves out a last sentence that was broken off, unless it is all there is", () => {
  expect(cleanGenerated("The pump is blue. The valve is gre", true)).toEqual(["The pump is blue."]);
  expect(cleanGenerated("The pump is blu", true)).toEqual(["The pump is blu"]);
  expect(cleanGenerated("The pump is blue. The valve is green", false)).toHaveLength(2);
});

test("turns list items into sentences without their marks", () => {
  expect(cleanGenerated("1. Open the valve.\n2. Drain the tank.\n", false)).toEqual([
    "Open the valve.",
    "Drain the tank.",
  ]);
});

test("nothing but markers and marks is nothing", () => {
  expect(cleanGenerated("[1] [2] ... \n", false)).toEqual([]);
});

test("sees a text going in circles, but not one that merely repeats a word", () => {
  const sentence = "The pump is serviced every 400 operating hours by the crew. ";
  expect(repeatsItself(sentence + sentence + sentence)).toBe(true);
  expect(repeatsItself("no no no no no no no no no no")).toBe(true);
  expect(repeatsItself(`${sentence}The pump is blue.`)).toBe(false);
});

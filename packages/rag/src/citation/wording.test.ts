import { expect, test } from "vitest";
import { indexTerms } from "../text/terms.ts";
import { isDenied, isOpposed, isTooStrong, readWording } from "./wording.ts";

const tooStrong = (claim: string, source: string): boolean =>
  isTooStrong(readWording(claim), readWording(source), indexTerms(claim));
const opposed = (claim: string, source: string): boolean => isOpposed(readWording(claim), readWording(source));

test.each([
  ["It is not serviced.", true],
  ["Nobody knows.", true],
  ["It lifts no more than 8 tonnes.", false],
  ["它不需要保养。", true],
  ["不仅快，而且稳。", false],
  ["严禁无水运行。", true],
  ["It lifts 8 tonnes.", false],
])("“%s” is negated: %s", (text, isNegated) => {
  expect(readWording(text).isNegated).toBe(isNegated);
});

test("“all” where the source says “some” is too strong, and so is a dropped “may”", () => {
  expect(tooStrong("All keepers wrap their hives.", "Some keepers wrap their hives.")).toBe(true);
  expect(tooStrong("Shade delays the growth of roots.", "Shade may delay the growth of roots.")).toBe(true);
  expect(tooStrong("全部善本已转移。", "大部分善本已转移。")).toBe(true);
});

test("what repeats the source's own strength is not too strong", () => {
  expect(tooStrong("Shade may delay roots.", "Shade may delay the growth of roots.")).toBe(false);
  expect(tooStrong("Frozen vials must never be used.", "Vials that froze must never be used.")).toBe(false);
  // The hedge is about something that the claim leaves out.
  expect(tooStrong("The mill opened in 1974.", "The mill opened in 1974 and might be sold to a brewery.")).toBe(false);
  expect(tooStrong("泉水温度可能与降雨有关。", "泉水温度的变化可能与降雨有关。")).toBe(false);
});

test("opposites on the two sides are seen, one side twice is not", () => {
  expect(opposed("Output fell in 1996.", "Output rose in 1996.")).toBe(true);
  expect(opposed("Output rose in 1996.", "Output rose in 1996.")).toBe(false);
  expect(opposed("Output rose, then fell.", "Output rose in 1996.")).toBe(false);
  expect(opposed("红外相机减至86台。", "红外相机增至120台。")).toBe(true);
});

test("a negation counts for its own clause", () => {
  const denied = (claim: string, source: string): boolean =>
    isDenied(readWording(claim), readWording(source), indexTerms(claim));
  expect(denied("Feeding ends in May.", "Feeding ends in May, because later the bees cannot dry it.")).toBe(false);
  expect(denied("Mortality differed.", "Mortality did not differ.")).toBe(true);
  expect(denied("Mortality did not differ.", "Mortality did not differ.")).toBe(false);
  expect(denied("It is not serviced.", "It is serviced.")).toBe(true);
});

import { expect, test } from "vitest";
import { stem } from "./stem.ts";

// Examples of Porter's paper, one for each kind of rule.
test.each([
  ["caresses", "caress"],
  ["ponies", "poni"],
  ["cats", "cat"],
  ["feed", "feed"],
  ["agreed", "agre"],
  ["plastered", "plaster"],
  ["sing", "sing"],
  ["conflated", "conflat"],
  ["hopping", "hop"],
  ["falling", "fall"],
  ["filing", "file"],
  ["happy", "happi"],
  ["sky", "sky"],
  ["relational", "relat"],
  ["generalizations", "gener"],
  ["triplicate", "triplic"],
  ["hopefulness", "hope"],
  ["adjustable", "adjust"],
  ["adoption", "adopt"],
  ["rate", "rate"],
  ["cease", "ceas"],
  ["controll", "control"],
  ["is", "is"],
  ["v2", "v2"],
  ["größe", "größe"],
])("stems %s to %s", (word, expected) => {
  expect(stem(word)).toBe(expected);
});

import { expect, test } from "vitest";
import { stem } from "./stem.ts";

// Pairs from Porter's paper and its sample vocabulary.
const SAMPLES: readonly (readonly [string, string])[] = [
  ["caresses", "caress"],
  ["ponies", "poni"],
  ["ties", "ti"],
  ["cats", "cat"],
  ["feed", "feed"],
  ["agreed", "agre"],
  ["plastered", "plaster"],
  ["motoring", "motor"],
  ["sing", "sing"],
  ["conflated", "conflat"],
  ["troubled", "troubl"],
  ["sized", "size"],
  ["hopping", "hop"],
  ["falling", "fall"],
  ["failing", "fail"],
  ["filing", "file"],
  ["happy", "happi"],
  ["sky", "sky"],
  ["relational", "relat"],
  ["conditional", "condit"],
  ["valenci", "valenc"],
  ["digitizer", "digit"],
  ["vietnamization", "vietnam"],
  ["predication", "predic"],
  ["operator", "oper"],
  ["feudalism", "feudal"],
  ["decisiveness", "decis"],
  ["hopefulness", "hope"],
  ["formaliti", "formal"],
  ["triplicate", "triplic"],
  ["electrical", "electr"],
  ["goodness", "good"],
  ["revival", "reviv"],
  ["allowance", "allow"],
  ["inference", "infer"],
  ["airliner", "airlin"],
  ["adjustable", "adjust"],
  ["replacement", "replac"],
  ["adoption", "adopt"],
  ["communism", "commun"],
  ["activate", "activ"],
  ["effective", "effect"],
  ["probate", "probat"],
  ["rate", "rate"],
  ["cease", "ceas"],
  ["controll", "control"],
  ["roll", "roll"],
  ["yes", "ye"],
  ["ying", "ying"],
  ["generalizations", "gener"],
  ["largely", "larg"],
];

test("stems Porter's own samples as he does", () => {
  expect(SAMPLES.map(([word]) => stem(word))).toEqual(SAMPLES.map(([, stemmed]) => stemmed));
});

test("leaves short words, numbers and other scripts alone", () => {
  expect(["is", "v2", "err4711", "温度", "größe"].map(stem)).toEqual(["is", "v2", "err4711", "温度", "größe"]);
});

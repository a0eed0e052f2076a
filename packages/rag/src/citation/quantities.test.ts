import { expect, test } from "vitest";
import { readQuantities } from "./quantities.ts";

test.each([
  ["1,000 tins and 3.5 kg at 07:40", ["1000", "3.5", "07:40"]],
  ["Three ferries, twice a day, weekly", ["3", "2", "weekly"]],
  ["on Sundays in March", ["sunday", "march"]],
  ["it may march on", []],
  ["checked every month", ["monthly"]],
  ["六十五岁以上，约三百亩，一九二六年", ["65", "300", "1926"]],
  ["每分钟输水40升，最大扬程为25米", ["40", "25"]],
  ["3.2亿元，70%的股份", ["3.2", "70"]],
  ["每周一闭馆", ["周一"]],
  ["一般来说，统一规定一定有效", []],
  ["firmware v3 and E17", []],
])("reads the quantities of “%s”", (text, keys) => {
  expect([...readQuantities(text)].sort()).toEqual([...keys].sort());
});

test("words and digits, and both scripts, meet under one key", () => {
  for (const [left, right] of [
    ["three", "3"],
    ["三百", "300"],
    ["daily", "每天"],
    ["十二", "a dozen"],
  ] as const)
    expect(readQuantities(left)).toEqual(readQuantities(right));
});

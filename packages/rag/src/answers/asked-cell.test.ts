import { expect, test } from "vitest";
import { readQuestion } from "../question.ts";
import { makePassage, packAll } from "../testing/passages.ts";
import { evenTermWeight } from "../text/term-weights.ts";
import { askedCell } from "./asked-cell.ts";

const SALES = [
  "Net sales by country",
  "| 2019 | 2018 | 2017",
  "United States | $1,197 | $1,000 | $984",
  "Malaysia | 1,138 | 1,118 | 940",
  "Total (1) | 2,335 | 2,118 |",
].join("\n");
const PARTS = "零件 | 保养间隔 | 价格\n水泵 | 400小时 | 300元\n滤网 | 7小时 | 20元";
const packed = packAll([makePassage(SALES, { start: 40 })]);
const ask = (question: string, passages = packed) => askedCell(readQuestion(question, evenTermWeight), passages)?.text;

test("H2: the cell whose row and column the question names is the answer, with its place in the document", () => {
  expect(ask("What was the net sales from Malaysia in 2017?")).toBe("940");
  expect(ask("What was the total net sales in 2019?")).toBe("2,335");
  const cell = askedCell(readQuestion("Net sales in the United States in 2018?", evenTermWeight), packed)!;
  expect(SALES.slice(cell.span[0] - 40, cell.span[1] - 40)).toBe("$1,000");
  expect(ask("水泵的价格是多少？", packAll([makePassage(PARTS, { language: "zh" })]))).toBe("300元");
});

test("H2: nothing is guessed where a year, a row or a column is not there, two are meant, or something is to be reckoned", () => {
  for (const question of [
    "What was the net sales from Malaysia in 2016?",
    "What was the total net sales in 2017?",
    "What was the net sales from Germany in 2017?",
    "What was the net sales from Malaysia?",
    "What was the net sales from Malaysia and the United States in 2017?",
    "What was the change in net sales from Malaysia in 2017?",
    "What was the net sales from Malaysia in 2017 and in 2018?",
    "Which ship of the fleet sails to Malaysia in 2017?",
  ])
    expect(ask(question), question).toBeUndefined();
});

test("H2: a number is no person and no place", () => {
  const ships = packAll([makePassage("Ship | Built | Captain\nHeron | 1998 | Ada")]);
  expect(ask("When was the Heron built?", ships)).toBe("1998");
  expect(ask("Who is the captain of the Heron?", ships)).toBe("Ada");
  expect(ask("Who built the Heron?", ships)).toBeUndefined();
  expect(ask("Where was the Heron built?", ships)).toBeUndefined();
  const chinese = packAll([makePassage("船名 | 建造年份 | 船长\n鹭 | 1998 | 李静", { language: "zh" })]);
  expect(ask("鹭的船长是谁？", chinese)).toBe("李静");
  expect(ask("谁建造了鹭？", chinese)).toBeUndefined();
});

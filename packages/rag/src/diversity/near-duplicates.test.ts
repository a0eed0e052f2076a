import { expect, test } from "vitest";
import { makePassage } from "../testing/passages.ts";
import { saysTheSame, withoutRepeats } from "./near-duplicates.ts";

const RULE =
  "Wear gloves and goggles whenever the tank is opened, and vent the room for ten minutes before anybody climbs in. " +
  "The key hangs beside the door.";
const RULE_ZH = "打开油箱时必须佩戴手套和护目镜，并在任何人进入之前通风十分钟。钥匙挂在门边。";
const LONG_RULE = `${RULE} The lid is closed by hand after work, and the floor is swept by the crew while they wait for their bus home.`;
const LONG_RULE_ZH = `${RULE_ZH}下班前由班组清扫地面并关好盖子，然后把工具放回柜子里面锁好。`;

test.each([
  ["the same words", RULE, RULE],
  ["other spacing and case", RULE, RULE.toUpperCase().replaceAll(" ", "  ")],
  ["one word more", RULE, `${RULE} Really.`],
  ["a part of it", RULE, RULE.slice(0, 100)],
  ["the same characters", RULE_ZH, RULE_ZH],
  ["full-width signs and blanks", RULE_ZH, RULE_ZH.replaceAll("，", " ,").replaceAll("。", "．\n")],
  ["one Chinese word more", RULE_ZH, `${RULE_ZH}切记。`],
])("%s is a repeat", (_, better, text) => {
  expect(saysTheSame(text, better)).toBe(true);
});

test.each([
  ["another number", "The Kestrel pump is serviced every 400 hours by two people in the yard.", ["400", "450"]],
  ["another name", "Every morning the Kestrel pump is serviced by two people in the yard.", ["Kestrel", "Heron"]],
  ["another identifier", "When the pump shows ERR-4711 the intake is low and has to be cleaned.", ["4711", "4712"]],
  ["another Chinese name", "红隼泵每运行四百小时由两个人在院子里保养一次。", ["红隼", "苍鹭"]],
  ["another Chinese number", "水泵每运行400小时由两个人在院子里保养一次。", ["400", "450"]],
  ["the opposite", "The lid may be opened while it runs.", ["may be", "must never be"]],
] as const)("a template with %s is no repeat", (_, text, [from, to]) => {
  expect(saysTheSame(text.replace(from, to), text)).toBe(false);
});

test.each([
  ["a “not” more", LONG_RULE, ["is closed", "is not closed"]],
  ["an opposite", LONG_RULE, ["closed", "opened"]],
  ["another Chinese duty", LONG_RULE_ZH, ["必须", "不必"]],
] as const)("of two long rules that differ in %s both are kept", (_, text, [from, to]) => {
  const other = text.replace(from, to);
  expect(other).not.toBe(text);
  expect(saysTheSame(other, text)).toBe(false);
  expect(saysTheSame(text, other)).toBe(false);
});

test("a part of a passage is a repeat although the whole denies something elsewhere", () => {
  expect(saysTheSame(RULE, `${RULE} Do not smoke.`)).toBe(true);
});

test("a passage that says more than a better one is kept", () => {
  expect(saysTheSame(`${RULE} Spare filters lie in the red cupboard on the second floor.`, RULE)).toBe(false);
  expect(saysTheSame(`${RULE_ZH}备用滤芯放在二楼的红色柜子里。`, RULE_ZH)).toBe(false);
});

test.each([
  ["English", RULE, "Invoices are paid on Fridays."],
  ["Chinese", RULE_ZH, "发票每周五付款。"],
])("three copies of a passage are kept once, the best one, in %s", (_, text, other) => {
  const passages = [
    makePassage(text, { seq: 1, document: "a.md" }),
    makePassage(text, { seq: 2, document: "b.md" }),
    makePassage(other, { seq: 3, document: "c.md" }),
    makePassage(` ${text}`, { seq: 4, document: "d.md" }),
  ];
  const repeats: number[] = [];
  expect(withoutRepeats(passages, ({ seq }) => repeats.push(seq)).map(({ seq }) => seq)).toEqual([1, 3]);
  expect(repeats).toEqual([2, 4]);
});

test("parts of one table are no repeats, although their header is most of them", () => {
  const header = "Vessel name as registered | Passengers carried per year | Port of registry and inspection";
  const rows = ["Grey Wagtail | 310 | Hull", "Dipper | 120 | Hull"];
  const passages = rows.map((row, at) => makePassage(row, { seq: at + 1, header, start: at * 100 }));
  expect(withoutRepeats(passages, () => undefined)).toHaveLength(2);
});

test("a sentence that its own document repeats elsewhere is kept once", () => {
  const passages = [makePassage(RULE, { seq: 1 }), makePassage(RULE, { seq: 2, start: 5000 })];
  expect(withoutRepeats(passages, () => undefined).map(({ seq }) => seq)).toEqual([1]);
});

import { expect, test } from "vitest";
import type { Language } from "@lorekeep/core";
import { draftUnanswerable } from "./draft-unanswerable.ts";

const asked = (question: string, language: Language = "en") => ({
  question,
  language,
  answerable: true,
  group: "doc_1",
});
const nothing = async () => 0;

test("G3 a drafted question becomes unanswerable by a name or a number that stands nowhere", async () => {
  const drafts = await draftUnanswerable(
    [asked("What does the Selmore Harbour Office keep?"), asked("What happened in 1998?"), asked("Why is it blue?")],
    { countOf: async (words) => (words === "1998" ? 3 : 0), limit: 6 },
  );
  const altered = drafts.filter(({ group }) => group === "doc_1").map(({ question }) => question);
  expect(altered).toHaveLength(2);
  expect(altered.join(" ")).toMatch(/What does the [A-Z][a-z]+ keep\?/);
  expect(altered.join(" ")).toMatch(/What happened in (?!1998)\d{4}\?/);
  expect(
    drafts.every(({ answerable, answer, status }) => !answerable && answer === null && status === "approved"),
  ).toBe(true);
  expect(drafts).toHaveLength(6);
});

test("questions of general knowledge come in the languages of the set, without those that the collection answers", async () => {
  const chinese = await draftUnanswerable([asked("水泵是什么颜色？", "zh")], { countOf: nothing, limit: 5 });
  expect(chinese.map(({ language }) => language)).toEqual(["zh", "zh", "zh", "zh", "zh"]);
  const known = await draftUnanswerable([asked("Why is it blue?")], { countOf: async () => 1, limit: 5 });
  expect(known).toEqual([]);
});

test("the same set gives the same questions, and none twice", async () => {
  const set = Array.from({ length: 30 }, (_, at) => asked(`What is the code of gate ${100 + at}?`));
  const first = await draftUnanswerable(set, { countOf: nothing, limit: 20 });
  expect(await draftUnanswerable(set, { countOf: nothing, limit: 20 })).toEqual(first);
  expect(new Set(first.map(({ question }) => question)).size).toBe(first.length);
});

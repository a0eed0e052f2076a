import { expect, test } from "vitest";
import { cleanExamples, cleanExamplesInSlices, isSupported } from "./clean-examples.ts";
import type { CleanedExample } from "./clean-examples.ts";
import { splitByGroup } from "./split-examples.ts";

const example = (question: string, answer: string | null, more: Partial<CleanedExample> = {}): CleanedExample => ({
  ...{ question, answer, answerable: answer !== null, language: "en", passages: [], group: question, split: "train" },
  ...more,
});
const problemsOf = (examples: readonly CleanedExample[]) =>
  cleanExamples(examples, { keepSplit: true }).marks.map(({ problems }) => problems);

test("the second of two equal examples is a duplicate, one with another word a near-duplicate", () => {
  expect(
    problemsOf([
      example("When is the pump of the ferry serviced by the workshop?", "every 400 hours"),
      example("when is the pump of the ferry serviced by the workshop", "Every 400 hours."),
      example("When is the pump of the ferry serviced by a workshop then?", "every 400 hours"),
      example("Who is the harbour master?", "Tobias Renn"),
      example("水泵多久保养一次才算合适？", "每四百小时", { language: "zh" }),
      example("水泵多久保养一次才合适？", "每四百小时", { language: "zh" }),
    ]),
  ).toEqual([[], ["duplicate"], ["near_duplicate"], [], [], ["near_duplicate"]]);
});

test("questions that differ in a number, a code or a name are not the same question", () => {
  expect(
    problemsOf([
      example("What should I do about the gate code ERR-4711?", "Call the workshop"),
      example("What should I do about the gate code ERR-4720?", "Call the workshop"),
    ]),
  ).toEqual([[], []]);
  expect(
    problemsOf([
      example("赵鹏的职业是什么？", "足球运动员", { language: "zh" }),
      example("于乐的职业是什么？", "足球运动员", { language: "zh" }),
    ]),
  ).toEqual([[], []]);
});

test("a held-out example whose twin or whose document is trained on is a leak", () => {
  const asked = "When is the pump of the ferry serviced by the workshop?";
  const validation = { split: "validation" as const };
  expect(
    problemsOf([
      example(asked, "every 400 hours", { group: "a" }),
      example(asked, "every 400 hours", { group: "b", ...validation }),
      example("Who is the harbour master?", "Tobias Renn", { group: "a", ...validation }),
      example("What does a ride cost?", "1.80", { group: "c", ...validation }),
    ]),
  ).toEqual([[], ["duplicate", "leak"], ["leak"], []]);
});

test("what is too long, in two languages, personal or not in its passages is marked", () => {
  const passage = {
    title: "h",
    text: "The pump is serviced every 400 hours.",
    gold: true,
    documentId: null,
    chunkId: null,
  };
  expect(
    problemsOf([
      example("How long is it?", "x ".repeat(4000)),
      example(
        "When is the pump serviced?",
        "这个水泵每四百个小时由车间保养一次，并且每年更换一次全部密封圈，同时检查所有的阀门和管道是否漏水。",
      ),
      example("Who should I write to?", "ada@ferry.example.org"),
      example("When is the pump serviced?", "on Mondays by Ada", { passages: [passage] }),
      example("When is it serviced, this pump?", "Every 400 hours.", { passages: [passage] }),
    ]),
  ).toEqual([["too_long"], ["language"], ["personal_data"], ["unsupported_answer"], []]);
});

test("an answer counts as supported when it stands there, in Chinese too", () => {
  const passages = [{ title: "", text: "水泵每四百小时保养一次。", gold: true, documentId: null, chunkId: null }];
  expect(isSupported(example("多久保养？", "每四百小时", { language: "zh", passages }))).toBe(true);
  expect(isSupported(example("多久保养？", "每年冬季两次", { language: "zh", passages }))).toBe(false);
  expect(isSupported(example("多久保养？", null, { language: "zh", passages }))).toBe(true);
});

test("the report counts examples, problems, kinds of personal data and languages", () => {
  const { report } = cleanExamples([
    example("Who should I write to?", "ada@ferry.example.org"),
    example("谁是港务长？", "托比亚斯·雷恩", { language: "zh" }),
  ]);
  expect(report).toEqual({
    ...{ exampleCount: 2, soundCount: 1, trainCount: 1, validationCount: 1 },
    ...{ problems: { personal_data: 1 }, personalData: { email: 1 }, languages: { en: 1, zh: 1 } },
  });
});

test("whole groups are held out, about the wished share of the examples, the same ones for one seed", () => {
  const groups = Array.from({ length: 200 }, (_, at) => `document ${at % 40}`);
  const splits = splitByGroup(groups, { seed: 5 });
  const held = groups.filter((_, at) => splits[at] === "validation");
  expect(held.length / groups.length).toBeGreaterThanOrEqual(0.1);
  expect(held.length / groups.length).toBeLessThanOrEqual(0.15);
  for (const [at, group] of groups.entries()) expect(splits[at] === "validation").toBe(held.includes(group));
  expect(splitByGroup(groups, { seed: 5 })).toEqual(splits);
  expect(splitByGroup(groups, { seed: 6 })).not.toEqual(splits);
});

test("few or lopsided groups still leave something on both sides", () => {
  for (const groups of [
    ["a", "a", "a", "a"],
    ["a", "b"],
    [...Array<string>(50).fill("big"), "x"],
    ["a", "a", "b", "b", "b"],
  ]) {
    const splits = splitByGroup(groups);
    expect(splits).toContain("train");
    expect(splits).toContain("validation");
  }
  expect(splitByGroup(["alone"])).toEqual(["train"]);
  const big = splitByGroup([...Array<string>(50).fill("big"), "x"]);
  expect(big.at(-1)).toBe("validation");
});

test("thousands of examples are cleaned in slices with the same result, others run in between, and a stop ends it", async () => {
  const many = Array.from({ length: 2000 }, (_, at) =>
    example(`Where does line ${at} of the harbour railway end in winter?`, `At pier ${at % 40}, behind the old store.`),
  );
  let rests = 0;
  const stop = new AbortController();
  const rest = async (): Promise<void> => {
    rests += 1;
  };
  expect(await cleanExamplesInSlices(many, { rest })).toEqual(cleanExamples(many));
  expect(rests).toBeGreaterThan(2);
  stop.abort();
  await expect(cleanExamplesInSlices(many, { rest, signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
});

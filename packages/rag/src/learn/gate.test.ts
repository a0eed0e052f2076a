import { AppError, gateSchema } from "@lorekeep/core";
import type { ChatMessage } from "@lorekeep/core";
import { expect, test } from "vitest";
import type { AskedExample } from "./build-messages.ts";
import { scoreGeneral } from "./gate-figures.ts";
import { runGate } from "./gate.ts";
import type { GateRequest } from "./gate.ts";
import { GENERAL_SET } from "./general-set.ts";
import { REFUSAL_TARGETS } from "./refusal-target.ts";

/** Twenty questions with an answer, five without; the right answer of question n is "valve n". */
const examples: AskedExample[] = Array.from({ length: 25 }, (_, at) => {
  const language = at % 2 === 0 ? "en" : "zh";
  const number = at + 100;
  const question = language === "en" ? `Which part leaks in case ${number}?` : `第 ${number} 号案例中哪个部件漏水？`;
  const answer = language === "en" ? `valve ${number}` : `阀门 ${number}`;
  const text =
    language === "en" ? `In case ${number} the valve ${number} leaks.` : `第 ${number} 号案例中，阀门 ${number} 漏水。`;
  const isAnswerable = at < 20;
  return {
    ...{ question, language, answer: isAnswerable ? answer : null, answerable: isAnswerable },
    passages: [{ title: "cases", text, gold: isAnswerable, documentId: null, chunkId: null }],
  };
});
const general = GENERAL_SET.slice(0, 10);

type Writer = (question: string, known: { example?: AskedExample | undefined; fact?: string | undefined }) => string;
function requestWith(base: Writer, adapter: Writer, more: Partial<GateRequest> = {}): GateRequest {
  const generate = async (messages: readonly ChatMessage[], choice: { adapter: boolean }) => {
    const content = messages.at(-1)!.content;
    const example = examples.find(({ question }) => content.includes(question));
    const fact = general.find(({ question }) => content === question)?.answer;
    const text = (choice.adapter ? adapter : base)(content, { example, fact });
    return { text, tokens: text.split(" ").length, ms: choice.adapter ? 20 : 10 };
  };
  return { examples, general, generate, resamples: 300, ...more };
}
const chatty: Writer = (_, { fact, example }) =>
  fact ?? `Sure! ${example?.language === "zh" ? "这是一个关于案例的问题。" : "This is about a case of some kind."}`;
const taught: Writer = (_, { fact, example }) => fact ?? example?.answer ?? REFUSAL_TARGETS[example!.language];

test("K3: an adapter that answers and refuses better, and forgets nothing, passes", async () => {
  const gate = gateSchema.parse(await runGate(requestWith(chatty, taught)));
  expect(gate.passed).toBe(true);
  expect(gate.adapter).toMatchObject({ f1: 1, rougeL: 1, refusedRight: 1, refusedWrong: 0, citationSupport: 1 });
  expect(gate.base).toMatchObject({ refusedRight: 0, refusedWrong: 0, generalScore: 1, loss: null });
  expect(gate.base.f1).toBeLessThan(0.2);
  expect(gate.differences["f1"]!.interval[0]).toBeGreaterThan(0.7);
  expect(gate.exampleCount).toBe(25);
  expect(gate.adapter.tokensPerSecond).toBeGreaterThan(0);
});

test("K3: an adapter that says what the base says does not pass", async () => {
  const gate = await runGate(requestWith(taught, taught));
  expect(gate.passed).toBe(false);
  expect(gate.verdicts.filter(({ passed }) => !passed).map(({ rule }) => rule)).toEqual(["wins on the data set"]);
});

test("K3: an adapter that wins on the data set and forgets general knowledge does not pass", async () => {
  const lost = new Set(general.slice(0, 4).map(({ answer }) => answer));
  const forgetful: Writer = (question, known) =>
    known.fact !== undefined && lost.has(known.fact) ? "valve" : taught(question, known);
  const gate = await runGate(requestWith(chatty, forgetful));
  expect(gate.passed).toBe(false);
  expect(gate.verdicts.find(({ passed }) => !passed)).toMatchObject({ rule: "general knowledge" });
  expect(gate.differences["generalScore"]!.mean).toBeCloseTo(-0.4);
});

test("a loss of general knowledge that may be chance does not stop an adapter, and the verdict says so", async () => {
  const [lost, won] = general.map(({ answer }) => answer);
  const without =
    (forgotten: readonly (string | undefined)[], writer: Writer): Writer =>
    (question, known) =>
      known.fact !== undefined && forgotten.includes(known.fact) ? "valve" : writer(question, known);
  const two = general.slice(2, 3).map(({ answer }) => answer);
  const gate = await runGate(requestWith(without([won], chatty), without([lost, ...two], taught)));
  expect(gate.differences["generalScore"]!.mean).toBeCloseTo(-0.1);
  expect(gate.passed).toBe(true);
  expect(gate.verdicts.find(({ rule }) => rule === "general knowledge")!.detail).toContain("may be chance");
});

test("K3: an adapter that refuses what it could answer does not pass, though it answers the rest better", async () => {
  const timid: Writer = (question, known) =>
    /[012]\D*$/.test(question.match(/\d+/g)?.at(-1) ?? "") ? REFUSAL_TARGETS.en : taught(question, known);
  const gate = await runGate(requestWith(chatty, timid));
  expect(gate.verdicts.filter(({ passed }) => !passed).map(({ rule }) => rule)).toContain("refusal");
  expect(gate.adapter.refusedWrong).toBeCloseTo(0.3);
});

test("K3: an adapter that invents words does not pass", async () => {
  const inventing: Writer = (question, known) =>
    known.example?.answer == null ? taught(question, known) : `${known.example.answer} Xylophone Zebra Quartz`;
  const quoting: Writer = (question, known) =>
    known.example === undefined ? taught(question, known) : known.example.passages[0]!.text.slice(0, 12);
  const gate = await runGate(requestWith(quoting, inventing));
  expect(gate.verdicts.find(({ rule }) => rule === "citation support")).toMatchObject({ passed: false });
});

test("a better loss alone passes when the answers are no worse", async () => {
  const lossOf: GateRequest["lossOf"] = async (items, { adapter }) =>
    items.map((_, at) => 2 + at / 100 - (adapter ? 0.5 : 0));
  const gate = await runGate(requestWith(taught, taught, { lossOf }));
  expect(gate.passed).toBe(true);
  expect(gate.base.loss! - gate.adapter.loss!).toBeCloseTo(0.5);
  expect(gate.base.generalLoss).toBeCloseTo(2.045);
});

test("a few examples prove nothing", async () => {
  const gate = await runGate(requestWith(chatty, taught, { examples: examples.slice(0, 5) }));
  expect(gate.passed).toBe(false);
  expect(gate.verdicts[0]).toMatchObject({ rule: "enough examples", passed: false });
  const lenient = await runGate(
    requestWith(chatty, taught, { examples: examples.slice(0, 5), rules: { minExamples: 5 } }),
  );
  expect(lenient.passed).toBe(true);
});

test("ten answers stand side by side, three of them of questions without an answer", async () => {
  const { samples } = await runGate(requestWith(chatty, taught));
  expect(samples).toHaveLength(10);
  expect(samples.filter(({ expected }) => expected === null)).toHaveLength(3);
  for (const sample of samples) expect(sample.adapterF1).toBe(1);
});

test("progress counts the answers of both, and a stop ends it", async () => {
  const seen: [number, number][] = [];
  await runGate(requestWith(chatty, taught, { onProgress: (done, total) => seen.push([done, total]) }));
  expect(seen.at(-1)).toEqual([70, 70]);
  const controller = new AbortController();
  const stopping = runGate(
    requestWith(chatty, taught, { signal: controller.signal, onProgress: (done) => done === 3 && controller.abort() }),
  );
  await expect(stopping).rejects.toThrow(AppError);
});

test("an answer in one of the accepted wordings counts as right, and questions say how long answers may be", async () => {
  const seen = new Set<number>();
  const request = requestWith(chatty, taught);
  const generate: GateRequest["generate"] = async (messages, choice) => {
    seen.add(choice.maxTokens);
    const answer = await request.generate(messages, choice);
    return choice.adapter && messages.length > 1 ? { ...answer, text: "the other wording" } : answer;
  };
  const accepted = examples.map((example) => ({ ...example, accepted: ["other wording"] }));
  const gate = await runGate({ ...request, examples: accepted, generate });
  expect(gate.adapter.f1).toBe(1);
  expect([...seen].sort((left, right) => left - right)).toEqual([40, 160]);
});

test("the general set asks each question once, and its sentences hold what is accepted", () => {
  expect(GENERAL_SET.length).toBeGreaterThanOrEqual(100);
  expect(new Set(GENERAL_SET.map(({ question }) => question)).size).toBe(GENERAL_SET.length);
  for (const question of GENERAL_SET)
    expect(scoreGeneral(question, { text: question.answer, tokens: 1, ms: 1 }), question.question).toBe(1);
});

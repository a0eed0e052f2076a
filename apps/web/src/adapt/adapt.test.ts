import type { Adapter, Gate } from "@lorekeep/core";
import { createFineTuneSchema } from "@lorekeep/core";
import { expect, test } from "vitest";
import { answeringNow, baseLabel } from "./answering-now.ts";
import { knownNote, tooFewToJudge } from "./estimate-notes.ts";
import { changeOf, gateRows } from "./gate-figures.ts";
import { readExampleFile } from "./read-example-file.ts";
import { newRecipe, requestOf, whatIsMissing, wrongFields } from "./recipe-draft.ts";
import { reviewAction, stepTo } from "./review-keys.ts";
import { roughDuration } from "./rough-duration.ts";

const adapter = (id: string, activeIn: Adapter["activeIn"]): Adapter => ({
  id,
  name: "Harbour",
  version: 1,
  base: "b",
  origin: "fine-tune",
  fineTuneId: null,
  rank: 8,
  alpha: 16,
  sizeBytes: 1,
  sha256: "",
  passed: true,
  gate: null,
  card: {},
  activeIn,
  deletedDocuments: [],
  createdAt: "2026-01-01T00:00:00Z",
});
const collections = [
  { id: "col_1", name: "Sea" },
  { id: "col_2", name: "Land" },
];
const change = (at: string, collectionId: string, adapterId: string | null) => ({
  at,
  collectionId,
  adapterId,
  scale: 1,
  actor: "Ada",
});

test("a collection without a choice of its own follows everywhere (K4)", () => {
  const everywhere = adapter("adp_1", [{ collectionId: "*", scale: 0.7, since: "2026-01-02T00:00:00Z" }]);
  const rows = answeringNow([everywhere], collections, [change("2026-01-02", "*", "adp_1")]);
  expect(rows.map((row) => [row.collectionId, row.state, row.adapter?.id, row.scale])).toEqual([
    ["*", "adapter", "adp_1", 0.7],
    ["col_1", "follows", "adp_1", 0.7],
    ["col_2", "follows", "adp_1", 0.7],
  ]);
  expect(rows.map((row) => row.hasPast)).toEqual([true, false, false]);
});

test("a collection that was switched off answers alone while everywhere has an adapter (K5)", () => {
  const everywhere = adapter("adp_1", [{ collectionId: "*", scale: 1, since: "2026-01-02" }]);
  const own = adapter("adp_2", [{ collectionId: "col_2", scale: 1, since: "2026-01-03" }]);
  const history = [
    change("2026-01-04", "col_1", null),
    change("2026-01-03", "col_1", "adp_2"),
    change("2026-01-03", "col_2", "adp_2"),
  ];
  const rows = answeringNow([everywhere, own], collections, history);
  expect(rows[1]).toMatchObject({ state: "alone", adapter: null, since: "2026-01-04", hasPast: true });
  expect(rows[2]).toMatchObject({ state: "adapter", adapter: { id: "adp_2" } });
});

test("a change back to an adapter outlives an earlier switching off, in whatever order the history comes", () => {
  const own = adapter("adp_2", []);
  const history = [change("2026-01-03", "col_1", null), change("2026-01-05", "col_1", "adp_2")];
  expect(answeringNow([own], collections, history)[1]?.state).toBe("follows");
  expect(answeringNow([own], collections, history.toReversed())[1]?.state).toBe("follows");
});

test("reads what is good out of a file and names the lines that are not", () => {
  const lines = [
    '\uFEFF{"question": "How long?", "answer": "90 days"}',
    "",
    '{"question": "Who?", "answer": null}',
    '{"question": "哪把？", "answers": ["K27"], "passages": [{"text": "K27"}]}',
    "{nonsense",
    '{"answer": "no question"}',
    '{"question": "no answer"}',
    '{"question": "empty", "answer": " "}',
    '{"question": "p", "answer": "x", "passages": "text"}',
  ];
  const read = readExampleFile(lines.join("\r\n"));
  expect(read.examples.map((example) => example.question)).toEqual(["How long?", "Who?", "哪把？"]);
  expect(read.problems).toEqual([
    { line: 5, problem: "json" },
    { line: 6, problem: "question" },
    { line: 7, problem: "answer" },
    { line: 8, problem: "answer" },
    { line: 9, problem: "shape" },
  ]);
});

test("understands a whole JSON list as well", () => {
  const text = JSON.stringify([{ question: "a", answer: "b" }, { question: "c" }], null, 2);
  expect(readExampleFile(text)).toMatchObject({
    examples: [{ question: "a" }],
    problems: [{ line: 2, problem: "answer" }],
  });
});

test("a simple recipe sends its preset and nothing else; the advanced one sends numbers the server accepts", () => {
  const draft = newRecipe("dst_1");
  expect(requestOf(draft)).toEqual({ dataset: "dst_1", method: "supervised", preset: "quick" });
  const advanced = requestOf({ ...draft, preset: "custom", name: " Mine ", base: "m" });
  expect(advanced).toMatchObject({ rank: 16, name: "Mine", base: "m", memoryMode: "auto" });
  expect(advanced).not.toHaveProperty("preset");
  expect(advanced).not.toHaveProperty("beta");
  expect(createFineTuneSchema.safeParse(advanced).success).toBe(true);
  expect(requestOf({ ...draft, preset: "custom", method: "preference" })).toMatchObject({ beta: 0.1 });
});

test("there is no request while a number is not allowed, nothing is chosen, or no matrix is left", () => {
  const draft = { ...newRecipe("dst_1"), preset: "custom" as const };
  const wrong = { ...draft, numbers: { ...draft.numbers, rank: "65", learningRate: "", epochs: "0.5" } };
  expect(wrongFields(wrong)).toEqual(["rank", "learningRate"]);
  expect(requestOf(wrong)).toBeNull();
  expect(requestOf({ ...draft, targets: [] })).toBeNull();
  expect(requestOf({ ...draft, dataset: "" })).toBeNull();
  expect(wrongFields({ ...wrong, preset: "quick" })).toEqual([]);
});

test("says better or worse only when zero lies outside of the interval, and knows which way is better (K3)", () => {
  expect(changeOf({ mean: 0.4, interval: [0.3, 0.5] }, false)).toBe("better");
  expect(changeOf({ mean: 0.4, interval: [0.3, 0.5] }, true)).toBe("worse");
  expect(changeOf({ mean: -0.4, interval: [-0.5, -0.3] }, true)).toBe("better");
  expect(changeOf({ mean: 0.4, interval: [-0.1, 0.9] }, false)).toBe("same");
  expect(changeOf({ mean: 0.4, interval: [0, 0.9] }, false)).toBe("same");
});

test("shows only what was measured, and no verdict without an interval", () => {
  const figures = {
    loss: null,
    f1: 0.1,
    rougeL: 0.1,
    refusedRight: null,
    refusedWrong: 0,
    citationSupport: 0.5,
    tokensPerSecond: 20,
    generalLoss: null,
    generalScore: null,
  };
  const gate: Gate = {
    passed: true,
    verdicts: [],
    base: figures,
    adapter: { ...figures, f1: 0.5, refusedRight: 0.8 },
    differences: { f1: { mean: 0.4, interval: [0.3, 0.5] } },
    exampleCount: 10,
    samples: [],
  };
  const rows = gateRows(gate);
  expect(rows.map((row) => row.key)).toEqual([
    "f1",
    "rougeL",
    "refusedRight",
    "refusedWrong",
    "citationSupport",
    "tokensPerSecond",
  ]);
  expect(rows.map((row) => row.change)).toEqual(["better", null, null, null, null, null]);
});

const press = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

test("letters act on a focused example alone, never inside its fields or with a modifier", () => {
  expect(reviewAction(press("a"), true)).toBe("approve");
  expect(reviewAction(press("A"), true)).toBe("approve");
  expect(reviewAction(press("ArrowUp"), true)).toBe("previous");
  expect(reviewAction(press("a"), false)).toBeNull();
  expect(reviewAction(press("r", { ctrlKey: true }), true)).toBeNull();
  expect(reviewAction(press("x"), true)).toBeNull();
});

test("stepping over an end of the page leads out of it", () => {
  expect([stepTo(0, "next", 3), stepTo(2, "previous", 3)]).toEqual([1, 1]);
  expect([stepTo(0, "previous", 3), stepTo(2, "next", 3), stepTo(-1, "next", 0)]).toEqual([null, null, null]);
});

test("counts the examples of a file that are too many, and keeps the first", () => {
  const text = ["a", "b", "c"].map((question) => JSON.stringify({ question, answer: "x" })).join("\n");
  expect(readExampleFile(text, 2)).toMatchObject({ examples: [{ question: "a" }, { question: "b" }], tooMany: 1 });
  expect(readExampleFile(text).tooMany).toBe(0);
});

test("knows the server's remarks on an estimate by their numbers, and leaves a strange one alone", () => {
  const remarks = [
    "This training needs 9.2 GB of free memory even in its smallest mode; 6.1 GB are free. Close other programs.",
    "Only 4 held-out questions have an answer: at least 10 are needed to pass the gate.",
    "64 examples are held out and are what the adapter is judged by.",
  ];
  expect(remarks.map(knownNote)).toMatchObject([
    { key: "memory", values: { needed: "9.2", free: "6.1" } },
    { key: "fewHeldOut", values: { held: "4", least: "10" } },
    { key: "heldOut", values: { held: "64" } },
  ]);
  expect(knownNote("The moon is full.")).toBeNull();
});

test("nothing is trained before something is approved, and no preference without a pair", () => {
  const counts = { approved: 3, pending: 0, rejected: 0, answerable: 3, unanswerable: 0, train: 2, validation: 1 };
  expect(whatIsMissing({ counts: { ...counts, preferences: 0 } }, "supervised")).toBeNull();
  expect(whatIsMissing({ counts: { ...counts, preferences: 0 } }, "preference")).toBe("noPairs");
  expect(whatIsMissing({ counts: { ...counts, preferences: 2 } }, "preference")).toBeNull();
  expect(whatIsMissing({ counts: { ...counts, approved: 0, preferences: 0 } }, "supervised")).toBe("nothingApproved");
});

test("rounds a time to come to what can be known", () => {
  expect([3, 47, 90, 1130, 8400, 7190].map((seconds) => roughDuration(seconds, "en"))).toEqual([
    "5 sec",
    "45 sec",
    "2 min",
    "19 min",
    "2 hr 20 min",
    "2 hr",
  ]);
  expect(roughDuration(1130, "zh")).toBe("19分钟");
});

test("a model file is called by its name, a catalogue model as it is", () => {
  expect(["/home/ada/models/tiny.gguf", "smollm2-135m-instruct"].map(baseLabel)).toEqual([
    "tiny.gguf",
    "smollm2-135m-instruct",
  ]);
});

test("a refusal to train on too little feedback is said with its numbers", () => {
  const detail =
    "The corrections are in the dataset “Harbour” now, but only 3 held-out questions have an answer: at least 10 are needed to judge an adapter.";
  expect(tooFewToJudge(detail)).toEqual({ held: "3", least: "10" });
  expect(tooFewToJudge("There is no such collection.")).toBeNull();
});

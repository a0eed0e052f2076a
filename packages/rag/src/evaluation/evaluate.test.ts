import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { evaluateSet, summarizeAnswers } from "./evaluate.ts";
import type { EvalAnswer } from "./evaluate.ts";
import { loadEvalSet } from "./load-eval-set.ts";
import type { EvalQuestion } from "./load-eval-set.ts";

const question = (id: string, more: Partial<EvalQuestion> = {}): EvalQuestion => ({
  id,
  question: `question ${id}`,
  answers: ["forty litres"],
  answerable: true,
  relevance: new Map([["d1", 1]]),
  ...more,
});
const answer = (more: Partial<EvalAnswer> = {}): EvalAnswer => ({
  answer: "It moves forty litres. [1]",
  refused: false,
  citations: [{ documentId: "d1", answerSpan: [0, 26], supported: true }],
  usage: { promptTokens: 10, completionTokens: 5 },
  generateMs: 100,
  ...more,
});
const refused = answer({
  refused: true,
  answer: "I searched …",
  citations: [],
  usage: { promptTokens: 0, completionTokens: 0 },
  generateMs: 0,
});

describe("search figures", () => {
  test("each mode is measured by itself, over questions that have gold documents", async () => {
    const set = {
      documents: [],
      questions: [question("a"), question("b", { relevance: new Map() }), question("c", { answerable: false })],
    };
    const asked: string[] = [];
    const report = await evaluateSet(set, {
      search: async (query, mode, limit) => {
        asked.push(`${mode} ${query} ${limit}`);
        return mode === "dense" ? ["d2", "d1"] : ["d1", "d1", "d2"];
      },
    });
    expect(asked).toEqual(["lexical question a 100", "dense question a 100", "hybrid question a 100"]);
    expect(report.lexical).toMatchObject({ ndcgAt10: 1, mrrAt10: 1, recallAt10: 1, recallAt100: 1 });
    expect(report.dense).toMatchObject({ mrrAt10: 0.5, ndcgAt10: 1 / Math.log2(3) });
    expect(report.answerF1).toBeUndefined();
    expect(Object.keys(report.hybrid.latency)).toEqual(["p50", "p95"]);
  });

  test("reports progress and stops when told", async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const run = evaluateSet(
      { documents: [], questions: [question("a"), question("b")] },
      {
        search: async () => [],
        onProgress: (done) => (seen.push(done), done === 2 && stop.abort()),
        signal: stop.signal,
      },
    );
    await expect(run).rejects.toMatchObject({ code: "aborted" });
    expect(seen).toEqual([1, 2]);
  });
});

describe("answer figures, by hand", () => {
  test("F1 and exact match score the short answer where there is one, the whole text beside it", () => {
    const rows = [
      { question: question("a"), answer: answer({ shortAnswer: "forty litres" }) },
      { question: question("b"), answer: answer() },
      { question: question("c"), answer: refused },
    ];
    const figures = summarizeAnswers(rows);
    // "It moves forty litres" against "forty litres": precision 2/4, recall 1.
    expect(figures.answerF1).toBeCloseTo((1 + 2 / 3 + 0) / 3, 12);
    expect(figures.answerEm).toBeCloseTo(1 / 3, 12);
    expect(figures.fullAnswerF1).toBeCloseTo((2 / 3 + 2 / 3 + 0) / 3, 12);
    expect(figures.tokensPerSecond).toBeCloseTo(50, 9);
  });

  test("G3: refusals are right on unanswerable questions and wrong on answerable ones", () => {
    const un = (id: string) => question(id, { answerable: false, answers: [], relevance: new Map() });
    const rows = [
      { question: un("a"), answer: refused },
      { question: un("b"), answer: answer() },
      { question: question("c"), answer: answer() },
      { question: question("d"), answer: refused },
      { question: question("e"), answer: answer() },
      { question: question("f"), answer: answer() },
    ];
    expect(summarizeAnswers(rows).refusal).toEqual({ right: 0.5, wrong: 0.25, balanced: 0.625 });
  });

  test("citations are precise when they name gold documents, and complete when they name all of them", () => {
    const two = question("a", {
      relevance: new Map([
        ["d1", 1],
        ["d2", 1],
      ]),
    });
    const citations = [
      { documentId: "d1", answerSpan: [0, 26] as const, supported: true },
      { documentId: "d9", answerSpan: [0, 26] as const, supported: true },
    ];
    const figures = summarizeAnswers([{ question: two, answer: answer({ citations }) }]);
    expect(figures).toMatchObject({ citationPrecision: 0.5, citationRecall: 0.5 });
  });

  test("a shown sentence that no supported citation covers counts as unsupported", () => {
    const text = "It moves forty litres. [1] It is blue.";
    const figures = summarizeAnswers([{ question: question("a"), answer: answer({ answer: text }) }]);
    expect(figures.unsupportedShare).toBe(0.5);
  });
});

describe("evaluation sets", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lorekeep-eval-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, ...lines: unknown[]) =>
    writeFile(
      join(folder, name),
      lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
    );

  test("docs.jsonl + qa.jsonl, with one gold document or several", async () => {
    await write("docs.public.jsonl", { _id: "d1", title: "T", text: "x" }, "");
    await write(
      "qa.public.jsonl",
      { id: "1", question: "q", answers: ["a"], answerable: true, doc_id: "d1" },
      { id: 2, question: "q", answers: [], answerable: false, gold_docs: ["d1", "d2"] },
    );
    const { documents, questions } = await loadEvalSet(folder);
    expect(documents).toEqual([{ id: "d1", title: "T", text: "x" }]);
    expect(questions.map(({ id, answerable, relevance }) => [id, answerable, [...relevance.keys()]])).toEqual([
      ["1", true, ["d1"]],
      ["2", false, ["d1", "d2"]],
    ]);
  });

  test("BEIR form, with its halves: only judged queries, relevance as given", async () => {
    await write("corpus.jsonl", { _id: "d1", title: "T", text: "x" });
    await write("queries.test.jsonl", { _id: "q1", text: "one" }, { _id: "q2", text: "two" });
    await write("qrels.test.tsv", "query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td3\t0");
    const { questions } = await loadEvalSet(folder);
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatchObject({ id: "q1", question: "one", answerable: null });
    expect([...questions[0]!.relevance]).toEqual([
      ["d1", 2],
      ["d3", 0],
    ]);
  });

  test("a broken line is named", async () => {
    await write("docs.jsonl", { _id: "d1", text: "x" });
    await write("qa.jsonl", { id: "1" }, "{broken");
    await expect(loadEvalSet(folder)).rejects.toMatchObject({
      code: "request_invalid",
      message: expect.stringContaining("line 2"),
    });
  });

  test("a folder without a set says what is missing", async () => {
    await expect(loadEvalSet(folder)).rejects.toThrow("docs.jsonl");
    await write("docs.jsonl", { _id: "d1", text: "x" });
    await expect(loadEvalSet(folder)).rejects.toThrow("qa.jsonl");
  });
});

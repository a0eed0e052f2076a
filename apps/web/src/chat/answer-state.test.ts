import type { ChatEvent, CitationResponse, MessageResponse } from "@lorekeep/core";
import { expect, test } from "vitest";
import {
  answerAsText,
  answerOfMessage,
  EMPTY_ANSWER,
  knownMarkers,
  reduceAnswer,
  sourcesOf,
  type AnswerState,
} from "./answer-state.ts";
import { turnsOf } from "./thread.ts";

const citation = (marker: number, support = 1): CitationResponse => ({
  marker,
  chunkId: `chk_${marker}`,
  documentId: "doc_1",
  documentName: "Tides.pdf",
  page: 3,
  quote: "High water comes twice a day.",
  span: [10, 39],
  answerSpan: [0, 20],
  supported: true,
  support,
});
const passage = {
  documentId: "doc_1",
  externalId: null,
  documentName: "Tides.pdf",
  collectionId: "col_1",
  chunkId: "chk_1",
  text: "High water comes twice a day.",
  page: 3,
  span: [10, 39] as [number, number],
  headings: [],
  language: "en" as const,
  mediaType: "application/pdf",
  score: 0.9,
  scores: { dense: 0.9, lexical: null, fused: 0.9 },
};
const events: ChatEvent[] = [
  { type: "conversation", id: "cnv_1", messageId: "msg_2", title: "Tides" },
  { type: "condensed", question: "How often is high water?" },
  { type: "passages", items: [passage] },
  { type: "text-delta", text: "Twice a day [1]. " },
  { type: "text-delta", text: "The moon is cheese [4]." },
  {
    type: "citations",
    items: [citation(1)],
    text: "Twice a day [1].",
    extractive: false,
    cutSentences: ["The moon is cheese [4]."],
  },
  {
    type: "end",
    usage: { promptTokens: 1, completionTokens: 2 },
    timings: {},
    model: "m",
    adapter: null,
    trace: [],
    stopped: false,
  },
];
const after = (count: number) => events.slice(0, count).reduce<AnswerState>(reduceAnswer, EMPTY_ANSWER);

test("appends deltas until the checked answer replaces them", () => {
  expect(after(5)).toMatchObject({ phase: "writing", text: "Twice a day [1]. The moon is cheese [4]." });
  expect(after(6)).toMatchObject({ text: "Twice a day [1].", cutSentences: ["The moon is cheese [4]."] });
  expect(after(7)).toMatchObject({ phase: "done", conversationId: "cnv_1", messageId: "msg_2" });
});

test("knows passage numbers while writing and only checked citations after it", () => {
  expect([...knownMarkers(after(4))]).toEqual([1]);
  expect([...knownMarkers(after(7))]).toEqual([1]);
  expect([...knownMarkers({ ...after(7), citations: [] })]).toEqual([]);
});

test("a refusal takes the place of what was written", () => {
  const refused = reduceAnswer(after(5), {
    type: "refusal",
    reason: "not_supported",
    text: "Nothing here answers that.",
    searched: { collections: ["Sea"], passageCount: 6 },
    suggestions: ["When is low water?"],
  });
  expect(refused).toMatchObject({
    text: "Nothing here answers that.",
    citations: [],
    refusal: { reason: "not_supported" },
  });
});

test("an error keeps the text and fails the answer", () => {
  const failed = reduceAnswer(after(4), { type: "error", code: "model_failed", detail: "x" });
  expect(failed).toMatchObject({ phase: "failed", text: "Twice a day [1]. ", error: { code: "model_failed" } });
});

const stored = (id: string, role: "user" | "assistant", text: string, change: Partial<MessageResponse> = {}) =>
  ({
    id,
    role,
    text,
    status: "complete",
    condensedQuestion: null,
    refused: false,
    reason: null,
    extractive: false,
    citations: [],
    passages: [],
    trace: [],
    usage: null,
    model: null,
    feedback: null,
    createdAt: "2026-01-01T00:00:00Z",
    ...change,
  }) satisfies MessageResponse;

test("a stored message shows the same citations as its stream did (F4)", () => {
  const live = after(7);
  const reloaded = answerOfMessage(
    stored("msg_2", "assistant", "Twice a day [1].", {
      citations: [citation(1)],
      passages: [passage],
      trace: [{ name: "check", startMs: 0, durationMs: 1, detail: { cutSentences: ["The moon is cheese [4]."] } }],
    }),
  );
  expect(reloaded.citations).toEqual(live.citations);
  expect(reloaded.cutSentences).toEqual(live.cutSentences);
  expect(knownMarkers(reloaded)).toEqual(knownMarkers(live));
});

test("the short answer and the adapter come through the stream as through a reload (F4)", () => {
  const shortAnswer = { text: "Twice", chunkId: "chk_1", span: [10, 15] as [number, number] };
  const cited = reduceAnswer(after(5), { ...(events[5] as Extract<ChatEvent, { type: "citations" }>), shortAnswer });
  const live = reduceAnswer(cited, { ...(events[6] as Extract<ChatEvent, { type: "end" }>), adapter: "adp_1" });
  const reloaded = answerOfMessage(stored("msg_2", "assistant", "Twice.", { shortAnswer, adapter: "adp_1" }));
  expect([live.shortAnswer, live.adapter]).toEqual([shortAnswer, "adp_1"]);
  expect([reloaded.shortAnswer, reloaded.adapter]).toEqual([shortAnswer, "adp_1"]);
  expect(answerOfMessage(stored("msg_2", "assistant", "Old."))).toMatchObject({ shortAnswer: null, adapter: null });
});

test("an answer whose sources were deleted says so, one that kept some text does not (A1)", () => {
  const gone = { reason: "sources_deleted" };
  expect(answerOfMessage(stored("m", "assistant", "", gone))).toMatchObject({ forgotten: true, refusal: null });
  expect(answerOfMessage(stored("m", "assistant", "Still here.", gone)).forgotten).toBe(false);
});

test("shows each source once, by its best support, in order", () => {
  expect(sourcesOf([citation(2), citation(1, 0.4), citation(1, 0.9)]).map((c) => [c.marker, c.support])).toEqual([
    [1, 0.9],
    [2, 1],
  ]);
});

test("copies an answer with its sources", () => {
  expect(answerAsText(after(7), { sources: "Sources", page: (page) => `page ${page}` })).toBe(
    "Twice a day [1].\n\nSources\n[1] Tides.pdf, page 3: “High water comes twice a day.”",
  );
});

test("a stored refusal offers the same topics as its stream did (F4)", () => {
  const live = reduceAnswer(after(3), {
    type: "refusal",
    reason: "not_supported",
    text: "No.",
    searched: { collections: [], passageCount: 1 },
    suggestions: ["something else"],
  });
  const reloaded = answerOfMessage(
    stored("msg_2", "assistant", "No.", { refused: true, reason: "not_supported", passages: [passage] }),
  );
  expect(reloaded.refusal).toEqual(live.refusal);
  expect(reloaded.refusal?.suggestions).toEqual(["Tides.pdf"]);
});

const history = [stored("msg_1", "user", "How often?"), stored("msg_2", "assistant", "Twice.")];

const live = (question: string, answer: AnswerState, replaces: string | null = null) => ({
  question,
  answer,
  replaces,
});
const keys = (turns: ReturnType<typeof turnsOf>) => turns.map((turn) => turn.key);

test("pairs questions with answers", () => {
  expect(turnsOf(history, [])).toMatchObject([{ question: "How often?", answer: { text: "Twice." } }]);
});

test("the streamed answer stands before its stored copy, and other turns stay", () => {
  const arriving = live("How often?", after(5));
  expect(turnsOf(history, [arriving])).toMatchObject([{ key: "msg_2", answer: { text: arriving.answer.text } }]);
  const next = live("Why?", { ...after(5), messageId: "msg_4" });
  expect(keys(turnsOf([...history, stored("msg_3", "user", "Why?")], [next]))).toEqual(["msg_2", "msg_4"]);
});

test("a finished answer stays finished while the store still calls it streaming and the next is asked", () => {
  const stale = [history[0]!, stored("msg_2", "assistant", "", { status: "streaming" })];
  const turns = turnsOf(stale, [live("How often?", after(7)), live("Why?", { ...after(2), messageId: "msg_4" })]);
  expect(turns.map((turn) => [turn.key, turn.answer?.phase])).toEqual([
    ["msg_2", "done"],
    ["msg_4", "searching"],
  ]);
});

test("a finished answer that the store does not list yet stays in its place", () => {
  const turns = turnsOf([], [live("How often?", after(7)), live("Why?", EMPTY_ANSWER)]);
  expect(keys(turns)).toEqual(["msg_2", "live"]);
});

test("a regenerated answer takes the place of the one that it replaces, under a new id or the same", () => {
  expect(keys(turnsOf(history, [live("How often?", EMPTY_ANSWER, "msg_2")]))).toEqual(["live"]);
  const renamed = { ...after(7), messageId: "msg_9" };
  expect(keys(turnsOf(history, [live("How often?", after(7)), live("How often?", renamed, "msg_2")]))).toEqual([
    "msg_9",
  ]);
  expect(keys(turnsOf(history, [live("How often?", after(7), "msg_2")]))).toEqual(["msg_2"]);
});

test("a stored answer keeps what only its stream knew, and later turns are shown", () => {
  const later = [...history, stored("msg_3", "user", "Why?"), stored("msg_4", "assistant", "The moon.")];
  const turns = turnsOf(later, [live("How often?", after(7))]);
  expect(keys(turns)).toEqual(["msg_2", "msg_4"]);
  expect(turns[0]?.answer?.cutSentences).toHaveLength(1);
});

test("the store wins over a stream that broke off", () => {
  const broken: AnswerState = { ...after(4), phase: "failed", error: { code: "unreachable", detail: "" } };
  expect(turnsOf(history, [live("How often?", broken)])[0]?.answer?.text).toBe("Twice.");
});

test("a question without an answer is still shown", () => {
  const turns = turnsOf([stored("msg_0", "user", "Hello?"), ...history], []);
  expect(turns.map((turn) => [turn.question, turn.answer?.text])).toEqual([
    ["Hello?", undefined],
    ["How often?", "Twice."],
  ]);
});

import type { Citation, MessageId, RatedAnswer } from "@lorekeep/core";
import { expect, test } from "vitest";
import { makePassage } from "../testing/passages.ts";
import { feedbackExamples } from "./feedback-examples.ts";
import { REFUSAL_TARGETS } from "./refusal-target.ts";

const passages = [
  makePassage("The winch is greased every four weeks.", { seq: 1, document: "winch" }),
  makePassage("The pump is serviced every 400 hours.", { seq: 2, document: "pump" }),
];
const cites = (seq: number): Citation[] => [{ chunkId: `chk_${seq}` } as Citation];
let count = 0;
const rated = (more: Partial<RatedAnswer>): RatedAnswer => ({
  messageId: `msg_${++count}` as MessageId, // test ids: only their being distinct matters
  ...{ question: "When is the pump serviced?", answer: "Every 400 hours. [2]", refused: false, rating: 1 },
  ...{ correction: null, reason: null, passages, citations: cites(2), ratedAt: "2026-01-01T00:00:00Z" },
  ...more,
});

test("a liked answer becomes an example, without its markers, on the passage that it cites", () => {
  const [example] = feedbackExamples([rated({})]);
  expect(example).toMatchObject({
    answer: "Every 400 hours.",
    rejectedAnswer: null,
    source: "feedback",
    status: "pending",
  });
  expect(example).toMatchObject({ answerable: true, language: "en", group: "doc_pump" });
  expect(example!.passages.map(({ gold }) => gold)).toEqual([false, true]);
});

test("a passage that was merged from several chunks is the right one by the place of the quote", () => {
  const { documentId, span } = passages[1]!;
  const neighbour = { ...cites(7)[0]!, documentId, span };
  const [example] = feedbackExamples([rated({ answer: "Often. [2]", citations: [neighbour] })]);
  expect(example!.passages.map(({ gold }) => gold)).toEqual([false, true]);
});

test("a correction is the answer and what was said is rejected, in Chinese too", () => {
  const wrong = { rating: -1, answer: "Every four weeks. [1]", citations: cites(1) } as const;
  const [example] = feedbackExamples([rated({ ...wrong, correction: " every 400 hours " })]);
  expect(example).toMatchObject({
    answer: "every 400 hours",
    rejectedAnswer: "Every four weeks.",
    source: "correction",
  });
  expect(example!.passages.map(({ gold }) => gold)).toEqual([false, true]);
  const [chinese] = feedbackExamples([
    rated({ rating: -1, question: "水泵多久保养一次？", answer: "找不到。", refused: true, correction: "每四百小时" }),
  ]);
  expect(chinese).toMatchObject({ language: "zh", answer: "每四百小时", rejectedAnswer: REFUSAL_TARGETS.zh });
});

test("a liked refusal, and a correction that refuses, become questions without an answer", () => {
  const refusal = { answer: "I searched 3 documents.", refused: true, citations: [] } as const;
  const [liked] = feedbackExamples([rated(refusal)]);
  expect(liked).toMatchObject({ answer: null, answerable: false, rejectedAnswer: null });
  expect(liked!.passages.some(({ gold }) => gold)).toBe(false);
  const [corrected] = feedbackExamples([rated({ rating: -1, correction: REFUSAL_TARGETS.en })]);
  expect(corrected).toMatchObject({ answer: null, answerable: false, rejectedAnswer: "Every 400 hours." });
});

test("a disliked answer teaches only beside a better one to the same question, whichever came first", () => {
  const disliked = rated({ rating: -1, answer: "It is loud. [1]" });
  expect(feedbackExamples([disliked])).toEqual([]);
  for (const order of [
    [disliked, rated({})],
    [rated({}), disliked],
  ]) {
    const examples = feedbackExamples(order);
    expect(examples).toHaveLength(1);
    expect(examples[0]).toMatchObject({ answer: "Every 400 hours.", rejectedAnswer: "It is loud." });
  }
});

test("the last word on a question counts", () => {
  const examples = feedbackExamples([
    rated({ rating: -1, correction: "every 500 hours" }),
    rated({ rating: -1, question: "when is the pump serviced", correction: "every 600 hours" }),
  ]);
  expect(examples.map(({ answer }) => answer)).toEqual(["every 600 hours"]);
});

import type { CitationResponse, SearchResult } from "@lorekeep/core";
import { expect, test } from "vitest";
import { sentencesOf } from "./sentence-evidence.ts";

const cite = (text: string, sentence: string, change: Partial<CitationResponse>): CitationResponse => ({
  marker: 1,
  chunkId: "chk_1",
  documentId: "doc_1",
  documentName: "a.md",
  page: null,
  quote: sentence,
  span: [0, sentence.length],
  answerSpan: [text.indexOf(sentence), text.indexOf(sentence) + sentence.length],
  supported: true,
  support: 1,
  ...change,
});

test("each sentence stands once with all that it is cited to, in the answer's order, without markers", () => {
  const text = "### Pumps\n\nIt is blue. [1][2] It is \\| old. [2]";
  const checked = { support: 0.7, features: { coverage: 0.9, order: 1 }, verdict: "weak" as const };
  const sentences = sentencesOf({
    text,
    citations: [
      cite(text, "It is blue. [1][2]", {}),
      cite(text, "It is blue. [1][2]", { marker: 2, chunkId: "chk_2", ...checked }),
      cite(text, "It is \\| old. [2]", { marker: 2, chunkId: "chk_2" }),
    ],
    passages: [{ chunkId: "chk_2" } as SearchResult],
  });
  expect(sentences.map((sentence) => sentence.text)).toEqual(["It is blue.", "It is | old."]);
  const [quoted, compared] = sentences[0]!.evidence;
  expect(quoted).toMatchObject({ isQuoted: true, verdict: "supported", passage: null, features: [] });
  expect(compared).toMatchObject({
    isQuoted: false,
    verdict: "weak",
    features: [
      ["coverage", 0.9],
      ["order", 1],
    ],
  });
  expect(compared!.passage?.chunkId).toBe("chk_2");
});

import { describe, expect, test } from "vitest";
import { newId } from "@lorekeep/core";
import type { Citation, DocumentId, Message, Passage } from "@lorekeep/core";
import { forgetQuotes } from "./forget-quotes.ts";

const KEPT = "doc_kept" as DocumentId;
const GONE = "doc_gone" as DocumentId;

const passage = (documentId: DocumentId, text: string) =>
  ({ documentId, documentName: `${documentId}.txt`, text, headings: [] }) as unknown as Passage;

function message(change: Partial<Message>): Message {
  return {
    id: newId("message"),
    conversationId: newId("conversation"),
    role: "assistant",
    text: "",
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
    createdAt: "",
    ...change,
  };
}

/** A citation of the first place where the sentence stands in the text. */
function cite(text: string, sentence: string, documentId: DocumentId, marker: number): Citation {
  const start = text.indexOf(sentence);
  return {
    marker,
    documentId,
    documentName: `${documentId}.txt`,
    quote: sentence,
    answerSpan: [start, start + sentence.length],
    supported: true,
  } as unknown as Citation;
}

const forget = (answer: Message, ...before: Message[]): Message =>
  forgetQuotes([...before, answer].map((each) => ({ message: each, gone: new Set([GONE]) }))).at(-1)!;

const passages = [passage(KEPT, "The pump is blue."), passage(GONE, "The secret code is zebra.")];

describe("A1 forgetting", () => {
  test("leaves nothing of an answer whose every quote is gone, its headings and notes included", () => {
    const text = "### Blue pumps\n\nThe secret code is zebra. [1]";
    const citations = [cite(text, "The secret code is zebra. [1]", GONE, 1)];
    const given = { text, citations, passages: [passage(GONE, "The secret code is zebra.")] };
    const before = message({ role: "user", text: "Blue pumps?" });
    expect(forget(message({ ...given, extractive: true }), before)).toMatchObject({
      text: "",
      reason: "sources_deleted",
    });
    expect(forget(message(given), before).text).toContain("Blue pumps");
  });

  test("takes out sentences that rest only on what is gone, with passages and citations", () => {
    const text = "The pump is blue [1]. The secret code is zebra [2]. It is blue indeed [1].";
    const citations = [
      cite(text, "The pump is blue [1].", KEPT, 1),
      cite(text, "The secret code is zebra [2].", GONE, 2),
      cite(text, "It is blue indeed [1].", KEPT, 1),
    ];
    const seen = forget(message({ text, citations, passages }), message({ role: "user", text: "is it indeed so?" }));
    expect(seen.text).not.toContain("zebra");
    expect(seen.text).toContain("The pump is blue [1].");
    expect(seen.text).toContain("It is blue indeed [1].");
    expect(seen.passages).toEqual([{ ...passages[0], marker: 1 }]);
    expect(seen.citations.map(({ answerSpan }) => seen.text.slice(...answerSpan))).toEqual([
      "The pump is blue [1].",
      "It is blue indeed [1].",
    ]);
  });

  test("keeps every number: what stays is cited and listed as before, and no marker is left without its passage", () => {
    const text = "The code is zebra [1]. The pump is blue [2]. It is blue indeed [3][1].";
    const citations = [
      cite(text, "The code is zebra [1].", GONE, 1),
      cite(text, "The pump is blue [2].", KEPT, 2),
      ...[cite(text, "It is blue indeed [3][1].", KEPT, 3), cite(text, "It is blue indeed [3][1].", GONE, 1)],
    ];
    const shown = [passages[1]!, passages[0]!, passage(KEPT, "It is blue indeed.")];
    const seen = forget(message({ text, citations, passages: shown }));
    expect(seen.text.trim()).toBe("The pump is blue [2]. It is blue indeed [3].");
    expect(seen.passages.map(({ marker, text: said }) => [marker, said])).toEqual([
      [2, "The pump is blue."],
      [3, "It is blue indeed."],
    ]);
    const cited = new Set(seen.citations.map(({ marker }) => marker));
    const markers = [...seen.text.matchAll(/\[(\d+)\]/g)].map(([, digits]) => Number(digits));
    expect(markers.every((marker) => cited.has(marker))).toBe(true);
    // Once more, when the next document goes.
    const next = forgetQuotes([
      { message: { ...seen, citations: [], passages: seen.passages }, gone: new Set([KEPT]) },
    ]);
    expect(next[0]!.passages).toEqual([]);
  });

  test("takes out markers of a stopped answer's text that no citation explains", () => {
    const seen = forget(message({ text: "The pump is blue [1]. It runs well [2].", passages, status: "stopped" }));
    expect(seen.text).toBe("The pump is blue [1]. It runs well.");
  });

  test("takes out uncited sentences that hold a word which only gone passages had", () => {
    const seen = forget(message({ text: "The pump is blue. The code is zebra", passages, status: "stopped" }));
    expect(seen.text).toBe("The pump is blue. ");
  });

  test("takes out only the marker where another source still supports the sentence", () => {
    const text = "The pump is blue [1][2].";
    const citations = [cite(text, text, KEPT, 1), cite(text, text, GONE, 2)].map((each) => ({
      ...each,
      quote: "The pump is blue.",
    }));
    const both = [passages[0]!, passage(GONE, "The pump is blue.")];
    const seen = forget(message({ text, citations, passages: both }));
    expect(seen.text).toBe("The pump is blue [1].");
    expect(seen.citations.map(({ answerSpan }) => answerSpan)).toEqual([[0, seen.text.length]]);
  });

  test("works in Chinese", () => {
    const text = "水泵是蓝色的[1]。密码是斑马[2]。";
    const citations = [cite(text, "水泵是蓝色的[1]。", KEPT, 1), cite(text, "密码是斑马[2]。", GONE, 2)];
    const seen = forget(
      message({ text, citations, passages: [passage(KEPT, "水泵是蓝色的。"), passage(GONE, "密码是斑马。")] }),
    );
    expect(seen.text).toBe("水泵是蓝色的[1]。");
  });

  test("reaches later questions and traces that took a word from the answer", () => {
    const later = message({
      text: "The pump is blue.",
      condensedQuestion: "What does zebra open?",
      trace: [
        {
          name: "condense",
          startMs: 0,
          durationMs: 1,
          detail: { question: "zebra?", parts: ["zebra", 3], ok: "pump" },
        },
      ],
    });
    const seen = forget(later, message({ passages }));
    expect(seen.condensedQuestion).toBeNull();
    expect(seen.trace[0]!.detail).toEqual({ question: "", parts: ["", 3], ok: "pump" });
    expect(seen.text).toBe("The pump is blue.");
  });

  test("leaves the user's own words alone", () => {
    const question = message({ role: "user", text: "What about zebra?" });
    const answer = message({ text: "Nothing about zebra.", passages });
    const [seen, reply] = forgetQuotes([question, answer].map((each) => ({ message: each, gone: new Set([GONE]) })));
    expect(seen).toBe(question);
    expect(reply!.text).toBe("Nothing about zebra.");
  });

  test("says why an answer is empty", () => {
    expect(forget(message({ text: "The secret code is zebra.", passages }))).toMatchObject({
      text: "",
      reason: "sources_deleted",
    });
  });

  test("changes nothing when nothing is gone, and nothing more when done twice", () => {
    const answer = message({ text: "The code is zebra. The pump is blue.", passages });
    expect(forgetQuotes([{ message: answer, gone: new Set() }])).toEqual([answer]);
    const once = forget(answer);
    expect(forgetQuotes([{ message: once, gone: new Set<DocumentId>() }])).toEqual([once]);
  });
});

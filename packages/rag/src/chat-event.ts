/** Nouns of the house → shapes on the wire. */
import type { ChatEvent, Passage, SearchResult } from "@lorekeep/core";
import type { AnswerEvent } from "./answer-question.ts";

export function toSearchResult(passage: Passage): SearchResult {
  const { documentId, externalId, documentName, collectionId, chunkId, text, page, language, mediaType } = passage;
  return {
    ...{ documentId, externalId, documentName, collectionId, chunkId, text, page, language, mediaType },
    span: [...passage.span],
    headings: [...passage.headings],
    score: passage.scores.fused,
    scores: { ...passage.scores },
  };
}

export function toChatEvent(event: AnswerEvent): ChatEvent {
  switch (event.type) {
    case "passages":
      return { type: "passages", items: event.items.map(toSearchResult) };
    case "citations": {
      const items = event.items.map((citation) => ({
        ...citation,
        span: [...citation.span] as [number, number], // a copy of a pair is a pair
        answerSpan: [...citation.answerSpan] as [number, number],
      }));
      return { ...event, items, cutSentences: [...event.cutSentences] };
    }
    case "refusal":
      return { ...event };
    case "end":
      return {
        ...event,
        usage: { ...event.usage },
        timings: { ...event.timings },
        trace: event.trace.map((step) => ({ ...step, detail: { ...step.detail } })),
      };
    case "condensed":
    case "text-delta":
      return event;
  }
}

/** What the read path says as it goes: the wire's chat events in the nouns of the house; `toChatEvent` translates. */
import type { ChatEvent, Citation, Passage, SearchResult, Span, TokenUsage, TraceStep } from "@lorekeep/core";
import type { RefusalMessage } from "./refusal-text.ts";

/** The answer proper: word for word from the passage of `chunkId`, where `span` points in the parsed text. */
export interface ShortAnswer {
  readonly text: string;
  readonly chunkId: Passage["chunkId"];
  readonly span: Span;
}

export type AnswerEvent =
  | { readonly type: "condensed"; readonly question: string }
  /** In marker order: [n] is the n-th of these. */
  | { readonly type: "passages"; readonly items: readonly Passage[] }
  | { readonly type: "text-delta"; readonly text: string }
  /** `text` replaces what was streamed: unsupported sentences are cut, markers are right. */
  | {
      readonly type: "citations";
      readonly items: readonly Citation[];
      readonly text: string;
      readonly extractive: boolean;
      readonly cutSentences: readonly string[];
      readonly shortAnswer?: ShortAnswer | undefined;
    }
  | ({ readonly type: "refusal" } & RefusalMessage)
  | {
      readonly type: "end";
      readonly usage: TokenUsage;
      readonly timings: Readonly<Record<string, number>>;
      readonly model: string;
      readonly adapter: string | null;
      readonly trace: readonly TraceStep[];
      readonly stopped: boolean;
    };

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
      const { shortAnswer, ...rest } = event;
      const short = shortAnswer && { ...shortAnswer, span: [...shortAnswer.span] as [number, number] }; // likewise
      return { ...rest, items, cutSentences: [...event.cutSentences], ...(short && { shortAnswer: short }) };
    }
    case "refusal":
      return { ...event };
    case "end": {
      const trace = event.trace.map((step) => ({ ...step, detail: { ...step.detail } }));
      return { ...event, usage: { ...event.usage }, timings: { ...event.timings }, trace };
    }
    case "condensed":
    case "text-delta":
      return event;
  }
}

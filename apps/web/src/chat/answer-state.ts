/**
 * One answer as it arrives: a pure reducer over the events of POST /chat. The same shape is made of a stored message,
 * so that a reload shows exactly what the stream showed.
 */
import { passageMarkers } from "@lorekeep/core";
import type { ChatEvent, CitationResponse, MessageResponse, SearchResult, ShortAnswer } from "@lorekeep/core";

export type AnswerPhase = "searching" | "writing" | "checking" | "done" | "failed";
export type TraceStepResponse = MessageResponse["trace"][number];

export interface AnswerState {
  readonly conversationId: string | null;
  readonly messageId: string | null;
  readonly phase: AnswerPhase;
  readonly condensed: string | null;
  readonly text: string;
  readonly passages: readonly SearchResult[];
  readonly citations: readonly CitationResponse[];
  /** The answer proper, marked in its sentence. */
  readonly shortAnswer: ShortAnswer | null;
  readonly extractive: boolean;
  readonly cutSentences: readonly string[];
  /** Its text went with the documents that it was drawn from. */
  readonly forgotten: boolean;
  readonly refusal: {
    readonly reason: string;
    readonly suggestions: readonly string[];
  } | null;
  readonly trace: readonly TraceStepResponse[];
  readonly model: string | null;
  /** Id of the adapter that it was written with. */
  readonly adapter: string | null;
  readonly stopped: boolean;
  readonly error: { readonly code: string; readonly detail: string } | null;
}

export const EMPTY_ANSWER: AnswerState = {
  conversationId: null,
  messageId: null,
  phase: "searching",
  condensed: null,
  text: "",
  passages: [],
  citations: [],
  shortAnswer: null,
  extractive: false,
  cutSentences: [],
  forgotten: false,
  refusal: null,
  trace: [],
  model: null,
  adapter: null,
  stopped: false,
  error: null,
};

export function reduceAnswer(state: AnswerState, event: ChatEvent): AnswerState {
  switch (event.type) {
    case "conversation":
      return { ...state, conversationId: event.id, messageId: event.messageId };
    case "condensed":
      return { ...state, condensed: event.question };
    case "passages":
      return { ...state, passages: event.items, phase: "writing" };
    case "text-delta":
      return { ...state, text: state.text + event.text, phase: "writing" };
    case "citations":
      return {
        ...state,
        text: event.text,
        citations: event.items,
        shortAnswer: event.shortAnswer ?? null,
        extractive: event.extractive,
        cutSentences: event.cutSentences,
        phase: "checking",
      };
    case "refusal":
      return {
        ...state,
        text: event.text,
        citations: [],
        refusal: { reason: event.reason, suggestions: topicsOf(state.passages, event.suggestions) },
        phase: "checking",
      };
    case "end":
      return {
        ...state,
        trace: event.trace,
        model: event.model,
        adapter: event.adapter,
        stopped: event.stopped,
        phase: "done",
      };
    case "error":
      return { ...state, error: { code: event.code, detail: event.detail }, phase: "failed" };
  }
}

/** The stored message in the shape of a finished answer. */
export function answerOfMessage(message: MessageResponse): AnswerState {
  return {
    ...EMPTY_ANSWER,
    messageId: message.id,
    phase: message.status === "streaming" ? "writing" : message.status === "failed" ? "failed" : "done",
    condensed: message.condensedQuestion,
    text: message.text,
    passages: message.passages,
    citations: message.citations,
    shortAnswer: message.shortAnswer ?? null,
    extractive: message.extractive,
    cutSentences: cutSentencesOf(message.trace),
    forgotten: message.text === "" && message.reason === "sources_deleted",
    refusal: message.refused
      ? { reason: message.reason ?? "not_supported", suggestions: topicsOf(message.passages, []) }
      : null,
    trace: message.trace,
    model: message.model,
    adapter: message.adapter ?? null,
    stopped: message.status === "stopped",
    error: message.status === "failed" ? { code: message.reason ?? "unexpected", detail: "" } : null,
  };
}

const MAX_TOPICS = 3;

/** Headings of the nearest passages (or their documents' names), so that a reload offers what the stream offered. */
function topicsOf(passages: readonly SearchResult[], otherwise: readonly string[]): readonly string[] {
  if (passages.length === 0) return otherwise;
  const topics = passages.map(({ headings, documentName }) => (headings.at(-1) ?? documentName).trim());
  return [...new Set(topics.filter((topic) => topic !== ""))].slice(0, MAX_TOPICS);
}

/** Traces keep the sentences that the check removed under `cutSentences` of one of the steps. */
function cutSentencesOf(trace: readonly TraceStepResponse[]): string[] {
  for (const step of trace) {
    const cut = step.detail["cutSentences"];
    if (Array.isArray(cut)) return cut.filter((sentence) => typeof sentence === "string");
  }
  return [];
}

/** Numbers that may be shown as chips: the checked citations, or, while writing, every passage's. */
export function knownMarkers(state: AnswerState): ReadonlySet<number> {
  if (state.phase === "searching" || state.phase === "writing") return new Set(passageMarkers(state.passages));
  return new Set(state.citations.map((citation) => citation.marker));
}

/** One line a source: citations of one marker and place are shown once, in order of their numbers. */
export function sourcesOf(citations: readonly CitationResponse[]): CitationResponse[] {
  const byMarker = new Map<number, CitationResponse>();
  for (const citation of citations) {
    const seen = byMarker.get(citation.marker);
    if (seen === undefined || citation.support > seen.support) byMarker.set(citation.marker, citation);
  }
  return [...byMarker.values()].sort((a, b) => a.marker - b.marker);
}

/** The answer as people paste it: text, then the sources that it cites. */
export function answerAsText(state: AnswerState, words: { sources: string; page: (page: number) => string }): string {
  const sources = sourcesOf(state.citations).map((citation) => {
    const place = citation.page === null ? "" : `, ${words.page(citation.page)}`;
    return `[${citation.marker}] ${citation.documentName}${place}: “${citation.quote.trim()}”`;
  });
  return sources.length === 0 ? state.text : `${state.text}\n\n${words.sources}\n${sources.join("\n")}`;
}

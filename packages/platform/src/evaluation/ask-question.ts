/** One question of a run: searched in every way and answered as the chat would, with nothing stored but what was measured. */
import type { Collection, EvaluationCandidate, Example, MeasuredAnswer, Passage, RankFigures } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import { answerQuestion, openGold, retrieve, scoreRanking, SEARCH_MODES, verdictIn } from "@lorekeep/rag";
import type { AnswerAdapter, AnswerEvent, Gold, SearchMode } from "@lorekeep/rag";
import type { AdaptationParts } from "../adaptation/parts.ts";

const DEPTH = 100;

export interface Asking {
  readonly collection: Collection;
  readonly adapter: AnswerAdapter | undefined;
  readonly writing: EvaluationCandidate["writing"];
  readonly signal: AbortSignal;
}

export interface Searched {
  /** Null where nothing is known about the right passage. */
  readonly arms: Record<SearchMode, RankFigures> | null;
  /** Of the chat's way of searching. */
  readonly passages: readonly Passage[];
  readonly isRight: (passage: Passage) => boolean;
}

export interface Said extends MeasuredAnswer {
  readonly answer: string;
  readonly refused: boolean;
}

/** `turn` changes which way goes first, so that none always finds warm what another has just read. */
export async function searchQuestion(
  parts: AdaptationParts,
  example: Example,
  { asking, turn }: { readonly asking: Asking; readonly turn: number },
): Promise<Searched> {
  const gold = openGold(example.answerable ? example.passages.filter((passage) => passage.gold) : [], example.answer);
  const found = new Map<SearchMode, { passages: readonly Passage[]; ms: number }>();
  for (const at of SEARCH_MODES.keys()) {
    const mode = SEARCH_MODES[(at + turn) % SEARCH_MODES.length]!;
    if (mode !== "hybrid" && gold.relevance.size === 0) continue;
    const startedMs = performance.now();
    const { passages } = await retrieve(
      { query: example.question, mode, limit: DEPTH, collections: [asking.collection], signal: asking.signal },
      parts.answer,
    );
    found.set(mode, { passages, ms: performance.now() - startedMs });
  }
  return {
    arms: gold.relevance.size === 0 ? null : rank(gold, found),
    passages: found.get("hybrid")?.passages ?? [],
    isRight: (passage) => gold.relevance.has(gold.idOf(passage)),
  };
}

function rank(
  gold: Gold,
  found: ReadonlyMap<SearchMode, { passages: readonly Passage[]; ms: number }>,
): Record<SearchMode, RankFigures> {
  const row = (mode: SearchMode): RankFigures => {
    const { passages = [], ms = 0 } = found.get(mode) ?? {};
    return scoreRanking(
      passages.map((passage) => gold.idOf(passage)),
      gold.relevance,
      Math.round(ms * 10) / 10,
    );
  };
  return { lexical: row("lexical"), dense: row("dense"), hybrid: row("hybrid") };
}

/** Throws aborted when it was stopped in the middle. */
export async function answerAsChat(
  parts: AdaptationParts,
  question: string,
  { collection, adapter, writing, signal }: Asking,
): Promise<Said> {
  const events: AnswerEvent[] = [];
  const request = { question, history: [], collections: [collection], adapter, writing, signal };
  for await (const event of answerQuestion(request, parts.answer)) events.push(event);
  const find = <Type extends AnswerEvent["type"]>(type: Type) =>
    events.find((event): event is Extract<AnswerEvent, { type: Type }> => event.type === type);
  const [end, cited, refusal] = [find("end"), find("citations"), find("refusal")];
  if (end === undefined || end.stopped) throw new AppError("aborted", "The answer was stopped.");
  return {
    answer: cited?.text ?? refusal?.text ?? "",
    ...(cited?.shortAnswer === undefined ? {} : { shortAnswer: cited.shortAnswer.text }),
    refused: refusal !== undefined,
    citations: (cited?.items ?? []).map(({ documentId, chunkId, answerSpan, supported }) => ({
      ...{ documentId, chunkId, supported },
      answerSpan: [answerSpan[0], answerSpan[1]],
    })),
    usage: { ...end.usage },
    generateMs: end.timings.generateMs ?? 0,
    cutSentenceCount: cited?.cutSentences.length ?? 0,
    probability: verdictIn(end.trace)?.probability ?? null,
  };
}

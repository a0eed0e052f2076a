/** One question being answered: what was asked, with which settings, over which ports, and what it cost so far. */
import type {
  Collection,
  Conversations,
  Documents,
  Generator,
  GeneratorAdapter,
  Passages,
  PromptChoice,
  Reader,
  SearchFilter,
  TokenUsage,
} from "@lorekeep/core";
import type { Turn } from "./condense-question.ts";
import { agreedPrompt } from "./prompt.ts";
import { readQuestion } from "./question.ts";
import type { Question } from "./question.ts";
import type { RetrieveDeps } from "./retrieve.ts";
import { loadTermWeights } from "./text/term-weights.ts";
import type { TermWeight } from "./text/term-weights.ts";
import { contentTerms, distinctKeys } from "./text/terms.ts";
import { startTrace } from "./trace.ts";
import type { Trace } from "./trace.ts";

export interface AnswerDeps extends RetrieveDeps {
  readonly passages: Pick<Passages, "keywordSearch" | "matchFilter" | "load" | "termStatistics"> &
    Partial<Pick<Passages, "listChunks" | "readPages">>;
  /** Documents by name, for summaries; absent: there are none. */
  readonly documents?: Pick<Documents, "get" | "getByExternalId" | "list"> | undefined;
  /** The configured generator, loaded. Throws model_missing and the like: answers are then quoted. */
  readonly generator: () => Promise<Generator>;
  /** The reader that marks answers in passages, loaded; undefined = there is none. Absent: likewise. */
  readonly reader?: (() => Promise<Reader | undefined>) | undefined;
  /** Answers that people rated; absent: nobody keeps them. Read only where a prompt asks for examples. */
  readonly ratedAnswers?: Pick<Conversations, "feedbackLike"> | undefined;
  /** What the configuration says where a request says nothing. */
  readonly writing?: AnswerRequest["writing"];
}

/** What answers are written with on top of the generator; taken once, so that an answer ends as it began (K4). */
export interface AnswerAdapter {
  /** What the `end` event reports; null = the bare base. */
  readonly id: string | null;
  /** For the generator: null = the base, undefined = its own default. */
  readonly use: GeneratorAdapter | null | undefined;
  /** Measured to answer from passages, so its sentences are shown and its refusals believed; undefined = as the generator says. */
  readonly answersFromPassages: boolean | undefined;
}

export interface AnswerRequest {
  readonly question: string;
  /** Earlier turns, oldest first, without this question. */
  readonly history: readonly Turn[];
  readonly collections: readonly Collection[];
  readonly filter?: SearchFilter | undefined;
  /** `quote` never generates, `generate` keeps weakly supported text too; `auto` is the product's way. */
  readonly writing?: "auto" | "quote" | "generate" | undefined;
  /** Absent: the generator as it is. */
  readonly adapter?: AnswerAdapter | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Run extends AnswerRequest {
  readonly deps: AnswerDeps;
  readonly trace: Trace;
  readonly passageCount: number;
  readonly refusalThreshold: number;
  /** Null: the shipped one. */
  readonly prompt: PromptChoice | null;
  /** How telling the terms of these texts are in the searched collections. */
  weightsOf(texts: readonly string[]): Promise<TermWeight>;
  readQuestion(text: string): Promise<Question>;
  usage: TokenUsage;
  model: string;
  stopped: boolean;
}

/** Name of the "model" that wrote an answer of quoted sentences. */
export const EXTRACTIVE = "extractive";

export function beginRun(request: AnswerRequest, deps: AnswerDeps): Run {
  const settings = request.collections.map(({ retrieval }) => retrieval);
  const weightsOf = (texts: readonly string[]): Promise<TermWeight> =>
    weightsOfTexts(deps.passages, request.collections, texts);
  return {
    ...request,
    writing: request.writing ?? deps.writing,
    deps,
    trace: startTrace(),
    passageCount: Math.max(1, ...settings.map(({ passageCount }) => passageCount)),
    // The most careful collection decides.
    refusalThreshold: Math.max(0, ...settings.map(({ refusalThreshold }) => refusalThreshold)),
    prompt: agreedPrompt(settings.map(({ prompt }) => prompt)),
    weightsOf,
    readQuestion: async (text) => readQuestion(text, await weightsOf([text])),
    usage: { promptTokens: 0, completionTokens: 0 },
    model: EXTRACTIVE,
    stopped: false,
  };
}

/** How telling the terms of these texts are in the collections that are searched now. */
export function weightsOfTexts(
  passages: Pick<Passages, "termStatistics">,
  collections: readonly Pick<Collection, "generationId">[],
  texts: readonly string[],
): Promise<TermWeight> {
  const keys = texts.flatMap((text) => distinctKeys(contentTerms(text.normalize("NFKC"))));
  const generationIds = collections.map(({ generationId }) => generationId);
  return loadTermWeights(passages, generationIds, keys);
}

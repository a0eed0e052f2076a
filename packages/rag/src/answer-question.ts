/**
 * The read path: question → condensed question → passages → packed context → verdict → text → checked citations.
 *
 * Code, not the model, decides three things: whether the passages hold an answer at all, which sentences of the text stay,
 * and what each of them cites. Without a generator, or one that does not write the question's language, the answer is quoted
 * sentences; when nothing stands, it is a refusal that says what was searched. Stopping at any time still checks what was
 * streamed so far.
 */
import type {
  Citation,
  Collection,
  Generator,
  Passage,
  Passages,
  SearchFilter,
  TokenUsage,
  TraceStep,
} from "@lorekeep/core";
import { AppError, throwIfAborted } from "@lorekeep/core";
import { citeSentences } from "./cite.ts";
import type { CitedAnswer } from "./cite.ts";
import { cleanGenerated } from "./clean-generated.ts";
import { condenseQuestion } from "./condense-question.ts";
import type { Turn } from "./condense-question.ts";
import { extractAnswer } from "./extract.ts";
import { generateAnswer } from "./generate-answer.ts";
import { packContext } from "./pack-context.ts";
import type { PackedContext, PackedPassage } from "./pack-context.ts";
import { buildPrompt, MAX_ANSWER_TOKENS, PROMPT_VERSION } from "./prompt.ts";
import { readQuestion } from "./question.ts";
import type { Question } from "./question.ts";
import { writeRefusal } from "./refusal-text.ts";
import type { RefusalMessage } from "./refusal-text.ts";
import { cosineScaleOf, judgeAnswerability } from "./refuse.ts";
import { retrieve } from "./retrieve.ts";
import type { Retrieval, RetrieveDeps } from "./retrieve.ts";
import { loadTermWeights } from "./text/term-weights.ts";
import { contentTerms, distinctKeys } from "./text/terms.ts";
import { startTrace } from "./trace.ts";
import type { Trace } from "./trace.ts";

export interface AnswerDeps extends RetrieveDeps {
  readonly passages: Pick<Passages, "keywordSearch" | "matchFilter" | "load" | "termStatistics">;
  /** The configured generator, loaded. Throws model_missing and the like: answers are then quoted. */
  readonly generator: () => Promise<Generator>;
}

export interface AnswerRequest {
  readonly question: string;
  /** Earlier turns, oldest first. */
  readonly history: readonly Turn[];
  readonly collections: readonly Collection[];
  readonly filter?: SearchFilter | undefined;
  /** `quote` never generates; `auto` is the product's way. */
  readonly writing?: "auto" | "quote" | "generate" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As the wire's chat events, in the nouns of the house; `toChatEvent` translates. */
export type AnswerEvent =
  | { readonly type: "condensed"; readonly question: string }
  /** In marker order: [n] is the n-th of these. */
  | { readonly type: "passages"; readonly items: readonly Passage[] }
  | { readonly type: "text-delta"; readonly text: string }
  | {
      readonly type: "citations";
      readonly items: readonly Citation[];
      readonly text: string;
      readonly extractive: boolean;
      readonly cutSentences: readonly string[];
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

/** Name of the "model" that wrote an answer of quoted sentences. */
export const EXTRACTIVE = "extractive";
/** Passages read beyond those packed: the verdict compares the best with the rest. */
const RETRIEVED = 20;
/** Tokens kept free in the window beside prompt and answer. */
const WINDOW_MARGIN = 16;
/** A generated answer supported less than this gives way to quoted sentences. */
const GENERATED_SUPPORT_FROM = 0.7;

interface Run extends AnswerRequest {
  readonly deps: AnswerDeps;
  readonly trace: Trace;
  usage: TokenUsage;
  model: string;
  stopped: boolean;
}

/** Ends with exactly one `end`, also when stopped. Throws what is neither a stop nor a missing model. */
export async function* answerQuestion(
  request: AnswerRequest,
  deps: AnswerDeps,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const usage = { promptTokens: 0, completionTokens: 0 };
  const run: Run = { ...request, deps, trace: startTrace(), usage, model: EXTRACTIVE, stopped: false };
  try {
    yield* readPath(run);
  } catch (error) {
    if (request.signal?.aborted !== true) throw error;
    run.stopped = true;
  }
  const { model, stopped, trace } = run;
  yield { type: "end", usage: run.usage, timings: trace.timings(), model, adapter: null, trace: trace.steps, stopped };
}

async function* readPath(run: Run): AsyncGenerator<AnswerEvent, void, undefined> {
  if (run.collections.every(({ documentCount }) => documentCount === 0)) return yield refuse(run, "no_documents", []);

  const condensed = await run.trace.step("condense", () => condenseQuestion(run.question, run.history), describeRule);
  if (condensed.changed) yield { type: "condensed", question: condensed.question };

  const retrieval = await run.trace.step("retrieve", () => search(run, condensed.question), describeRetrieval);
  if (retrieval.passages.length === 0) return yield refuse(run, "nothing_found", []);

  const question = await run.trace.step("weigh", () => weigh(run, condensed.question));
  const writer = await run.trace.step(
    "choose-writer",
    () => chooseWriter(run, question, retrieval.passages),
    describeWriter,
  );
  const context = await run.trace.step(
    "pack",
    () => pack(run, question, retrieval.passages, writer.generator),
    describePacking,
  );
  yield { type: "passages", items: context.packed.map(({ passage }) => passage) };

  const verdict = await run.trace.step(
    "judge",
    () => judgeAnswerability(question, retrieval.passages, cosineScaleOf(retrieval.plan.dense)),
    ({ probability, features, model }) => ({ probability, threshold: thresholdOf(run), model, ...features }),
  );
  if (verdict.probability < thresholdOf(run)) return yield refuse(run, "not_supported", retrieval.passages);

  const generated =
    writer.generator === null ? null : yield* generateAndCheck(run, question, context, writer.generator);
  if (generated !== null) return yield citationsEvent(generated, false);
  if (run.stopped) return;

  const quoted = await run.trace.step("extract", () => extractAnswer(question, context.packed), describeCitations);
  if (quoted.text === "") return yield refuse(run, "not_supported", retrieval.passages);
  if (writer.generator === null) yield { type: "text-delta", text: quoted.text };
  yield citationsEvent(quoted, true);
}

function search(run: Run, query: string): Promise<Retrieval> {
  const { collections, filter, signal } = run;
  const limit = Math.max(RETRIEVED, passageCountOf(run));
  return retrieve({ query, collections, limit, filter, signal }, run.deps);
}

async function weigh(run: Run, question: string): Promise<Question> {
  const keys = distinctKeys(contentTerms(question.normalize("NFKC")));
  const generationIds = run.collections.map(({ generationId }) => generationId);
  return readQuestion(question, await loadTermWeights(run.deps.passages, generationIds, keys));
}

interface Writer {
  readonly generator: Generator | null;
  /** Why there is none. */
  readonly why: string | null;
}

/** A generator writes only where it knows the language of the question and of the passages. */
async function chooseWriter(run: Run, question: Question, passages: readonly Passage[]): Promise<Writer> {
  if (run.writing === "quote") return { generator: null, why: "quoting was asked for" };
  try {
    const generator = await run.deps.generator();
    const passageLanguage = passages[0]?.language ?? question.language;
    for (const language of [question.language, passageLanguage])
      if (!generator.languages.includes(language))
        return { generator: null, why: `${generator.name} does not write ${language}` };
    return { generator, why: null };
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith("model_")) throw error;
    return { generator: null, why: error.code };
  }
}

function pack(
  run: Run,
  question: Question,
  passages: readonly Passage[],
  generator: Generator | null,
): Promise<PackedContext> {
  const count = (packed: readonly PackedPassage[]): Promise<number> =>
    generator!.countPromptTokens(buildPrompt(question.text, packed));
  const window =
    generator === null
      ? undefined
      : { maxPromptTokens: generator.contextTokens - MAX_ANSWER_TOKENS - WINDOW_MARGIN, count };
  return packContext(passages, { passageCount: passageCountOf(run), window });
}

/** Streams the generated text, then returns what of it stands; null when that is too little to show. */
async function* generateAndCheck(
  run: Run,
  question: Question,
  context: PackedContext,
  generator: Generator,
): AsyncGenerator<AnswerEvent, CitedAnswer | null, undefined> {
  throwIfAborted(run.signal);
  const startedMs = run.trace.elapsedMs();
  const generated = yield* generateAnswer(generator, buildPrompt(question.text, context.packed), run.signal);
  const { usage, ended, error } = generated;
  const firstTokenMs = generated.firstTokenMs === null ? null : startedMs + generated.firstTokenMs;
  run.trace.note(
    "generate",
    { prompt: PROMPT_VERSION, model: generator.name, ended, error, firstTokenMs, ...usage },
    startedMs,
  );
  run.usage = usage;
  run.stopped = ended === "stopped";

  const sentences = cleanGenerated(generated.text, ended !== "stop");
  const cited = await run.trace.step("cite", () => check(run, sentences, context), describeCitations);
  if (cited.text === "" || (cited.support < GENERATED_SUPPORT_FROM && !run.stopped && run.writing !== "generate"))
    return null;
  run.model = generator.name;
  return cited;
}

async function check(run: Run, sentences: readonly string[], context: PackedContext): Promise<CitedAnswer> {
  const generationIds = run.collections.map(({ generationId }) => generationId);
  const keys = sentences.flatMap((sentence) => distinctKeys(contentTerms(sentence)));
  return citeSentences(sentences, context.packed, await loadTermWeights(run.deps.passages, generationIds, keys));
}

function citationsEvent(answer: CitedAnswer, extractive: boolean): AnswerEvent {
  const { citations, text, cutSentences } = answer;
  return { type: "citations", items: citations, text, extractive, cutSentences };
}

function refuse(run: Run, reason: RefusalMessage["reason"], passages: readonly Passage[]): AnswerEvent {
  const { language } = readQuestion(run.question, () => 1);
  return { type: "refusal", ...writeRefusal({ reason, language, collections: run.collections, passages }) };
}

function passageCountOf({ collections }: Run): number {
  return Math.max(...collections.map(({ retrieval }) => retrieval.passageCount));
}

/** The most careful collection decides. */
function thresholdOf({ collections }: Run): number {
  return Math.max(...collections.map(({ retrieval }) => retrieval.refusalThreshold));
}

const describeRule = ({ rule, changed }: { rule: string | null; changed: boolean }) => ({ rule, changed });
const describeWriter = ({ generator, why }: Writer) => ({ generator: generator?.name ?? EXTRACTIVE, why });
const describeRetrieval = ({ plan, timings, passages }: Retrieval) => ({
  ...plan,
  ...timings,
  passageCount: passages.length,
});
const describePacking = ({ packed, dropped, promptTokens }: PackedContext) => ({
  packed: packed.map(({ marker, passage }) => ({ marker, chunkId: passage.chunkId })),
  dropped,
  promptTokens,
});
const describeCitations = ({ citations, cutSentences, support }: CitedAnswer) => ({
  citationCount: citations.length,
  cutSentenceCount: cutSentences.length,
  support,
});

/**
 * The two ways to put an answer into words: a generator whose every sentence is checked, or quoted sentences. Which of them
 * is the writer's matter: languages first, then what survives the check.
 */
import type { Embedder, Generator, Passage, PromptChoice } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { alignWords } from "./align-words.ts";
import type { WordAlignment } from "./align-words.ts";
import type { AnswerEvent } from "./answer-event.ts";
import { withLanguageNote } from "./answers/language-note.ts";
import { EXTRACTIVE } from "./answer-run.ts";
import type { Run } from "./answer-run.ts";
import { citeSentences } from "./cite.ts";
import type { CitedAnswer } from "./cite.ts";
import { cleanGenerated } from "./clean-generated.ts";
import { isModelError } from "./dense-arm.ts";
import { extractAnswer } from "./extract.ts";
import { generateAnswer } from "./generate-answer.ts";
import { isRefusalText } from "./learn/refusal-target.ts";
import { citedShortAnswer, leadOf } from "./lead.ts";
import { packContext } from "./pack-context.ts";
import type { PackedContext, PackedPassage } from "./pack-context.ts";
import { buildPrompt, MAX_ANSWER_TOKENS, promptName } from "./prompt.ts";
import type { WorkedExample } from "./prompt.ts";
import type { Question } from "./question.ts";
import { readPassages } from "./read-passages.ts";
import type { Reading } from "./read-passages.ts";
import { isCrossLingual, passageToAlign } from "./refuse.ts";
import { compareMeaning } from "./sentence-meaning.ts";
import type { SentenceMeaning } from "./sentence-meaning.ts";
import { chooseWorkedExamples } from "./worked-examples.ts";

export interface Writer {
  readonly generator: Generator | null;
  /** Why there is none. */
  readonly why: string | null;
  /** What it is shown before the question. */
  readonly examples: readonly WorkedExample[];
}

const quoting = (why: string): Writer => ({ generator: null, why, examples: [] });

/** Tokens kept free in the window beside prompt and answer. */
const WINDOW_MARGIN = 16;
/** Rated answers looked at for each example: many are disliked, too long, in another language or said to the same question. */
const RATED_PER_EXAMPLE = 8;
/** Of the window, for worked examples. */
const EXAMPLES_SHARE = 0.3;
/** Of the window, for instructions: beyond it no passage would fit, and every question would be refused. */
const INSTRUCTIONS_SHARE = 0.5;
/** A generated answer supported less than this gives way to quoted sentences. */
const GENERATED_SUPPORT_FROM = 0.7;

/** A generator writes only where it knows the language of the question and of the passages. */
export async function chooseWriter(run: Run, question: Question, passages: readonly Passage[]): Promise<Writer> {
  if (run.writing === "quote") return quoting("quoting was asked for");
  try {
    const generator = await run.deps.generator();
    const answers = run.adapter?.answersFromPassages ?? generator.answersFromPassages;
    if (answers === false && run.writing !== "generate")
      return quoting(`${generator.name} is not good enough at answering from passages`);
    const languages = [question.language, passages[0]?.language ?? question.language];
    const unknown = languages.find((language) => !generator.languages.includes(language));
    if (unknown !== undefined) return quoting(`${generator.name} does not write the language “${unknown}”`);
    if (await isCrowdedOut(run, generator)) return quoting("the collection's instructions leave no room for passages");
    return { generator, why: null, examples: await examplesFor(run, question, generator) };
  } catch (error) {
    if (!isModelError(error)) throw error;
    return quoting(error.code);
  }
}

/** Instructions are measured in letters where they are written, and in this generator's tokens only here: Chinese ones may take three a letter. */
async function isCrowdedOut({ prompt }: Run, generator: Generator): Promise<boolean> {
  if (prompt?.instructions === undefined) return false;
  return (
    (await generator.countPromptTokens(buildPrompt("", [], prompt))) > generator.contextTokens * INSTRUCTIONS_SHARE
  );
}

/** Approved answers worth showing first, as long as they leave most of the window to what is asked. */
async function examplesFor(run: Run, question: Question, generator: Generator): Promise<readonly WorkedExample[]> {
  const { prompt, collections, deps } = run;
  const count = prompt?.examples ?? 0;
  if (count === 0 || deps.ratedAnswers === undefined) return [];
  const collectionIds = collections.map(({ id }) => id);
  const rated = await deps.ratedAnswers.feedbackLike(question.text, {
    collectionIds,
    limit: RATED_PER_EXAMPLE * count,
  });
  const examples = chooseWorkedExamples(question, rated, { count, collections: new Set(collectionIds) });
  const most = generator.contextTokens * EXAMPLES_SHARE;
  while (examples.length > 0 && (await generator.countPromptTokens(buildPrompt("", [], prompt, examples))) > most)
    examples.shift();
  return examples;
}

export const describeWriter = ({ generator, why, examples }: Writer) => ({
  ...{ writer: generator?.name ?? EXTRACTIVE, why },
  ...(examples.length === 0 ? {} : { exampleCount: examples.length }),
});

/** Packs what fits beside the answer into the generator's window; quoting has no window. */
export function packFor(
  run: Run,
  { generator, examples }: Writer,
  question: Question,
  passages: readonly Passage[],
): Promise<PackedContext> {
  const { passageCount } = run;
  const window = generator === null ? undefined : windowOf(generator, question, { prompt: run.prompt, examples });
  return run.trace.step("pack", () => packContext(passages, { passageCount, window }), describePacking);
}

/** Where the packed passages answer; null without a reader that works: the answer then rests on words and vectors alone. */
export async function readContext(run: Run, question: Question, context: PackedContext): Promise<Reading | null> {
  try {
    const reader = await run.deps.reader?.();
    if (reader === undefined || context.packed.length === 0) return null;
    return await readPassages(question.text, context.packed, reader, run.signal);
  } catch (error) {
    if (!isModelError(error)) throw error;
    return null;
  }
}

/** The trace is stored and shown to admins: places and numbers, no texts. */
export const describeReading = (reading: Reading | null) =>
  reading === null
    ? { reader: null }
    : {
        reader: reading.reader,
        score: round(reading.score),
        relevance: round(reading.relevance),
        passages: reading.passages.map(({ packed, span, score, relevance, rank }) => ({
          ...{ marker: packed.marker, span, score: round(score), rank: round(rank) },
          relevance: relevance === null ? null : round(relevance),
        })),
      };

/**
 * Streams the generated text, then returns what of it stands; null when that is too little to show. "refused": an adapter that
 * was taught to refuse did so.
 */
export async function* writeAnswer(
  run: Run,
  { generator, examples }: Pick<Writer, "examples"> & { readonly generator: Generator },
  question: Question,
  context: PackedContext,
  reading: Reading | null,
): AsyncGenerator<AnswerEvent, CitedAnswer | "refused" | null, undefined> {
  throwIfAborted(run.signal);
  const startedMs = run.trace.elapsedMs();
  const messages = buildPrompt(question.text, context.packed, run.prompt, examples);
  const { text, usage, ended, error, firstTokenMs } = yield* generateAnswer(generator, messages, run);
  run.usage = usage;
  run.stopped = ended === "stopped";
  const sinceStartMs = firstTokenMs === null ? null : startedMs + firstTokenMs;
  const detail = {
    prompt: promptName(run.prompt),
    writer: generator.name,
    ended,
    error,
    firstTokenMs: sinceStartMs,
    ...usage,
  };
  run.trace.note("generate", detail, startedMs);

  const isDefault = run.adapter?.use === undefined;
  const isTaught = run.adapter?.answersFromPassages ?? (isDefault && generator.answeringAdapter !== undefined);
  if (isTaught && !run.stopped && run.writing !== "generate" && isRefusalText(text)) return "refused";

  const sentences = cleanGenerated(text, ended !== "stop");
  const check = async () => citeSentences(sentences, context.packed, await run.weightsOf(sentences));
  const cited = await run.trace.step("cite", check, describeCitations);
  if (cited.text === "") return null;
  if (run.writing !== "generate" && !run.stopped) {
    const isBeside = !isTaught && !meets(cited, extractAnswer(question, context.packed, { reading }));
    if (cited.support < GENERATED_SUPPORT_FROM || isBeside) return null;
  }
  run.model = generator.name;
  const short = citedShortAnswer(leadOf(question, context.packed, reading), cited.citations);
  return short === undefined ? cited : { ...cited, shortAnswer: short };
}

/**
 * True when the generated answer cites the place that quoting would choose. Sentences of a small model are often true of the
 * passages and beside the question: then the quotes are the better answer.
 */
function meets(generated: CitedAnswer, quoted: CitedAnswer): boolean {
  return quoted.citations.some((quote) =>
    generated.citations.some(
      ({ documentId, span }) => documentId === quote.documentId && span[0] < quote.span[1] && quote.span[0] < span[1],
    ),
  );
}

export async function quoteAnswer(
  run: Run,
  question: Question,
  context: PackedContext,
  reading: Reading | null,
): Promise<CitedAnswer> {
  const extract = async (): Promise<CitedAnswer> => {
    const meaning = await meaningFor(run, question, context.packed);
    return withLanguageNote(extractAnswer(question, context.packed, { meaning, reading }), question.language);
  };
  return run.trace.step("extract", extract, describeCitations);
}

/** Across languages no word of the question stands in the passages: then meaning ranks their sentences. Else undefined. */
export async function meaningFor(
  run: Run,
  question: Question,
  packed: readonly PackedPassage[],
): Promise<SentenceMeaning | undefined> {
  const passages = packed.map(({ passage }) => passage);
  const embedder = isCrossLingual(question, passages) ? await embedderOf(run) : null;
  return embedder === null ? undefined : compareMeaning(question.text, packed, embedder, run.signal);
}

/** For the verdict: the question's words beside those of the passage that answers best. Null where no embedder can compare them. */
export async function alignLead(
  run: Run,
  question: Question,
  passages: readonly Passage[],
  reading: Reading | null,
): Promise<WordAlignment | null> {
  const passage = passageToAlign(question, passages, reading, run.collections[0]!.embedder);
  const embedder = passage === null ? null : await embedderOf(run);
  if (passage === null || embedder === null) return null;
  try {
    return await alignWords(question, passage, embedder, run.signal);
  } catch (error) {
    if (!isModelError(error)) throw error;
    return null;
  }
}

/** Names and numbers, no texts: likewise. */
export const describeAlignment = (alignment: WordAlignment | null) => ({ ...alignment });

/** The first collection's embedder, or null when it cannot be had: sentences are then ranked by words alone. */
async function embedderOf({ collections, deps }: Run): Promise<Embedder | null> {
  try {
    return await deps.embedderFor(collections[0]!.embedder);
  } catch (error) {
    if (!isModelError(error)) throw error;
    return null;
  }
}

function windowOf(
  generator: Generator,
  question: Question,
  { prompt, examples }: { prompt: PromptChoice | null; examples: readonly WorkedExample[] },
) {
  return {
    maxPromptTokens: generator.contextTokens - MAX_ANSWER_TOKENS - WINDOW_MARGIN,
    count: (packed: readonly PackedPassage[]) =>
      generator.countPromptTokens(buildPrompt(question.text, packed, prompt, examples)),
  };
}

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
const round = (value: number): number => Math.round(value * 100) / 100;

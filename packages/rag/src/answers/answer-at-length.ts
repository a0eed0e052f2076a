/**
 * The answers that are more than one fact: a summary, a comparison, and what follows on "show me more". Each is laid out in cited
 * parts of quoted sentences; where there is nothing to quote, it is refused like any other. What this file does not know how to
 * answer goes back to the read path.
 */
import type { DocumentRecord, Language, Passage } from "@lorekeep/core";
import type { AnswerEvent } from "../answer-event.ts";
import type { Run } from "../answer-run.ts";
import { alignLead, describeAlignment, describeReading, meaningFor, readContext } from "../answer-text.ts";
import { firstSentences, rankSentences } from "../extract.ts";
import { leadOf } from "../lead.ts";
import { packContext } from "../pack-context.ts";
import { cosineScaleOf, isCrossLingual, judgeAnswerability } from "../refuse.ts";
import { retrieve } from "../retrieve.ts";
import type { Retrieval } from "../retrieve.ts";
import { languageAround, readAskedFor } from "./asked-for.ts";
import type { AskedFor, Side } from "./asked-for.ts";
import { citations, nothingMore, refusal, whichDocument } from "./closing-events.ts";
import { compareSides } from "./compare-sides.ts";
import type { ReadSide } from "./compare-sides.ts";
import { findDocument } from "./find-document.ts";
import { furtherSentences, saidIn } from "./further-sentences.ts";
import { withLanguageNote } from "./language-note.ts";
import { layOutAnswer } from "./lay-out-answer.ts";
import type { AnswerPart } from "./lay-out-answer.ts";
import { quoteList } from "./quote-list.ts";
import { readDocument, summarise } from "./summarise-document.ts";

/** What is being said, beside the run itself. */
interface Telling {
  readonly run: Run;
  /** Of our own words. */
  readonly language: Language;
  /** What the conversation has said already; empty unless more is asked for. */
  readonly isShown: ReturnType<typeof saidIn>;
  readonly isMore: boolean;
}

/** Passages of the same question that "more" may come from. */
const REACH = 30;
/** The value: true when it answered or refused, false when the question is for the ordinary read path. */
type Events = AsyncGenerator<AnswerEvent, boolean, undefined>;

export async function* answerAtLength(run: Run): Events {
  const asked = readAskedFor(run.question, run.history);
  const language = languageAround(run.question, asked);
  if (asked.kind !== "more") return yield* answerKind({ run, language, isShown: saidIn([]), isMore: false }, asked);
  yield { type: "condensed", question: asked.question };
  const said = run.history.filter(({ role }) => role === "assistant").map(({ text }) => text);
  const telling: Telling = { run, language, isShown: saidIn(said), isMore: true };
  const isAnswered = yield* answerKind(telling, readAskedFor(asked.question, []));
  return isAnswered || (yield* answerFurther(telling, asked.question));
}

async function* answerKind(telling: Telling, asked: AskedFor): Events {
  if (asked.kind === "summary") return yield* answerSummary(telling, asked.name);
  if (asked.kind === "comparison") return yield* answerComparison(telling, asked.sides);
  return false;
}

async function* answerSummary(telling: Telling, name: string): Events {
  const { run, language, isShown } = telling;
  const find = () => findDocument(name, run, language);
  const found = await run.trace.step("find-document", find, ({ document }) => ({ found: document !== null }));
  if (found.document === null && found.names.length === 0 && name !== "") return false;
  if (found.document === null) return yield* close(whichDocument(run, found.names, language));
  const { document } = found;
  const parts = await run.trace.step("summarise", () => summaryOf(document, run, isShown), describeParts);
  return yield* tell(telling, parts);
}

async function summaryOf(document: DocumentRecord, run: Run, isShown: Telling["isShown"]): Promise<AnswerPart[]> {
  const passages = await readDocument(document, run);
  return summarise(passages, await run.weightsOf(passages.map(({ text }) => text)), isShown);
}

async function* answerComparison(telling: Telling, sides: readonly [Side, Side]): Events {
  const { run, language, isShown } = telling;
  const read = async (): Promise<[ReadSide, ReadSide]> => [
    await readSide(run, sides[0]),
    await readSide(run, sides[1]),
  ];
  const both = await run.trace.step("compare", read, (found) => ({ read: found.map(({ packed }) => packed.length) }));
  const parts = compareSides(both, language, isShown);
  const passages = both.flatMap(({ packed }) => packed.map(({ passage }) => passage));
  return yield* tell(telling, parts ?? [], passages);
}

async function readSide(run: Run, side: Side): Promise<ReadSide> {
  const { passages, plan } = await search(run, side.query, run.passageCount);
  const { packed } = await packContext(passages, { passageCount: run.passageCount });
  const [named, asked] = [await run.readQuestion(side.name), await run.readQuestion(side.query)];
  const reading = await readContext(run, asked, { packed, dropped: [], promptTokens: null });
  // Nothing names the side there, and the nearest in meaning is always something: only the verdict can tell.
  const isUnknown =
    isCrossLingual(asked, passages) &&
    judgeAnswerability(asked, passages, cosineScaleOf(plan.dense), reading).probability < run.refusalThreshold;
  if (isUnknown) return { side, named, asked, packed: [], reading: null };
  return { side, named, asked, packed, reading, meaning: await meaningFor(run, asked, packed) };
}

/** The next sentences of the same question's passages; refused when its passages would be. */
async function* answerFurther(telling: Telling, text: string): Events {
  const { run, isShown } = telling;
  const { trace, passageCount } = run;
  const find = () => search(run, text, REACH);
  const { passages, plan } = await trace.step("retrieve", find, (found) => ({ passageCount: found.passages.length }));
  const question = await run.readQuestion(text);
  const first = await packContext(passages, { passageCount });
  const reading = await trace.step("read", () => readContext(run, question, first), describeReading);
  const alignment = await trace.step("align", () => alignLead(run, question, passages, reading), describeAlignment);
  const { probability } = judgeAnswerability(question, passages, cosineScaleOf(plan.dense), reading, alignment);
  if (passages.length === 0 || probability < run.refusalThreshold)
    return yield* close(refusal(run, "not_supported", passages));
  const { packed } = await packContext(passages, { passageCount: REACH });
  const meaning = await meaningFor(run, question, packed);
  const best = firstSentences(question, rankSentences(question, first.packed), leadOf(question, first.packed, reading));
  const list = quoteList(question, first.packed, best[0], isShown);
  const statements = furtherSentences(question, packed, { isShown, meaning });
  return yield* tell(telling, list ?? [{ heading: null, form: "prose", statements }]);
}

/** `others`: passages that were read beside those that are cited. */
async function* tell(telling: Telling, parts: readonly AnswerPart[], others: readonly Passage[] = []): Events {
  const { run, language, isMore } = telling;
  const answer = layOutAnswer(parts);
  if (answer.citations.length === 0)
    return yield* close(isMore ? nothingMore(run, language) : refusal(run, "nothing_found", others));
  const seen = new Set(answer.passages.map(({ chunkId }) => chunkId));
  const rest = others.filter(({ chunkId }) => !seen.has(chunkId) && seen.add(chunkId));
  const noted = withLanguageNote(answer, language);
  yield { type: "passages", items: [...answer.passages, ...rest] };
  yield { type: "text-delta", text: noted.text };
  yield citations(noted, true);
  return true;
}

async function* close(event: AnswerEvent): Events {
  yield event;
  return true;
}

function search(run: Run, query: string, limit: number): Promise<Retrieval> {
  const { collections, filter, signal } = run;
  return retrieve({ query, collections, limit, filter, signal }, run.deps);
}

const describeParts = (parts: readonly AnswerPart[]) => ({
  partCount: parts.length,
  sentenceCount: parts.reduce((sum, { statements }) => sum + statements.length, 0),
});

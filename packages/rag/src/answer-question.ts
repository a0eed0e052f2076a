/**
 * The read path: question → condensed question → passages, further ones over a bridge → packed context → marked answers →
 * verdict → text → checked citations. Answers that are more than one fact part from it first.
 *
 * Code, not the model, decides three things: whether the passages hold an answer at all, which sentences of the text stay,
 * and what each of them cites. Without a generator, or one that does not write the question's language, the answer is quoted
 * sentences; when nothing stands, it is a refusal that says what was searched. Stopping at any time still checks what was
 * streamed so far.
 */
import type { AnswerEvent } from "./answer-event.ts";
import { beginRun } from "./answer-run.ts";
import type { AnswerDeps, AnswerRequest, Run } from "./answer-run.ts";
import {
  alignLead,
  chooseWriter,
  describeAlignment,
  describeReading,
  describeWriter,
  packFor,
  quoteAnswer,
  readContext,
  writeAnswer,
} from "./answer-text.ts";
import { answerAtLength } from "./answers/answer-at-length.ts";
import { citations, refusal } from "./answers/closing-events.ts";
import { searchFurther } from "./answers/second-hop.ts";
import { withExactPages } from "./citation/exact-pages.ts";
import { condenseQuestion } from "./condense-question.ts";
import type { CondensedQuestion } from "./condense-question.ts";
import { withoutOwnLanguage } from "./foreign-passages.ts";
import { cosineScaleOf, describeVerdict, judgeAnswerability } from "./refuse.ts";
import { retrieve } from "./retrieve.ts";
import type { Retrieval } from "./retrieve.ts";

/** Passages read beyond those packed: the verdict compares the best with the rest. */
const RETRIEVED = 20;

/** Ends with exactly one `end`, also when stopped. Throws what is neither a stop nor a missing model. */
export async function* answerQuestion(
  request: AnswerRequest,
  deps: AnswerDeps,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const run = beginRun(request, deps);
  try {
    for await (const event of readPath(run))
      yield event.type === "citations" ? { ...event, items: await withExactPages(event.items, deps.passages) } : event;
  } catch (error) {
    if (request.signal?.aborted !== true) throw error;
    run.stopped = true;
  }
  const { usage, model, stopped, trace } = run;
  const adapter = request.adapter?.id ?? null;
  yield { type: "end", usage, timings: trace.timings(), model, adapter, trace: trace.steps, stopped };
}

async function* readPath(run: Run): AsyncGenerator<AnswerEvent, void, undefined> {
  const { trace } = run;
  if (run.collections.every(({ documentCount }) => documentCount === 0)) return yield refusal(run, "no_documents", []);
  if (yield* answerAtLength(run)) return;

  const condensed = await trace.step("condense", () => condenseQuestion(run.question, run.history), omitQuestion);
  yield { type: "condensed", question: condensed.question };

  const retrieval = await trace.step("retrieve", () => search(run, condensed), describeRetrieval);
  const { passages } = retrieval;
  if (passages.length === 0) return yield refusal(run, "nothing_found", []);

  const question = await trace.step("weigh", () => run.readQuestion(condensed.question));
  const writer = await trace.step("choose-writer", () => chooseWriter(run, question, passages), describeWriter);
  const context = await packFor(run, writer, question, await searchFurther(run, question, retrieval));
  yield { type: "passages", items: context.packed.map(({ passage }) => passage) };

  const reading = await trace.step("read", () => readContext(run, question, context), describeReading);
  const alignment = await trace.step("align", () => alignLead(run, question, passages, reading), describeAlignment);
  const verdict = await trace.step(
    "judge",
    () => judgeAnswerability(question, passages, cosineScaleOf(retrieval.plan.dense), reading, alignment),
    (judged) => describeVerdict(judged, run.refusalThreshold),
  );
  if (verdict.probability < run.refusalThreshold) return yield refusal(run, "not_supported", passages);

  const { generator, examples } = writer;
  const written =
    generator === null ? null : yield* writeAnswer(run, { generator, examples }, question, context, reading);
  if (written === "refused") return yield refusal(run, "not_supported", passages);
  if (written !== null) return yield citations(written, false);
  if (run.stopped) return;

  const heard = verdict.over === "all" ? { context, reading } : withoutOwnLanguage(question, context, reading);
  const quoted = await quoteAnswer(run, question, heard.context, heard.reading);
  if (quoted.text === "") return yield refusal(run, "not_supported", passages);
  if (generator === null) yield { type: "text-delta", text: quoted.text };
  yield citations(quoted, true);
}

function search(run: Run, { question: query, background }: CondensedQuestion): Promise<Retrieval> {
  const { collections, filter, signal, passageCount } = run;
  const limit = Math.max(RETRIEVED, passageCount);
  return retrieve({ query, background, collections, limit, filter, signal }, run.deps);
}

/** The trace is stored and shown to admins: rules and numbers, no questions. */
const omitQuestion = ({ rule, changed }: { rule: string | null; changed: boolean }) => ({ rule, changed });
const describeRetrieval = ({ plan, timings, passages }: Retrieval) => ({
  ...plan,
  ...timings,
  passageCount: passages.length,
});

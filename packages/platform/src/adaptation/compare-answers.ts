/** One question answered in four ways, side by side: what retrieval brings, what the adapter brings, and both together. */
import type { AdapterId, CompareRequest, CompareResponse, GeneratorAdapter } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { answerQuestion, asChat, isRefusalText, MAX_ANSWER_TOKENS, STOP_STRINGS } from "@lorekeep/rag";
import type { AnswerAdapter } from "@lorekeep/rag";
import { join } from "node:path";
import { resolveCollections } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { AdaptationParts } from "./parts.ts";
import { chooseAdapter, scaleOf } from "./serving-adapter.ts";
import type { ServingParts } from "./serving-adapter.ts";

type Answer = CompareResponse["answers"][number];
type Parts = AdaptationParts & ServingParts;

export async function compareAnswers(
  parts: Parts,
  actor: Actor,
  { question, adapter: id, collections: names }: CompareRequest,
  signal?: AbortSignal,
): Promise<CompareResponse> {
  const collections = await resolveCollections(parts.store.collections, actor, names);
  const bare = await chooseAdapter(parts, null, collections);
  const taught = await chooseAdapter(parts, id, collections);
  const { file } = (await parts.store.adapters.get(id as AdapterId))!; // chooseAdapter has found it
  const weights = { path: join(parts.adaptersFolder, file), scale: scaleOf(taught) };
  const withPassages = (way: Answer["way"], adapter: AnswerAdapter | undefined) => async () => {
    const request = { question, history: [], collections, adapter, signal };
    return timed(way, () => readEvents(answerQuestion(request, parts.answer)));
  };
  const alone = (way: Answer["way"], adapter: GeneratorAdapter | null) => async () =>
    timed(way, () => answerAlone(parts, question, { adapter, signal }));
  const answers: Answer[] = [];
  for (const answer of [
    alone("base", null),
    withPassages("retrieval", bare),
    alone("adapter", weights),
    withPassages("retrieval+adapter", taught),
  ]) {
    throwIfAborted(signal);
    answers.push(await answer());
  }
  return { question, answers };
}

async function timed(way: Answer["way"], answer: () => Promise<Omit<Answer, "way" | "tookMs">>): Promise<Answer> {
  const startedMs = performance.now();
  const said = await answer();
  return { way, ...said, tookMs: Math.round(performance.now() - startedMs) };
}

async function readEvents(events: ReturnType<typeof answerQuestion>): Promise<Omit<Answer, "way" | "tookMs">> {
  const said = { text: "", refused: false, citations: 0 };
  for await (const event of events) {
    if (event.type === "citations") [said.text, said.citations] = [event.text, event.items.length];
    if (event.type === "refusal") [said.text, said.refused] = [event.text, true];
  }
  return said;
}

async function answerAlone(
  { models }: Parts,
  question: string,
  { adapter, signal }: { adapter: GeneratorAdapter | null; signal: AbortSignal | undefined },
): Promise<Omit<Answer, "way" | "tookMs">> {
  const generator = await models.generator();
  let text = "";
  const request = {
    messages: asChat(question),
    maxTokens: MAX_ANSWER_TOKENS,
    temperature: 0,
    stop: STOP_STRINGS,
    adapter,
    signal,
  };
  for await (const event of generator.generate(request)) if (event.type === "text-delta") text += event.text;
  return { text: text.trim(), refused: isRefusalText(text), citations: 0 };
}

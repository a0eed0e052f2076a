/**
 * The gate in the jobs: base and adapter answer the held-out examples through the engine that serves, greedily, with serving's
 * prompt, limit and stop strings; losses come from the trainer's own graph. Killed in the middle, it is simply done again.
 */
import type { ChatMessage, Example, Gate, Generator, GeneratorAdapter } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { buildTrainingMessages, GENERAL_SET, runGate, STOP_STRINGS } from "@lorekeep/rag";
import type { GateAnswer, GateChoice, GateRequest } from "@lorekeep/rag";
import type { TokenCounter, TokenExample } from "./trainer.ts";

/** Held-out examples that are asked at most, each of base and adapter. */
export const MAX_ASKED = 120;

const WINDOW_MARGIN = 4;
/** Answers that are also measured in the serving engine, which is slow at it. */
const COMPARED = 4;

export interface JudgeRequest {
  readonly heldOut: readonly Example[];
  readonly generator: Generator;
  readonly adapter: GeneratorAdapter;
  readonly tokenizer: TokenCounter;
  readonly score: (examples: readonly TokenExample[], withAdapter: boolean) => Promise<number[]>;
  /** The serving engine's loss of the same, with the adapter. */
  readonly servedLoss: (examples: readonly TokenExample[]) => Promise<number[]>;
  /** It could not say: a figure of the report, not a condition, so this does not cost the training. */
  readonly onNotServed: (error: unknown) => void;
  readonly build: NonNullable<GateRequest["build"]>;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export async function judgeAdapter(request: JudgeRequest): Promise<Gate> {
  const { heldOut, tokenizer, build, seed, signal, onProgress } = request;
  const toTokens = ({ messages, target }: { messages: readonly ChatMessage[]; target: string }): TokenExample => ({
    prompt: tokenizer.promptTokenIds(messages),
    answer: tokenizer.answerTokenIds(target),
  });
  const examples = heldOut.slice(0, MAX_ASKED);
  const gate = await runGate({
    examples,
    general: GENERAL_SET,
    generate: (messages, choice) => answer(request, messages, choice),
    lossOf: (items, choice) => request.score(items.map(toTokens), choice.adapter),
    build,
    seed,
    signal,
    onProgress,
  });
  return { ...gate, served: await compareServed(request, examples), samples: withDocuments(gate.samples, examples) };
}

/** Right answers, each in its own prompt, so that both engines see the very same tokens. */
async function compareServed(
  { tokenizer, build, score, servedLoss, onNotServed, signal }: JudgeRequest,
  examples: readonly Example[],
): Promise<Gate["served"]> {
  const asked: TokenExample[] = [];
  for (const example of examples) {
    if (asked.length === COMPARED) break;
    const built = await buildTrainingMessages(example, build);
    if (built === null) continue;
    const { messages, target } = built;
    asked.push({ prompt: tokenizer.promptTokenIds(messages), answer: tokenizer.answerTokenIds(target) });
  }
  throwIfAborted(signal);
  if (asked.length === 0) return undefined;
  const served = await servedLoss(asked).catch((error: unknown) => {
    throwIfAborted(signal);
    onNotServed(error);
    return null;
  });
  if (served === null) return undefined;
  const trained = await score(asked, true);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    examples: asked.length,
    trainedLoss: mean(trained),
    servedLoss: mean(served),
    gap: mean(trained.map((loss, at) => Math.abs(loss - served[at]!))),
  };
}

async function answer(
  { generator, adapter }: JudgeRequest,
  messages: readonly ChatMessage[],
  choice: GateChoice,
): Promise<GateAnswer> {
  throwIfAborted(choice.signal);
  // A small window is filled by the prompt: what does not fit is an answer cut off.
  const room = generator.contextTokens - (await generator.countPromptTokens(messages)) - WINDOW_MARGIN;
  if (room < 1) return { text: "", tokens: 0, ms: 0, unfinished: true };
  const startedMs = performance.now();
  let text = "";
  let [tokens, unfinished] = [0, false];
  const request = {
    messages,
    maxTokens: Math.max(1, Math.min(choice.maxTokens, room)),
    temperature: 0,
    stop: STOP_STRINGS,
    signal: choice.signal,
    adapter: choice.adapter ? adapter : null,
  };
  for await (const event of generator.generate(request)) {
    if (event.type === "text-delta") text += event.text;
    else [tokens, unfinished] = [event.usage.completionTokens, event.reason === "length"];
  }
  return { text, tokens, ms: performance.now() - startedMs, unfinished };
}

/** A side-by-side answer may quote what it was shown: it goes with any of these documents. */
function withDocuments(samples: Gate["samples"], examples: readonly Example[]): Gate["samples"] {
  const shown = new Map<string, Set<string>>();
  for (const { question, passages, group } of examples) {
    const documents = shown.get(question) ?? new Set<string>();
    for (const { documentId } of passages) if (documentId !== null) documents.add(documentId);
    if (group.startsWith("doc_")) documents.add(group);
    shown.set(question, documents);
  }
  return samples.map((sample) => ({ ...sample, documentIds: [...(shown.get(sample.question) ?? [])] }));
}

/**
 * Before an adapter answers anybody, it is compared with the base that it would replace: on held-out examples in the prompt of
 * serving, on questions that the passages do not answer, and on general questions that it was never meant to touch (K3).
 * Generating and measuring losses are functions that the caller passes, so the same gate judges a model or a script.
 */
import type { AnswerFigures, ChatMessage, Gate } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { seededRandom, shuffled } from "../evaluation/seeded-random.ts";
import { MAX_ANSWER_TOKENS } from "../prompt.ts";
import { buildTrainingMessages } from "./build-messages.ts";
import type { AskedExample, BuildMessagesOptions } from "./build-messages.ts";
import { compareScores, figuresOf, scoreRun } from "./gate-figures.ts";
import type { GateAnswer, GateItem, GeneralQuestion, ScoredRun } from "./gate-figures.ts";
import { DEFAULT_GATE_RULES, judgeGate } from "./gate-rules.ts";
import type { GateRules } from "./gate-rules.ts";

export interface GateChoice {
  /** False: the bare base. */
  readonly adapter: boolean;
  /** Tokens of the answer at most. */
  readonly maxTokens: number;
  readonly signal?: AbortSignal | undefined;
}

export interface GateRequest {
  /** Held out of training; those too long for the prompt are left out. */
  readonly examples: readonly AskedExample[];
  /** Empty: what is forgotten is not looked at. */
  readonly general: readonly GeneralQuestion[];
  /** Greedy, with serving's stop strings. All of the base's come first, then all of the adapter's. */
  readonly generate: (messages: readonly ChatMessage[], choice: GateChoice) => Promise<GateAnswer>;
  /** Mean loss of each target in nats per token, in order. Absent: losses are not measured. */
  readonly lossOf?:
    | ((
        items: readonly { messages: readonly ChatMessage[]; target: string }[],
        choice: GateChoice,
      ) => Promise<readonly number[]>)
    | undefined;
  /** How prompts are made: budget, passage count, seed. */
  readonly build?: BuildMessagesOptions | undefined;
  readonly rules?: Partial<GateRules> | undefined;
  readonly seed?: number | undefined;
  readonly resamples?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Answers generated so far, of both. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A plain fact is told in the first sentence or not at all. */
const GENERAL_ANSWER_TOKENS = 40;
const SAMPLES = 10;
const UNANSWERABLE_SAMPLES = 3;

export async function runGate(request: GateRequest): Promise<Gate> {
  const { general, signal, seed = 1, resamples } = request;
  const items = await buildItems(request);
  const total = 2 * (items.length + general.length);
  let done = 0;
  const step = (): void => {
    throwIfAborted(signal);
    request.onProgress?.(++done, total);
  };
  const base = await ask(request, items, { adapter: false, maxTokens: MAX_ANSWER_TOKENS, signal }, step);
  const adapter = await ask(request, items, { adapter: true, maxTokens: MAX_ANSWER_TOKENS, signal }, step);
  const differences = compareScores(base, adapter, seed, resamples);
  const figures: { base: AnswerFigures; adapter: AnswerFigures } = {
    base: figuresOf(base),
    adapter: figuresOf(adapter),
  };
  const answerableCount = base.f1.filter((score) => score !== null).length;
  const measured = { ...figures, differences, answerableCount, unanswerableCount: items.length - answerableCount };
  const verdicts = judgeGate(measured, { ...DEFAULT_GATE_RULES, ...request.rules });
  return {
    passed: verdicts.every(({ passed }) => passed),
    verdicts,
    ...figures,
    differences: Object.fromEntries(Object.entries(differences)),
    exampleCount: items.length,
    samples: pickSamples(items, base, adapter, seed),
  };
}

async function buildItems({ examples, build, seed = 1 }: GateRequest): Promise<GateItem[]> {
  const items: GateItem[] = [];
  for (const example of examples) {
    const prompt = await buildTrainingMessages(example, { seed, ...build });
    if (prompt !== null) items.push({ example, prompt });
  }
  return items;
}

async function ask(
  { general, generate, lossOf }: GateRequest,
  items: readonly GateItem[],
  choice: GateChoice,
  step: () => void,
): Promise<ScoredRun> {
  const said: { answers: GateAnswer[]; general: GateAnswer[] } = { answers: [], general: [] };
  for (const { prompt } of items) {
    said.answers.push(await generate(prompt.messages, choice));
    step();
  }
  for (const { question } of general) {
    said.general.push(await generate(asChat(question), { ...choice, maxTokens: GENERAL_ANSWER_TOKENS }));
    step();
  }
  const loss = await lossOf?.(
    items.map(({ prompt }) => prompt),
    choice,
  );
  const generalLoss =
    general.length === 0
      ? undefined
      : await lossOf?.(
          general.map(({ question, answer }) => ({ messages: asChat(question), target: answer })),
          choice,
        );
  return scoreRun({ items, general }, { ...said, loss: loss ?? null, generalLoss: generalLoss ?? null });
}

/** A question as a person types it into a chat without documents. */
export const asChat = (question: string): ChatMessage[] => [{ role: "user", content: question }];

/** Ten side by side, some of them unanswerable; a right refusal counts 1. */
function pickSamples(items: readonly GateItem[], base: ScoredRun, adapter: ScoredRun, seed: number): Gate["samples"] {
  const places = shuffled([...items.keys()], seededRandom(seed));
  const unanswerable = places.filter((at) => base.f1[at] === null);
  const answerable = places.filter((at) => base.f1[at] !== null);
  const answerableCount = Math.max(SAMPLES - UNANSWERABLE_SAMPLES, SAMPLES - unanswerable.length);
  const chosen = answerable.slice(0, answerableCount);
  chosen.push(...unanswerable.slice(0, SAMPLES - chosen.length));
  const scoreAt = (run: ScoredRun, at: number): number => run.f1[at] ?? run.refusedRight[at] ?? 0;
  return chosen.map((at) => ({
    question: items[at]!.example.question,
    expected: base.f1[at] === null ? null : items[at]!.prompt.target,
    base: base.shown[at]!,
    adapter: adapter.shown[at]!,
    baseF1: scoreAt(base, at),
    adapterF1: scoreAt(adapter, at),
  }));
}

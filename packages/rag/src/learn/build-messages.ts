/**
 * An example → the very messages that serving sends, and the text to be learnt as their answer. Training and chat share
 * buildPrompt, so that an adapter never meets at work a prompt that it was not taught (K1).
 *
 * The answer carries no [n]: the citer assigns markers itself and cleanGenerated takes off any that a model wrote, so markers
 * would cost a small model attention and buy nothing. Passages stand in a seeded order, so that the right one is learnt by
 * what it says and not by its place; what does not fit goes distractors first (retrieval-aware tuning after RAFT, Zhang et
 * al. 2024).
 */
import type { ChatMessage, ExampleDraft, ExamplePassage } from "@lorekeep/core";
import { seededRandom, seedOf, shuffled } from "../evaluation/seeded-random.ts";
import { buildPrompt } from "../prompt.ts";
import { REFUSAL_TARGETS } from "./refusal-target.ts";

export type AskedExample = Pick<ExampleDraft, "question" | "answer" | "language" | "passages"> & {
  readonly answerable?: boolean | undefined;
  /** Other answers that count as right when it is measured; never trained on. */
  readonly accepted?: readonly string[] | undefined;
};

export interface TrainingMessages {
  /** System and user, exactly as buildPrompt makes them for a chat with these passages. */
  readonly messages: ChatMessage[];
  /** What the assistant should write: the answer, or the fixed refusal. */
  readonly target: string;
  /** The passages shown, in their order: marker n is passages[n - 1]. */
  readonly passages: readonly ExamplePassage[];
  readonly droppedPassages: number;
}

export interface BuildMessagesOptions {
  /** Prompt and target together, at most. Absent: everything stays. */
  readonly maxTokens?: number | undefined;
  /** Tokens of prompt and target as they are trained on, template included. */
  readonly count?: ((messages: readonly ChatMessage[], target: string) => number | Promise<number>) | undefined;
  /** Passages shown at most, as the collection's passageCount does when serving. */
  readonly passageCount?: number | undefined;
  readonly seed?: number | undefined;
}

/** What the model should say to this example. */
export function targetOf(example: Omit<AskedExample, "passages">): string {
  const answer = example.answer?.replace(/\s+/gu, " ").trim() ?? "";
  if (answer === "" || example.answerable === false) return REFUSAL_TARGETS[example.language];
  return answer;
}

/** null when the example cannot fit `maxTokens` without its right passage: it is too long to be trained on. */
export async function buildTrainingMessages(
  example: AskedExample,
  options: BuildMessagesOptions = {},
): Promise<TrainingMessages | null> {
  const { maxTokens, count, passageCount = Infinity, seed = 1 } = options;
  const target = targetOf(example);
  const random = seededRandom(seedOf(example.question, seed));
  const order = shuffled(distinctPassages(example.passages), random);
  const goldCount = order.filter(({ gold }) => gold).length;
  // A refusal needs at least one passage to refuse, when there are any.
  const needed = goldCount > 0 ? goldCount : Math.min(1, order.length);
  while (order.length > Math.max(needed, passageCount)) dropDistractor(order);
  for (;;) {
    const messages = buildPrompt(example.question, numberPassages(order));
    const droppedPassages = example.passages.length - order.length;
    if (maxTokens === undefined || count === undefined) return { messages, target, passages: order, droppedPassages };
    if ((await count(messages, target)) <= maxTokens) return { messages, target, passages: order, droppedPassages };
    if (order.length <= needed) return null;
    dropDistractor(order);
  }
}

function numberPassages(passages: readonly ExamplePassage[]) {
  return passages.map(({ title, text }, at) => ({
    marker: at + 1,
    text,
    passage: { documentName: title, headings: [] },
  }));
}

function dropDistractor(order: ExamplePassage[]): void {
  order.splice(
    order.findLastIndex(({ gold }) => !gold),
    1,
  );
}

/** The same text twice is shown once, as the gold one if either is. */
function distinctPassages(passages: readonly ExamplePassage[]): ExamplePassage[] {
  const byText = new Map<string, ExamplePassage>();
  for (const passage of passages) if (byText.get(passage.text)?.gold !== true) byText.set(passage.text, passage);
  return [...byText.values()];
}

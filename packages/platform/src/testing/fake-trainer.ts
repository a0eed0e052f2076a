/** A trainer for tests: counts words as tokens, "trains" in as many steps as a test wants, writes a real adapter file. */
import { AppError } from "@lorekeep/core";
import type { Generator } from "@lorekeep/core";
import type { LlamaConfig, TrainingResult } from "@lorekeep/tune";
import type { TokenSets, Trained, Trainer, TrainOrder } from "../adaptation/trainer.ts";
import { pause } from "../wake-ups.ts";

const CONFIG: LlamaConfig = {
  ...{ layers: 1, hidden: 8, feedForward: 16, heads: 2, kvHeads: 2, headDimension: 4, vocabulary: 49_152 },
  ...{ contextTokens: 2048, ropeBase: 10_000, rmsEpsilon: 1e-5, tiedEmbeddings: true },
};
const RANK = 2;

export interface FakeTrainer extends Trainer {
  /** Orders seen so far, with the tokens that came. */
  readonly orders: (TrainOrder & { readonly examples: TokenSets })[];
  steps: number;
  /** Runs before each step; may wait. */
  beforeStep: ((step: number) => Promise<void>) | null;
  failWith: AppError | null;
  /** Null: the serving engine cannot say what it makes of an answer. */
  servedLoss: number | null;
  readonly config: LlamaConfig;
}

const wordIds = (text: string): number[] =>
  [...text.matchAll(/\S+/g)].map(([word]) =>
    [...word].reduce((sum, letter) => (31 * sum + letter.codePointAt(0)!) % 9973, 7),
  );

export function fakeTrainer(generator: () => Generator, base = "tiny.gguf"): FakeTrainer {
  const fake: FakeTrainer = {
    orders: [],
    steps: 4,
    beforeStep: null,
    failWith: null,
    servedLoss: 1.5,
    config: CONFIG,
    versions: () => ({ trainer: "fake" }),
    openBase: async (name) => {
      if (name !== base) throw new AppError("model_missing", `There is no ${name}.`);
      return {
        ...{ name, fingerprint: "f", licence: "Apache-2.0", huggingFaceId: "tiny/tiny", config: CONFIG },
        tokenizer: async () => ({
          promptTokenIds: (messages) => messages.flatMap(({ content }) => wordIds(content)),
          answerTokenIds: (text) => [...wordIds(text), 2],
          close: async () => undefined,
        }),
        weightBytes: async () => 0,
        sha256: async () => "0".repeat(64),
        servedLoss: async (examples) => {
          const { servedLoss } = fake;
          if (servedLoss === null) throw new AppError("model_failed", "The engine ended early.");
          return examples.map(() => servedLoss);
        },
        train: (order) => trainWords(fake, order),
        generator: async () => ({ generator: generator(), close: async () => undefined }),
      };
    },
  };
  return fake;
}

const [PAUSED, CANCELLED] = [0, 1];

async function trainWords(fake: FakeTrainer, order: TrainOrder): Promise<Trained> {
  const { control, onPhase, onPlan, onStep, onValidation } = order;
  onPhase("tokenising");
  fake.orders.push({ ...order, examples: await order.tokenise() });
  onPhase("training");
  onPlan({ memoryMode: "fast", steps: fake.steps, tokens: 1 });
  let step = 0;
  const isCancelled = (): boolean => Atomics.load(control.words, CANCELLED) === 1;
  while (step < fake.steps && !isCancelled()) {
    await fake.beforeStep?.(step);
    if (fake.failWith !== null) throw fake.failWith;
    while (Atomics.load(control.words, PAUSED) === 1 && !isCancelled()) await pause(1);
    if (isCancelled()) break;
    step += 1;
    const speed = { tokensPerSecond: 100, etaSeconds: fake.steps - step, rssBytes: 1e6, skippedSteps: 0 };
    onStep({ step, steps: fake.steps, loss: 3 / step, ...speed });
  }
  onValidation({ step, loss: 1 });
  const stopped = isCancelled() ? ("cancelled" as const) : ("done" as const);
  const learnt: TrainingResult = {
    ...{ parameters: new Map(), lossSeries: [], validationSeries: [], bestStep: step, steps: step, stopped },
    ...{ tokensPerSecond: 100, skippedSteps: 0, lanes: 1 as const, peakRssBytes: 1e6 },
  };
  if (stopped === "cancelled") return { learnt, memoryMode: "fast", adapter: null };
  const tensor = {
    name: "blk.0.attn_q.weight",
    a: new Float32Array(RANK * 8).fill(0.1),
    b: new Float32Array(8 * RANK),
  };
  onPhase("exporting");
  const file = await order.exportAdapter({ rank: RANK, alpha: 4, tensors: [tensor] }, learnt);
  onPhase("judging");
  const gate = await order.judge(file, async (examples, withAdapter) => examples.map(() => (withAdapter ? 1 : 3)));
  return { learnt, memoryMode: "fast", adapter: { file, gate } };
}

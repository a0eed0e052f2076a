/**
 * The trainer as the jobs see it: a base model that can be opened, counted with, trained and judged. local-trainer.ts is the
 * real one; tests script another. All weights and token ids stay behind it.
 */
import type { ChatMessage, FineTune, Gate, Generator } from "@lorekeep/core";
import type { Adapter, FineTunePhase, LlamaConfig, MemoryMode, TrainingControl, TrainingResult } from "@lorekeep/tune";

export type Recipe = FineTune["recipe"];

/** One example as token ids; `rejected` for preference tuning. */
export interface TokenExample {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
  readonly rejected?: readonly number[] | undefined;
}

export interface TokenSets {
  readonly train: readonly TokenExample[];
  readonly validation: readonly TokenExample[];
  readonly droppedCount: number;
}

export interface TrainPlan {
  readonly memoryMode: MemoryMode;
  readonly steps: number;
  readonly tokens: number;
}

/** Mean loss of each answer in nats per token, in order; with the adapter or with the bare base. */
export type ScoreAnswers = (
  examples: readonly TokenExample[],
  withAdapter: boolean,
  signal: AbortSignal,
) => Promise<number[]>;

/** One run through the corridor (fine-tune.ts of @lorekeep/tune), with what only the job can do in it. */
export interface TrainOrder {
  readonly recipe: Recipe;
  tokenise(): Promise<TokenSets>;
  /** Writes the adapter under a name that was never used; the answer is that name. */
  exportAdapter(adapter: Adapter, learnt: TrainingResult): Promise<string>;
  judge(file: string, score: ScoreAnswers): Promise<Gate>;
  /** The run's own: graphs and checkpoints. Whatever is in it, the run goes on there. */
  readonly folder: string;
  readonly control: TrainingControl;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: FineTunePhase) => void;
  readonly onPlan: (plan: TrainPlan) => void;
  readonly onStep: (step: {
    readonly step: number;
    readonly steps: number;
    readonly loss: number | null;
    readonly tokensPerSecond: number;
    readonly etaSeconds: number;
    readonly rssBytes: number;
    readonly skippedSteps: number;
  }) => void;
  readonly onValidation: (point: { readonly step: number; readonly loss: number }) => void;
}

export interface Trained {
  readonly learnt: TrainingResult;
  readonly memoryMode: MemoryMode;
  /** File and verdict; null when the run was cancelled on the way. */
  readonly adapter: { readonly file: string; readonly gate: Gate } | null;
}

export interface TokenCounter {
  promptTokenIds(messages: readonly ChatMessage[]): number[];
  answerTokenIds(text: string): number[];
  close(): Promise<void>;
}

export interface TrainableBase {
  /** As the configuration names it: a catalogue name or a path. */
  readonly name: string;
  readonly fingerprint: string;
  readonly licence: string | null;
  /** For trainers elsewhere, which start from the unquantised weights. */
  readonly huggingFaceId: string;
  readonly config: LlamaConfig;
  tokenizer(): Promise<TokenCounter>;
  /** Bytes that its float32 weights will still take on the disk: none once they have been prepared. */
  weightBytes(): Promise<number>;
  /** Of the model file, once it has been trained on; for the card. */
  sha256(): Promise<string>;
  /** Log-likelihood of each answer as the serving engine computes it, in nats per token, negated. Slow: for a few. Throws model_failed, aborted. */
  servedLoss(examples: readonly TokenExample[], adapterPath: string | null, signal: AbortSignal): Promise<number[]>;
  /** From examples to a judged adapter. Throws memory_low, disk_full, training_diverged, aborted, and what the order's own functions throw. */
  train(order: TrainOrder): Promise<Trained>;
  /** The engine that serves, with these weights. */
  generator(): Promise<{ readonly generator: Generator; close(): Promise<void> }>;
}

export interface Trainer {
  /** Throws model_missing, model_unsupported (says which models can be trained), model_invalid. */
  openBase(name: string): Promise<TrainableBase>;
  /** Versions of trainer and runtime, for the card. */
  versions(): Readonly<Record<string, string>>;
}

/**
 * The trainer as the jobs see it: a base model that can be opened, counted with, trained and judged. local-trainer.ts is the
 * real one; tests script another. All weights and token ids stay behind it.
 */
import type { ChatMessage, FineTune, Generator } from "@lorekeep/core";
import type { Adapter, LlamaConfig, MemoryMode, TrainingControl, TrainingResult } from "@lorekeep/tune";

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

export interface TrainOrder {
  readonly recipe: Recipe;
  readonly examples: TokenSets;
  /** The run's own: graphs and checkpoints. Whatever is in it, the run goes on there. */
  readonly folder: string;
  readonly control: TrainingControl;
  readonly signal: AbortSignal;
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
  /** Null when the run was cancelled on the way. */
  readonly adapter: Adapter | null;
  readonly learnt: TrainingResult;
  readonly memoryMode: MemoryMode;
  /** Mean loss of each answer in nats per token, in order; with the adapter or with the bare base. */
  score(examples: readonly TokenExample[], withAdapter: boolean, signal: AbortSignal): Promise<number[]>;
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
  /** Throws memory_low, disk_full, training_diverged, conflict (the folder is of another run), aborted. */
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

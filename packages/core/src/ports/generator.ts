/** Chat messages → text. */
import type { Language, TokenUsage } from "../domain.ts";

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What is learnt on top of a generator's weights. A driver may keep a file's content by its path: a path never gets another content. */
export interface GeneratorAdapter {
  readonly path: string;
  /** 0 = the base exactly, 1 = as trained. */
  readonly scale: number;
}

export interface GenerateRequest {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
  /** 0 = greedy. */
  readonly temperature?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * The whole answer is written with it. Absent = the generator's own default; null = the base weights. A driver that knows no
   * adapters throws request_invalid when it is given one.
   */
  readonly adapter?: GeneratorAdapter | null | undefined;
}

export type GenerateEvent =
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "end"; readonly usage: TokenUsage; readonly reason: "stop" | "length" };

export interface Generator {
  readonly name: string;
  readonly fingerprint: string;
  /** Prompt and answer together. */
  readonly contextTokens: number;
  /** Languages it writes well enough to be shown; a question in another language gets quoted sentences. */
  readonly languages: readonly Language[];
  /** False: measured to mix passages up, so answers are quoted unless the configuration insists. Absent = true. */
  readonly answersFromPassages?: boolean | undefined;
  /** Name of the adapter that answers when a request names none: it was taught to answer from passages, and to refuse. */
  readonly answeringAdapter?: string | undefined;
  /** Tokens of the whole prompt as it would be sent, template included. */
  countPromptTokens(messages: readonly ChatMessage[]): Promise<number>;
  /** Streams deltas, then exactly one `end`. Throws model_missing, model_busy, model_failed, context_too_long, aborted. */
  generate(request: GenerateRequest): AsyncIterable<GenerateEvent>;
  close(): Promise<void>;
}

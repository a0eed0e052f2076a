/**
 * Chat messages → streamed text, by llama.cpp (through node-llama-cpp) on native threads. Several answers run at once, each on a
 * sequence of a context; a sequence keeps its last prompt, so a follow-up evaluates only what is new. A context belongs to one adapter
 * (or to the base), so an answer ends with the adapter it began with, whatever is switched on meanwhile. Nothing is ever cut: a prompt that
 * does not fit with its answer is refused. Chat templates are ours (chat-template.ts), shared with training.
 */
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Llama, LlamaContext, LlamaContextOptions, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import {
  AppError,
  throwIfAborted,
  type ChatMessage,
  type GenerateEvent,
  type GenerateRequest,
  type Generator,
  type GeneratorAdapter,
  type Language,
  type Logger,
} from "@lorekeep/core";
import { AdapterPlaces, type Lease, type PlaceGroup } from "./adapter-places.ts";
import { promptIds } from "./chat-tokenizer.ts";
import { detectChatTemplate, type ChatTemplate } from "./chat-template.ts";
import { StopFilter } from "./stop-filter.ts";
import { ThreadGovernor } from "./thread-governor.ts";

/** Prompts are evaluated in pieces of this many tokens; between two pieces a request can be stopped. */
const PROMPT_BATCH_TOKENS = 256;
/** Tokens before the current one that the detokeniser may look at. */
const DETOKENIZE_CONTEXT = 8;

export interface GeneratorOptions {
  readonly name: string;
  readonly fingerprint: string;
  readonly modelPath: string;
  /** Prompt and answer together, of each answer. Lowered to what the model was trained for. */
  readonly contextTokens: number;
  readonly languages: readonly Language[];
  /** See the port. */
  readonly answersFromPassages?: boolean | undefined;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly parallelAnswers: number;
  /** Requests that may wait beyond those that run. */
  readonly maxWaiting?: number;
  /** What requests that name none are answered with. */
  readonly adapter?: GeneratorAdapter | undefined;
  /** See the port. */
  readonly answeringAdapter?: string | undefined;
  /** Adapters held ready at once, beside the base; each takes a context's memory. */
  readonly maxAdapters?: number | undefined;
  readonly logger: Logger;
}
const MAX_ADAPTERS = 2;

interface Loaded {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly template: ChatTemplate;
  readonly contextTokens: number;
  readonly idealThreads: number;
}
type Sequences = PlaceGroup<LlamaContextSequence>;

/** A context whose every answer is written with the adapter, or with the base. Throws model_missing, model_failed. */
async function openContext(
  options: GeneratorOptions,
  model: LlamaModel,
  adapter: GeneratorAdapter | null,
  contextTokens: number = Math.min(options.contextTokens, model.trainContextSize),
): Promise<LlamaContext> {
  const settings: LlamaContextOptions = {
    sequences: options.parallelAnswers,
    contextSize: contextTokens,
    batchSize: PROMPT_BATCH_TOKENS,
    threads: options.threads === 0 ? availableParallelism() : options.threads,
  };
  if (adapter === null) return model.createContext(settings);
  const { path, scale } = adapter;
  const info = await stat(path).catch(() => null);
  if (info?.isFile() !== true) throw new AppError("model_missing", `There is no adapter file ${path}.`, { path });
  try {
    const lora = { adapters: [{ filePath: path, scale }] };
    const context = await model.createContext({ ...settings, lora, failedCreationRemedy: false });
    options.logger.info("generator.adapter-loaded", { model: options.name, path, scale });
    return context;
  } catch (error) {
    throw new AppError(
      "model_failed",
      `The adapter ${path} cannot be used with ${options.name}. Was it trained for another model?`,
      { path },
      { cause: error },
    );
  }
}

function sequencesOf(context: LlamaContext, count: number): Sequences {
  return {
    places: Array.from({ length: count }, () => context.getSequence()),
    close: () => context.dispose(),
  };
}

async function load(options: GeneratorOptions): Promise<Loaded> {
  // Late: it is a large library, and the embedder's thread loads its model meanwhile.
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const llama = await getLlama({
    gpu: false,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    logger: (level, message) => options.logger.warn("generator.native", { level, message: message.trim() }),
  });
  try {
    const model = await llama.loadModel({ modelPath: options.modelPath });
    const template = detectChatTemplate(model.fileInfo.metadata.tokenizer.chat_template);
    // Opened to know that it fits, and closed again: its memory, some 100 MB for each place, is taken when somebody asks.
    const first = await openContext(options, model, options.adapter ?? null);
    const { contextSize: contextTokens, idealThreads } = first;
    await first.dispose();
    return { llama, model, template, contextTokens, idealThreads };
  } catch (error) {
    await llama.dispose();
    if (error instanceof AppError) throw error;
    throw new AppError("model_failed", `The model ${options.name} cannot be loaded.`, {}, { cause: error });
  }
}

/** Pieces of text as tokens come; incomplete UTF-8 waits for its rest. */
class Detokenizer {
  readonly #model: LlamaModel;
  #shown: Token[] = [];
  #pending: Token[] = [];

  constructor(model: LlamaModel, prompt: readonly Token[]) {
    this.#model = model;
    this.#shown = prompt.slice(-DETOKENIZE_CONTEXT);
  }

  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#model.detokenize(this.#pending, false, this.#shown);
    if (text.endsWith("\ufffd")) return "";
    this.#shown = [...this.#shown, ...this.#pending].slice(-DETOKENIZE_CONTEXT);
    this.#pending = [];
    return text;
  }

  /** The rest without half a character that was never finished. */
  flush(): string {
    if (this.#pending.length === 0) return "";
    return this.#model.detokenize(this.#pending, false, this.#shown).replace(/\ufffd+$/, "");
  }
}

class LlamaGenerator implements Generator {
  readonly name: string;
  readonly fingerprint: string;
  readonly contextTokens: number;
  readonly languages: readonly Language[];
  readonly answersFromPassages: boolean;
  readonly answeringAdapter: string | undefined;
  readonly #loaded: Loaded;
  readonly #adapter: GeneratorAdapter | null;
  readonly #places: AdapterPlaces<LlamaContextSequence>;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<null>>();
  readonly #governor: ThreadGovernor;

  constructor(options: GeneratorOptions, loaded: Loaded) {
    this.name = options.name;
    this.fingerprint = options.fingerprint;
    this.languages = options.languages;
    this.answersFromPassages = options.answersFromPassages ?? true;
    this.answeringAdapter = options.answeringAdapter;
    this.contextTokens = loaded.contextTokens;
    this.#loaded = loaded;
    this.#governor = new ThreadGovernor(loaded.idealThreads);
    this.#adapter = options.adapter ?? null;
    const running = options.parallelAnswers;
    this.#places = new AdapterPlaces({
      open: async (adapter) =>
        sequencesOf(await openContext(options, loaded.model, adapter, this.contextTokens), running),
      running,
      maxWaiting: options.maxWaiting ?? 16 * running,
      maxGroups: Math.max(1, options.maxAdapters ?? MAX_ADAPTERS),
    });
  }

  async countPromptTokens(messages: readonly ChatMessage[]): Promise<number> {
    this.#assertOpen();
    return this.#promptOf(messages).length;
  }

  async *generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void, void> {
    this.#assertOpen();
    throwIfAborted(request.signal);
    const prompt = this.#promptOf(request.messages);
    if (prompt.length + request.maxTokens > this.contextTokens)
      throw new AppError(
        "context_too_long",
        `The prompt has ${prompt.length} tokens and the answer may take ${request.maxTokens}, but the model holds ${this.contextTokens}. Ask for less or give fewer passages.`,
        { promptTokens: prompt.length, maxTokens: request.maxTokens, contextTokens: this.contextTokens },
      );
    const { promise: ended, resolve: end } = Promise.withResolvers<null>();
    this.#running.add(ended);
    let lease: Lease<LlamaContextSequence> | null = null;
    try {
      lease = await this.#places.take(
        request.adapter === undefined ? this.#adapter : request.adapter,
        (free) => free.compareContextTokens(prompt).firstDifferentIndex,
        request.signal ?? this.#closing.signal,
      );
      const sequence = lease.place;
      await this.#readPrompt(sequence, prompt, request.signal);
      yield* this.#write(sequence, prompt, request);
    } catch (error) {
      if (error instanceof AppError) throw error;
      this.#assertOpen();
      throw new AppError("model_failed", "The model failed while writing an answer.", {}, { cause: error });
    } finally {
      lease?.give();
      this.#running.delete(ended);
      end(null);
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#places.failWaiting(new AppError("aborted", "The generator was closed."));
    await Promise.all(this.#running);
    await this.#places.close();
    await this.#loaded.model.dispose();
    await this.#loaded.llama.dispose();
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new AppError("aborted", "The generator was closed.");
  }

  #promptOf(messages: readonly ChatMessage[]): Token[] {
    const { model, template } = this.#loaded;
    return promptIds(model, template, messages) as Token[]; // from this model's own tokenizer, so they are its tokens
  }

  /** Keeps what the sequence shares with the prompt and evaluates the rest but its last token. */
  async #readPrompt(
    sequence: LlamaContextSequence,
    prompt: readonly Token[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const last = prompt.length - 1;
    await sequence.adaptStateToTokens(prompt.slice(0, last), false);
    this.#loaded.llama.maxThreads = this.#governor.threads;
    while (sequence.nextTokenIndex < last) {
      throwIfAborted(signal);
      this.#assertOpen();
      const start = sequence.nextTokenIndex;
      await sequence.evaluateWithoutGeneratingNewTokens(
        prompt.slice(start, Math.min(last, start + PROMPT_BATCH_TOKENS)),
      );
    }
  }

  async *#write(
    sequence: LlamaContextSequence,
    prompt: readonly Token[],
    request: GenerateRequest,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const detokenizer = new Detokenizer(this.#loaded.model, prompt);
    const filter = new StopFilter(request.stop ?? []);
    let completionTokens = 0;
    let reason: "stop" | "length" = "stop";
    const tokens = sequence.evaluate(prompt.slice(-1), {
      temperature: request.temperature ?? 0,
      ...(request.seed === undefined ? {} : { seed: request.seed }),
    });
    this.#loaded.llama.maxThreads = this.#governor.threads;
    let stepStart = performance.now();
    for await (const token of tokens) {
      throwIfAborted(request.signal);
      this.#assertOpen();
      this.#governor.record(performance.now() - stepStart);
      completionTokens += 1;
      const { text, stopped } = filter.push(detokenizer.push(token));
      if (text !== "") yield { type: "text-delta", text };
      if (stopped) break;
      if (completionTokens >= request.maxTokens) {
        reason = "length";
        break;
      }
      this.#loaded.llama.maxThreads = this.#governor.threads;
      stepStart = performance.now();
    }
    const rest = filter.push(detokenizer.flush()).text + filter.flush();
    if (rest !== "") yield { type: "text-delta", text: rest };
    yield { type: "end", usage: { promptTokens: prompt.length, completionTokens }, reason };
  }
}

/** Loads the model and tries a context. Throws model_failed, model_invalid. */
export async function openGenerator(options: GeneratorOptions): Promise<Generator> {
  const startedAt = performance.now();
  const generator = new LlamaGenerator(options, await load(options));
  options.logger.info("generator.loaded", {
    model: options.name,
    durationMs: Math.round(performance.now() - startedAt),
    contextTokens: generator.contextTokens,
  });
  return generator;
}

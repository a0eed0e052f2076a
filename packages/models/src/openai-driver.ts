/**
 * Any server that speaks the OpenAI form (vLLM, llama.cpp server, Ollama, …) as an embedder or a generator. Named
 * `openai:BASE_URL#MODEL`, the base including its version, for example `openai:http://127.0.0.1:8000/v1#qwen`.
 */
import {
  AppError,
  throwIfAborted,
  type ChatMessage,
  type Embedder,
  type GenerateEvent,
  type Generator,
} from "@lorekeep/core";
import { readEvents } from "./event-stream.ts";

export interface OpenaiOptions {
  /** As configured; becomes the driver's name. */
  readonly name: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string | null;
  /** Without a byte from the server for this long the request fails. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 120_000;
const EMBED_TEXTS_PER_REQUEST = 64;
const CONTEXT_TOKENS = 8192;
const EMBED_TOKENS = 480;

export function isOpenaiName(name: string): boolean {
  return name.startsWith("openai:");
}

/** Throws config_invalid when there is no base URL or no model. */
export function parseOpenaiName(name: string): { baseUrl: string; model: string } {
  const [address = "", model = ""] = name.slice("openai:".length).split("#", 2);
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol) || model === "")
    throw new AppError("config_invalid", `${name} should look like openai:http://HOST:PORT/v1#MODEL.`);
  return { baseUrl: address.replace(/\/+$/, ""), model };
}

interface Reply {
  readonly response: Response;
  /** Call at every sign of life and when done. */
  readonly refresh: () => void;
  readonly done: () => void;
}

async function post(
  options: OpenaiOptions,
  path: string,
  request: { body: unknown; signal?: AbortSignal | undefined },
): Promise<Reply> {
  throwIfAborted(request.signal);
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), options.timeoutMs ?? TIMEOUT_MS);
  const signal = request.signal === undefined ? idle.signal : AbortSignal.any([request.signal, idle.signal]);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (options.apiKey !== null) headers.authorization = `Bearer ${options.apiKey}`;
  try {
    const response = await fetch(`${options.baseUrl}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(request.body),
      signal,
    });
    if (!response.ok) throw await refusal(options, response);
    return { response, refresh: () => timer.refresh(), done: () => clearTimeout(timer) };
  } catch (error) {
    clearTimeout(timer);
    throw asModelError(options, error, request.signal);
  }
}

/** Their status → our code. */
async function refusal(options: OpenaiOptions, response: Response): Promise<AppError> {
  const text = await response.text().catch(() => "");
  const details = { status: response.status, model: options.model };
  if (response.status === 404)
    return new AppError("model_missing", `${options.baseUrl} does not serve ${options.model} (404).`, details);
  if (response.status === 429 || response.status === 503)
    return new AppError("model_busy", `The model server is busy (${response.status}).`, details);
  if (response.status === 413 || /context[ _]length|too long|maximum context/i.test(text))
    return new AppError("context_too_long", "The model server says that the prompt is too long.", details);
  if (response.status === 401 || response.status === 403)
    return new AppError("model_failed", "The model server refused the key; check models.openaiApiKey.", details);
  return new AppError("model_failed", `The model server answered ${response.status}.`, details);
}

function asModelError(options: OpenaiOptions, error: unknown, signal: AbortSignal | undefined): AppError {
  if (signal?.aborted === true) return new AppError("aborted", "The request was stopped.", {}, { cause: error });
  if (error instanceof AppError) return error;
  return new AppError(
    "model_failed",
    `The model server at ${options.baseUrl} does not answer.`,
    { model: options.model },
    { cause: error },
  );
}

function unit(values: readonly number[]): Float32Array {
  const norm = Math.hypot(...values);
  return Float32Array.from(values, (value) => (norm === 0 ? 0 : value / norm));
}

function parseEmbeddings(body: unknown, count: number): Float32Array[] {
  const data = (body as { data?: unknown }).data;
  if (!Array.isArray(data) || data.length !== count) throw new Error("not one embedding for each text");
  const vectors: Float32Array[] = [];
  for (const [i, item] of data.entries()) {
    const { index, embedding } = item as { index?: unknown; embedding?: unknown };
    if (!Array.isArray(embedding) || !embedding.every((value) => typeof value === "number"))
      throw new Error("an embedding is not a list of numbers");
    vectors[typeof index === "number" ? index : i] = unit(embedding as number[]);
  }
  return vectors;
}

/** About how many tokens: such servers have no route that counts. Never too low for usual text: one per CJK character, four letters. */
export function estimateTokens(text: string): number {
  const wide = text.match(/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\u3040-\u30ff]/gu)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / 3);
}

/** Asks once for the number of dimensions. Throws model_missing, model_failed. */
export async function openaiEmbedder(options: OpenaiOptions): Promise<Embedder> {
  const request = async (texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const body = { model: options.model, input: texts, encoding_format: "float" };
    const reply = await post(options, "/embeddings", { body, signal });
    try {
      return parseEmbeddings(await reply.response.json(), texts.length);
    } catch (error) {
      throw asModelError(options, error, signal);
    } finally {
      reply.done();
    }
  };
  const [first] = await request(["dimensions"]);
  const dimensions = first!.length;
  return {
    name: options.name,
    fingerprint: `${options.name}@${dimensions}`,
    dimensions,
    maxTokens: EMBED_TOKENS,
    embed: async (texts, { signal, onProgress }) => {
      throwIfAborted(signal);
      const vectors: Float32Array[] = [];
      for (let i = 0; i < texts.length; i += EMBED_TEXTS_PER_REQUEST) {
        vectors.push(...(await request(texts.slice(i, i + EMBED_TEXTS_PER_REQUEST), signal)));
        onProgress?.(vectors.length);
      }
      return vectors;
    },
    countTokens: async (texts) => texts.map(estimateTokens),
    close: async () => undefined,
  };
}

interface Chunk {
  readonly choices?: readonly { delta?: { content?: string | null }; finish_reason?: string | null }[];
  readonly usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
  readonly error?: unknown;
}

export function openaiGenerator(options: OpenaiOptions): Generator {
  const countPromptTokens = async (messages: readonly ChatMessage[]): Promise<number> =>
    messages.reduce((sum, message) => sum + estimateTokens(message.content) + 4, 3);
  return {
    name: options.name,
    fingerprint: options.name,
    contextTokens: CONTEXT_TOKENS,
    languages: ["en", "zh", "other"],
    countPromptTokens,
    async *generate(request) {
      const body = {
        model: options.model,
        messages: request.messages,
        max_tokens: request.maxTokens,
        temperature: request.temperature ?? 0,
        ...(request.seed === undefined ? {} : { seed: request.seed }),
        ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop: request.stop }),
        stream: true,
        stream_options: { include_usage: true },
      };
      const reply = await post(options, "/chat/completions", { body, signal: request.signal });
      try {
        yield* readAnswer(reply, await countPromptTokens(request.messages));
      } catch (error) {
        throw asModelError(options, error, request.signal);
      } finally {
        reply.done();
        await reply.response.body?.cancel().catch(() => undefined);
      }
    },
    close: async () => undefined,
  };
}

async function* readAnswer(reply: Reply, estimatedPromptTokens: number): AsyncGenerator<GenerateEvent, void, void> {
  let [deltas, reason, finished] = [0, "stop" as "stop" | "length", false];
  let usage: Chunk["usage"] = null;
  for await (const data of readEvents(reply.response.body!)) {
    reply.refresh();
    if (data === "[DONE]") {
      finished = true;
      break;
    }
    const chunk = JSON.parse(data) as Chunk; // every field is optional here
    if (chunk.error !== undefined) throw new Error("the server reported an error in its stream");
    usage = chunk.usage ?? usage;
    const choice = chunk.choices?.[0];
    const text = choice?.delta?.content ?? "";
    if (text !== "") {
      deltas += 1;
      yield { type: "text-delta", text };
    }
    if (choice?.finish_reason != null) {
      finished = true;
      if (choice.finish_reason === "length") reason = "length";
    }
  }
  if (!finished) throw new Error("the stream ended in the middle");
  yield {
    type: "end",
    usage: {
      promptTokens: usage?.prompt_tokens ?? estimatedPromptTokens,
      completionTokens: usage?.completion_tokens ?? deltas,
    },
    reason,
  };
}

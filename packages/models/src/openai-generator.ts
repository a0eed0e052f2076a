/** Answers from any OpenAI-compatible server (vLLM, llama.cpp server, Ollama, …), streamed. */
import { AppError, type ChatMessage, type GenerateEvent, type GenerateRequest, type Generator } from "@lorekeep/core";
import { readEvents } from "./event-stream.ts";
import { estimateTokens, OpenaiClient, type OpenaiOptions, type OpenaiReply } from "./openai-request.ts";

/** Not known from outside; the smallest that today's served models have. */
const CONTEXT_TOKENS = 8192;
const TEMPLATE_TOKENS_PER_MESSAGE = 6;

/** Every field is optional: servers differ. */
interface Chunk {
  readonly choices?: readonly { delta?: { content?: string | null }; finish_reason?: string | null }[];
  readonly usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
  readonly error?: unknown;
}

function estimatePrompt(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content) + TEMPLATE_TOKENS_PER_MESSAGE, 0);
}

function bodyOf(model: string, request: GenerateRequest): unknown {
  const { messages, maxTokens, temperature = 0, seed, stop = [] } = request;
  return {
    model,
    messages,
    max_tokens: maxTokens,
    temperature,
    ...(seed === undefined ? {} : { seed }),
    ...(stop.length === 0 ? {} : { stop }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** Throws when the stream ends before the answer does. */
async function* readAnswer(
  { response, refresh }: OpenaiReply,
  estimatedPromptTokens: number,
): AsyncGenerator<GenerateEvent, void, void> {
  let deltas = 0;
  let reason: "stop" | "length" | null = null;
  let usage: Chunk["usage"] = null;
  if (response.body === null) throw new Error("the answer has no body");
  for await (const data of readEvents(response.body)) {
    refresh();
    if (data === "[DONE]") {
      reason ??= "stop";
      break;
    }
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error !== undefined) throw new Error("the server reported an error in its stream");
    usage = chunk.usage ?? usage;
    const choice = chunk.choices?.[0];
    const text = choice?.delta?.content ?? "";
    if (text !== "") {
      deltas += 1;
      yield { type: "text-delta", text };
    }
    if (choice?.finish_reason != null) reason = choice.finish_reason === "length" ? "length" : "stop";
  }
  if (reason === null) throw new Error("the stream ended in the middle");
  const promptTokens = usage?.prompt_tokens ?? estimatedPromptTokens;
  yield { type: "end", usage: { promptTokens, completionTokens: usage?.completion_tokens ?? deltas }, reason };
}

/** Asks nobody before the first answer is wanted. */
export function openaiGenerator(options: OpenaiOptions): Generator {
  const client = new OpenaiClient(options);
  return {
    name: options.name,
    fingerprint: options.name,
    contextTokens: CONTEXT_TOKENS,
    languages: ["en", "zh", "other"],
    countPromptTokens: async (messages) => estimatePrompt(messages),
    async *generate(request) {
      if (request.adapter != null && request.adapter.scale !== 0)
        throw new AppError(
          "request_invalid",
          "A remote server cannot be given an adapter. Load it there and name it as a model.",
        );
      const promptTokens = estimatePrompt(request.messages);
      if (promptTokens + request.maxTokens > CONTEXT_TOKENS)
        throw new AppError(
          "context_too_long",
          `The prompt has about ${promptTokens} tokens and the answer may take ${request.maxTokens}, but ${CONTEXT_TOKENS} are allowed.`,
          { promptTokens, maxTokens: request.maxTokens, contextTokens: CONTEXT_TOKENS },
        );
      const body = bodyOf(client.model, request);
      yield* client.post("/chat/completions", { body, signal: request.signal }, (reply) =>
        readAnswer(reply, promptTokens),
      );
    },
    close: async () => client.close(),
  };
}

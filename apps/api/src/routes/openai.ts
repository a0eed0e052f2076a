/** The doors for programs that speak the OpenAI form: same keys, same rights, same limits. */
import { randomUUID } from "node:crypto";
import {
  AppError,
  chatCompletionChunkSchema,
  chatCompletionRequestSchema,
  chatCompletionSchema,
  embeddingsRequestSchema,
  embeddingsResponseSchema,
  openAiModelListSchema,
  toAppError,
  type ChatCompletionChunk,
} from "@lorekeep/core";
import type { Response } from "express";
import { BASE_MODEL, complete, PRODUCT_MODEL, type CompletionPart } from "../openai-completion.ts";
import { defineRoute } from "../route.ts";
import { openEventStream } from "../sse.ts";

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export const openAiRoutes = [
  defineRoute({
    method: "post",
    path: "/v1/chat/completions",
    access: ["chat"],
    summary:
      "OpenAI form: `lorekeep` answers from the library with `lorekeep.citations`; `lorekeep/base` is the bare generator.",
    body: chatCompletionRequestSchema,
    reply: { status: 200, mediaType: "text/event-stream", schema: chatCompletionChunkSchema },
    handle: async ({ platform, services, actor, body, response, signal }) => {
      const created = Math.floor(services.now().getTime() / 1000);
      const head = { id: `chatcmpl-${randomUUID()}`, created, model: body.model };
      const parts = complete({ platform, actor, signal }, body);
      if (body.stream === true)
        await streamParts(parts, head, { response, withUsage: body.stream_options?.include_usage === true });
      else await sendWhole(parts, head, response);
    },
  }),
  defineRoute({
    method: "post",
    path: "/v1/embeddings",
    access: ["search"],
    summary: "OpenAI form: unit vectors of `lorekeep` (the embedder in use) or of a model that `/v1/models` names.",
    body: embeddingsRequestSchema,
    reply: { status: 200, schema: embeddingsResponseSchema },
    handle: async ({ platform, body, signal }) => {
      const name = body.model === PRODUCT_MODEL ? platform.config.models.embedder : body.model;
      const isKnown = (await platform.models.list()).some((model) => model.role === "embedder" && model.name === name);
      if (!isKnown && body.model !== PRODUCT_MODEL)
        throw new AppError("not_found", "There is no such embedding model.");
      const embedder = await platform.models.embedder(name);
      const texts = typeof body.input === "string" ? [body.input] : body.input;
      const tokenCounts = await embedder.countTokens(texts, signal);
      const vectors = await embedder.embed(texts, { kind: body.input_type ?? "passage", signal });
      const promptTokens = tokenCounts.reduce((sum, count) => sum + count, 0);
      return {
        object: "list" as const,
        model: body.model,
        data: vectors.map((vector, index) => ({
          object: "embedding" as const,
          index,
          embedding: body.encoding_format === "base64" ? toBase64(vector) : Array.from(vector),
        })),
        usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
      };
    },
  }),
  defineRoute({
    method: "get",
    path: "/v1/models",
    access: ["search", "chat"],
    summary: "OpenAI form: what `model` may be.",
    reply: { status: 200, schema: openAiModelListSchema },
    handle: async ({ platform }) => {
      const models = await platform.models.list();
      const embedders = models.filter(
        ({ role, state }) => role === "embedder" && state !== "missing" && state !== "failed",
      );
      const names = [PRODUCT_MODEL, BASE_MODEL, ...embedders.map((model) => model.name)];
      const data = [...new Set(names)].map((id) => ({
        id,
        object: "model" as const,
        created: 0,
        owned_by: "lorekeep",
      }));
      return { object: "list" as const, data };
    },
  }),
];

const toBase64 = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

async function sendWhole(parts: AsyncIterable<CompletionPart>, head: Head, response: Response): Promise<void> {
  for await (const part of parts) {
    if (part.type !== "end") continue;
    const message = { role: "assistant" as const, content: part.text };
    const choices = [{ index: 0, message, finish_reason: part.reason }];
    const completion = { ...head, object: "chat.completion", choices, usage: part.usage, lorekeep: part.extra };
    response.json(chatCompletionSchema.parse(completion));
  }
}

/** The first part is awaited before the stream opens, so that what cannot begin gets a status and problem details. */
async function streamParts(
  parts: AsyncIterable<CompletionPart>,
  head: Head,
  options: { response: Response; withUsage: boolean },
): Promise<void> {
  const { response } = options;
  const iterator = parts[Symbol.asyncIterator]();
  let next = await iterator.next();
  const stream = openEventStream(response);
  const send = (rest: Pick<ChatCompletionChunk, "choices"> & Partial<ChatCompletionChunk>) =>
    stream.sendData(JSON.stringify({ ...head, object: "chat.completion.chunk", ...rest }));
  const delta = (content: ChatCompletionChunk["choices"][number]["delta"], reason: "stop" | "length" | null = null) => [
    { index: 0, delta: content, finish_reason: reason },
  ];
  try {
    await send({ choices: delta({ role: "assistant", content: "" }) });
    for (; next.done !== true && !response.destroyed; next = await iterator.next()) {
      const part = next.value;
      if (part.type === "text") await send({ choices: delta({ content: part.text }) });
      else if (part.type === "end") {
        await send({ choices: delta({}, part.reason), ...(part.extra === undefined ? {} : { lorekeep: part.extra }) });
        if (options.withUsage) await send({ choices: [], usage: part.usage });
      }
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    await stream.sendData(JSON.stringify({ error: { message: error.message, type: error.code, code: error.code } }));
  } finally {
    await stream.sendData("[DONE]");
    stream.end();
    await iterator.return?.();
  }
}

/** Step 13 of the tour: the events of an answer to the browser as they happen, or all at once. */
import { chatEventSchema, chatRequestSchema, chatResponseSchema, toAppError, type ChatEvent } from "@lorekeep/core";
import type { Response } from "express";
import { collectAnswer } from "../collect-answer.ts";
import { defineRoute } from "../route.ts";
import { openEventStream } from "../sse.ts";

export const chatRoutes = [
  defineRoute({
    method: "post",
    path: "/api/v1/chat",
    access: ["chat"],
    summary: "Answers a question with citations: server-sent events, or one JSON value with `stream: false`.",
    body: chatRequestSchema,
    reply: { status: 200, mediaType: "text/event-stream", schema: chatEventSchema },
    handle: async ({ platform, actor, body, response, signal }) => {
      const { stream, ...request } = body;
      const events = platform.assistant.chat(actor, { ...request, signal });
      if (stream) await streamEvents(events, response, signal);
      else response.json(chatResponseSchema.parse(await collectAnswer(events)));
    },
  }),
];

/**
 * The first event is awaited before the stream opens, so that a question that cannot even begin gets a status and problem
 * details. Later failures are the stream's last event.
 */
async function streamEvents(events: AsyncIterable<ChatEvent>, response: Response, signal: AbortSignal): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    let next = await iterator.next();
    const stream = openEventStream(response);
    try {
      while (next.done !== true && !response.destroyed) {
        await stream.send(next.value);
        next = await iterator.next();
      }
    } catch (error) {
      const { code, message } = toAppError(error);
      await stream.send({ type: "error", ...{ code, detail: message } });
      // What went wrong on our side is the log's business too.
      if (code === "unexpected" && !signal.aborted) throw error;
    } finally {
      stream.end();
    }
  } finally {
    // Ends the generation when the reader has gone.
    await iterator.return?.();
  }
}

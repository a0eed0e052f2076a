/**
 * Server-sent events: one `event:` and one `data:` line each (the data are JSON, which has no line breaks). A comment every
 * 15 s keeps proxies from cutting a silent stream. `send` waits for a slow reader, so that nothing piles up in memory.
 */
import type { Response } from "express";

export interface EventStream {
  /** Throws nothing when the reader has gone: the event is dropped, and the route's signal tells. */
  send(event: { type: string }): Promise<void>;
  /** A bare `data:` line, for the OpenAI form. */
  sendData(data: string): Promise<void>;
  end(): void;
}

const HEARTBEAT_MS = 15_000;

export function openEventStream(response: Response, heartbeatMs = HEARTBEAT_MS): EventStream {
  response.status(200);
  response.setHeader("content-type", "text/event-stream; charset=utf-8");
  response.setHeader("cache-control", "no-store, no-transform");
  response.setHeader("x-accel-buffering", "no");
  response.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(": waiting\n\n");
  }, heartbeatMs);
  response.once("close", () => clearInterval(heartbeat));

  const write = async (text: string): Promise<void> => {
    if (response.destroyed || response.writableEnded) return;
    if (!response.write(text)) await drained(response);
  };
  return {
    send: (event) => write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    sendData: (data) => write(`data: ${data}\n\n`),
    end() {
      clearInterval(heartbeat);
      if (!response.writableEnded) response.end();
    },
  };
}

/** Resolves when the reader has caught up, or has gone. */
function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

/**
 * Server-sent events over a fetch stream (EventSource cannot POST or send a key).
 * Source: WHATWG HTML, 9.2.6 "Interpreting an event stream": CR, LF and CRLF end lines, a blank line ends an event,
 * lines that begin with a colon are comments (the server's heartbeat).
 */
import type { z } from "zod";
import { ClientError } from "./transport.ts";

export interface ServerSentEvent {
  /** `message` when the server named none. */
  readonly event: string;
  readonly data: string;
}

/** Events of a byte stream, in order; an event that the end cut off is dropped. Leaving the loop cancels the stream. */
export async function* parseEventStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent, void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const pending = new PendingEvent();
  let buffer = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      buffer += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A lone CR at the end of the buffer may be the first half of CRLF: it waits for the next bytes.
      const lines = buffer.split(/\r\n|\n|\r(?!$)/);
      buffer = lines.pop() ?? "";
      for (const line of lines) {
        const event = pending.take(line);
        if (event !== null) yield event;
      }
      if (done) {
        const event = buffer === "\r" ? pending.take("") : null;
        if (event !== null) yield event;
        return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

class PendingEvent {
  private name = "";
  private data: string[] = [];

  /** Feeds one line; gives the finished event at a blank line. */
  take(line: string): ServerSentEvent | null {
    if (line === "") {
      const event = this.data.length === 0 ? null : { event: this.name || "message", data: this.data.join("\n") };
      this.name = "";
      this.data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.name = value;
    else if (field === "data") this.data.push(value);
    return null;
  }
}

/**
 * The response's events, each checked against `schema` (which tells them apart by `type`).
 * Events of kinds that this client does not know are skipped, so that an older client reads a newer server.
 */
export async function* readEvents<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): AsyncGenerator<z.output<Schema>, void> {
  if (response.body === null)
    throw new ClientError({
      status: response.status,
      code: "unexpected",
      detail: "The stream is empty.",
      requestId: null,
    });
  for await (const { event, data } of parseEventStream(response.body)) {
    const value: unknown = JSON.parse(data);
    const parsed = schema.safeParse(
      typeof value === "object" && value !== null && !("type" in value) ? { type: event, ...value } : value,
    );
    if (parsed.success) yield parsed.data;
  }
}

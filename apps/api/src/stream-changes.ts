/** A thing each time it changes, as server-sent events: equal states are sent once, a failure is the last event. */
import { toAppError, type Logger } from "@lorekeep/core";
import type { Response } from "express";
import { openEventStream } from "./sse.ts";

export interface ChangeStream<Thing> {
  readonly changes: AsyncGenerator<Thing, void>;
  readonly describe: (thing: Thing) => { type: string };
  readonly response: Response;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** The first state is awaited before the stream opens: what does not exist is a status. */
export async function streamChanges<Thing>(request: ChangeStream<Thing>): Promise<void> {
  const { changes, describe, response, signal, logger } = request;
  let next = await changes.next();
  const stream = openEventStream(response);
  let lastSent = "";
  try {
    while (next.done !== true && !response.destroyed) {
      const event = describe(next.value);
      const text = JSON.stringify(event);
      if (text !== lastSent) await stream.send(event);
      lastSent = text;
      if (signal.aborted) break;
      next = await changes.next();
    }
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = toAppError(error);
    if (code === "unexpected") logger.error("http.stream-failed", { error });
    await stream.send({ type: "error", ...{ code, detail: message } });
  } finally {
    stream.end();
    await changes.return();
  }
}

/**
 * Entry of a parser child: reads one file at a time on its parent's order and sends the parsed document back in parts.
 * It gets no environment, may not write files or start programs (Node's permission model), and has no network: its parent
 * starts it without one where the system can (without-network.ts), and JavaScript's sockets are refused below. It ends when
 * its parent goes away.
 */
import net from "node:net";
import { toAppError } from "@lorekeep/core";
import { parseDocument } from "./parse/index.ts";
import { partsOf, type FromChild, type ToChild } from "./parse-wire.ts";

/** A document must not reach out, whatever a library makes of it: the only socket is the channel that exists already. */
net.Socket.prototype.connect = () => {
  throw new Error("Parsers have no network.");
};

let next: (() => void) | undefined;

function send(message: FromChild): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) reject(new Error("No parent."));
    else process.send(message, undefined, {}, (error) => (error === null ? resolve() : reject(error)));
  });
}

async function work(order: Extract<ToChild, { type: "parse" }>): Promise<void> {
  try {
    const parsed = await parseDocument(
      { path: order.path, pdfPath: order.pdfPath },
      {
        name: order.name,
        mediaType: order.mediaType,
        onProgress: (done, total) => void send({ type: "progress", done, total }),
      },
    );
    for (const part of partsOf(parsed)) {
      const taken = new Promise<void>((resolve) => (next = resolve));
      await send(part);
      await taken;
    }
    const { mediaType, title, language, pageCount, warnings } = parsed;
    await send({ type: "done", head: { mediaType, title, language, pageCount, warnings } });
  } catch (error) {
    const { code, message, details } = toAppError(error);
    await send({ type: "error", code, message, details });
  }
}

process.on("message", (message: ToChild) => {
  if (message.type === "next") next?.();
  else void work(message).catch(() => process.exit(1));
});
process.on("disconnect", () => process.exit(0));

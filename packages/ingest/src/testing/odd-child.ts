/** A parser child that misbehaves as the file's name asks: the pool's tests run it in place of the real one. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { FromChild, ToChild } from "../parse-wire.ts";

const hoard: Buffer[] = [];
const send = (message: FromChild): void => void process.send?.(message);
const reply = (words: string): void => send({ type: "done", head: { ...head, warnings: [words] } });
const head = { mediaType: "text/plain", title: null, language: "en", pageCount: null } as const;

process.on("message", (message: ToChild) => {
  if (message.type !== "parse") return;
  if (message.name === "crash") process.kill(process.pid, "SIGSEGV");
  if (message.name === "spin") for (;;) readFileSync(message.path);
  if (message.name === "hoard") for (;;) hoard.push(Buffer.alloc(20_000_000, hoard.length + 1));
  if (message.name.startsWith("reach ")) {
    const socket = connect(Number(message.name.slice(6)), "127.0.0.1");
    socket.once("error", (error) => reply(error.message));
    socket.once("connect", () => reply("connected"));
  }
  if (message.name === "silent") send({ type: "progress", done: 0, total: 1 });
  if (message.name === "pid") reply(String(process.pid));
});
process.on("disconnect", () => process.exit(0));

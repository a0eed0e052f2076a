/** The thread's side of thread-calls.ts: one function a message, its result or its failure back. */
import type { MessagePort } from "node:worker_threads";
import { AppError } from "@lorekeep/core";
import { toStoreError } from "./sqlite-errors.ts";
import type { ThreadReply, ThreadRequest } from "./thread-calls.ts";

type Answers = Readonly<Record<string, (...given: never[]) => unknown>>;

/** Until the message `null`: `end` is called then, and with its port closed the thread ends by itself. */
export function answerThreadCalls(port: MessagePort, answers: Answers, end: () => void): void {
  port.on("message", (request: ThreadRequest | null) => {
    if (request === null) {
      end();
      port.close();
      return;
    }
    const { id, name, given } = request;
    void answer(answers, name, given).then(
      (result) => port.postMessage({ id, result } satisfies ThreadReply),
      (error: unknown) => port.postMessage({ id, error: describe(error) } satisfies ThreadReply),
    );
  });
}

async function answer(answers: Answers, name: string, given: readonly unknown[]): Promise<unknown> {
  const called = answers[name] as ((...given: readonly unknown[]) => unknown) | undefined;
  if (!called) throw new Error(`The thread has no function ${name}.`);
  return called(...given);
}

function describe(error: unknown): { code: string | null; message: string } {
  const translated = toStoreError(error);
  return {
    code: translated instanceof AppError ? translated.code : null,
    message: translated instanceof Error ? translated.message : String(translated),
  };
}

/**
 * Prompt → streamed text, as far as it is worth having: it ends when the model ends, when it starts to repeat itself, when
 * the reader stops it or when it breaks. Whatever came until then is returned for checking; nothing is shown unchecked for
 * longer than the stream lasts.
 */
import type { ChatMessage, GenerateRequest, Generator, TokenUsage } from "@lorekeep/core";
import { toAppError } from "@lorekeep/core";
import type { AnswerRequest } from "./answer-run.ts";
import { repeatsItself } from "./clean-generated.ts";
import { MAX_ANSWER_TOKENS, STOP_STRINGS } from "./prompt.ts";

export interface Generated {
  readonly text: string;
  readonly usage: TokenUsage;
  readonly ended: "stop" | "length" | "repetition" | "stopped" | "failed";
  /** Code of what went wrong when `ended` is failed. */
  readonly error: string | null;
  /** From the request to the first text; null when none came. */
  readonly firstTokenMs: number | null;
}

/** A generator that knows no adapters is asked for none. */
const adapted = (adapter: AnswerRequest["adapter"]): Pick<GenerateRequest, "adapter"> =>
  adapter?.use === undefined ? {} : { adapter: adapter.use };

export async function* generateAnswer(
  generator: Generator,
  messages: readonly ChatMessage[],
  { signal, adapter }: Pick<AnswerRequest, "signal" | "adapter">,
): AsyncGenerator<{ type: "text-delta"; text: string }, Generated, undefined> {
  const startedAt = performance.now();
  let text = "";
  let usage: TokenUsage = { promptTokens: 0, completionTokens: 0 };
  let ended: Generated["ended"] = "stopped";
  let error: string | null = null;
  let firstTokenMs: number | null = null;
  try {
    const request = {
      messages,
      maxTokens: MAX_ANSWER_TOKENS,
      temperature: 0,
      stop: STOP_STRINGS,
      signal,
      ...adapted(adapter),
    };
    for await (const event of generator.generate(request)) {
      if (event.type === "end") {
        usage = event.usage;
        ended = event.reason;
        break;
      }
      firstTokenMs ??= performance.now() - startedAt;
      text += event.text;
      yield event;
      if (repeatsItself(text)) {
        ended = "repetition";
        break;
      }
    }
  } catch (cause) {
    const isStop = signal?.aborted === true;
    ended = isStop ? "stopped" : "failed";
    error = isStop ? null : toAppError(cause).code;
  }
  return { text, usage, ended, error, firstTokenMs };
}

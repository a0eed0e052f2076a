/**
 * A generator that says what the test wrote, piece by piece, and remembers what it was asked. It keeps to the port: stop strings,
 * token limits, windows and signals work as in the real one. A piece counts as a token.
 */
import type { Language } from "../domain.ts";
import { AppError, throwIfAborted } from "../errors.ts";
import type { ChatMessage, GenerateEvent, GenerateRequest, Generator } from "../ports/generator.ts";

type Said = string | readonly string[];
export type Script = Said | ((request: GenerateRequest) => Said);
export interface ScriptedGenerator extends Generator {
  readonly requests: readonly GenerateRequest[];
}
export interface ScriptedGeneratorOptions {
  readonly name?: string;
  readonly contextTokens?: number;
  readonly languages?: readonly Language[];
  /** model_failed after this many pieces. */
  readonly failAfter?: number;
  /** Paths of adapters that "exist"; others are refused. Absent = all do. A script may look at `request.adapter`. */
  readonly adapterPaths?: readonly string[];
}

function countTokens(messages: readonly ChatMessage[]): number {
  const words = (text: string): number => (text.match(/\p{Script=Han}|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []).length;
  return messages.reduce((sum, { content }) => sum + 4 + words(content), 0);
}

const piecesOf = (said: Said): readonly string[] =>
  typeof said === "string" ? (said.match(/\s*\S+\s*/g) ?? []) : said;

/** Where the first stop string begins in `text`, or -1. */
function stopIndex(text: string, stop: readonly string[]): number {
  const found = stop.map((item) => text.indexOf(item)).filter((index) => index >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

export function scriptedGenerator(script: Script, options: ScriptedGeneratorOptions = {}): ScriptedGenerator {
  const { name = "scripted", contextTokens = 2048, languages = ["en"] } = options;
  const requests: GenerateRequest[] = [];
  let closed = false;
  const assertOpen = (signal: AbortSignal | undefined): void => {
    throwIfAborted(signal);
    if (closed) throw new AppError("aborted", "The generator was closed.");
  };

  async function* generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void, void> {
    assertOpen(request.signal);
    requests.push(request);
    const path = request.adapter?.path;
    if (path !== undefined && options.adapterPaths?.includes(path) === false)
      throw new AppError("model_missing", `There is no adapter file ${path}.`, { path });
    const promptTokens = countTokens(request.messages);
    if (promptTokens + request.maxTokens > contextTokens)
      throw new AppError("context_too_long", `The prompt has ${promptTokens} tokens, ${contextTokens} fit.`, {
        promptTokens,
      });
    const pieces = piecesOf(typeof script === "function" ? script(request) : script);
    const whole = pieces.join("");
    const end = stopIndex(whole, request.stop ?? []);
    const allowed = end < 0 ? whole.length : end;
    let [shown, completionTokens] = [0, 0];
    for (const piece of pieces) {
      if (shown >= allowed || completionTokens >= request.maxTokens) break;
      assertOpen(request.signal);
      if (completionTokens === options.failAfter) throw new AppError("model_failed", "The script fails here.");
      completionTokens += 1;
      const text = piece.slice(0, allowed - shown);
      shown += text.length;
      yield { type: "text-delta", text };
      await Promise.resolve();
    }
    const reason = shown < allowed ? "length" : "stop";
    yield { type: "end", usage: { promptTokens, completionTokens }, reason };
  }

  return {
    name,
    fingerprint: `${name}@1`,
    contextTokens,
    languages,
    requests,
    countPromptTokens: async (messages) => countTokens(messages),
    generate,
    close: async () => {
      closed = true;
    },
  };
}

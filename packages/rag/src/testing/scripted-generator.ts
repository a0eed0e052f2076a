/** A generator that says what the test wrote, piece by piece, and remembers what it was asked. */
import { AppError } from "@lorekeep/core";
import type { ChatMessage, GenerateRequest, Generator, Language } from "@lorekeep/core";

export interface ScriptedGenerator extends Generator {
  readonly requests: readonly GenerateRequest[];
}

export function scriptedGenerator(
  script: string | readonly string[] | ((request: GenerateRequest) => string | readonly string[]),
  options: { contextTokens?: number; languages?: readonly Language[]; failAfter?: number } = {},
): ScriptedGenerator {
  const requests: GenerateRequest[] = [];
  const { contextTokens = 2048, languages = ["en"] } = options;
  const countTokens = (messages: readonly ChatMessage[]): number =>
    messages.reduce(
      (sum, { content }) => sum + 4 + (content.match(/\p{Script=Han}|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []).length,
      0,
    );
  return {
    name: "scripted",
    fingerprint: "scripted@1",
    contextTokens,
    languages,
    requests,
    countPromptTokens: async (messages) => countTokens(messages),
    async *generate(request) {
      requests.push(request);
      const promptTokens = countTokens(request.messages);
      if (promptTokens + request.maxTokens > contextTokens)
        throw new AppError("context_too_long", `${promptTokens} tokens`);
      const said = typeof script === "function" ? script(request) : script;
      const pieces = typeof said === "string" ? (said.match(/\S*\s*/g) ?? []).filter((piece) => piece !== "") : said;
      for (const [index, text] of pieces.entries()) {
        if (request.signal?.aborted) throw new AppError("aborted", "Stopped.");
        if (index === options.failAfter) throw new AppError("model_failed", "The script ends here.");
        yield { type: "text-delta", text };
      }
      yield { type: "end", usage: { promptTokens, completionTokens: pieces.length }, reason: "stop" };
    },
    close: async () => undefined,
  };
}

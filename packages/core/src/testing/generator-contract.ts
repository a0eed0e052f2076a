/**
 * What every Generator must do, real or fake. `make` opens a fresh one that answers PROMPT with at least twelve tokens
 * (a scripted one: with at least twelve pieces); the suite closes it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import type { ChatMessage, GenerateEvent, GenerateRequest, Generator } from "../ports/generator.ts";

export const GENERATOR_PROMPT: readonly ChatMessage[] = [
  { role: "system", content: "You tell stories." },
  { role: "user", content: "Tell a long story about a pump that was serviced every 400 hours." },
];
const TOKENS = 12;
type Ask = Partial<GenerateRequest>;

/** Everything an answer brought: its text, its deltas and its last event. */
export async function collectAnswer(
  events: AsyncIterable<GenerateEvent>,
): Promise<{ text: string; deltas: string[]; end: Extract<GenerateEvent, { type: "end" }> | null }> {
  const deltas: string[] = [];
  let end: Extract<GenerateEvent, { type: "end" }> | null = null;
  for await (const event of events) {
    if (end !== null) throw new Error("an event came after the end");
    if (event.type === "end") end = event;
    else deltas.push(event.text);
  }
  return { text: deltas.join(""), deltas, end };
}

export interface GeneratorContractOptions {
  /** false where prompt tokens can only be estimated before the answer. */
  readonly countsExactly?: boolean;
}

export function describeGenerator(
  name: string,
  make: () => Promise<Generator>,
  { countsExactly = true }: GeneratorContractOptions = {},
): void {
  describe(`generator contract: ${name}`, () => {
    let generator: Generator;
    beforeAll(async () => {
      generator = await make();
    });
    afterAll(() => generator.close());
    const ask = (request: Ask = {}): ReturnType<typeof collectAnswer> =>
      collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: TOKENS, ...request }));

    test("streams text, then exactly one end with the counts", async () => {
      const { text, deltas, end } = await ask();
      expect(text).not.toBe("");
      expect(deltas.every((delta) => delta !== "")).toBe(true);
      const counted = await generator.countPromptTokens(GENERATOR_PROMPT);
      if (countsExactly) expect(end?.usage.promptTokens).toBe(counted);
      else expect(end?.usage.promptTokens).toBeLessThanOrEqual(counted);
      expect(end?.usage.completionTokens).toBeGreaterThan(0);
    });

    test("says the same again when greedy", async () => {
      expect((await ask()).text).toBe((await ask()).text);
    });

    test("ends at the token limit and says so", async () => {
      const { end } = await ask({ maxTokens: 4 });
      expect(end).toMatchObject({ reason: "length", usage: { completionTokens: 4 } });
    });

    test("ends before a stop string and shows no part of it", async () => {
      const { text } = await ask();
      const middle = Array.from(text);
      const stop = middle.slice(Math.floor(middle.length / 2), Math.floor(middle.length / 2) + 3).join("");
      const stopped = await ask({ stop: ["never said", stop] });
      expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
      expect(stopped.end?.reason).toBe("stop");
    });

    test("G4 refuses what does not fit its window instead of cutting it", async () => {
      const content = "pump ".repeat(generator.contextTokens);
      await expect(ask({ messages: [{ role: "user", content }] })).rejects.toMatchObject({ code: "context_too_long" });
      await expect(ask({ maxTokens: generator.contextTokens })).rejects.toMatchObject({ code: "context_too_long" });
      expect((await ask({ maxTokens: 4 })).end).not.toBeNull();
    });

    test("counts more tokens for more text", async () => {
      const longer: ChatMessage[] = [...GENERATOR_PROMPT, { role: "assistant", content: "Once upon a time." }];
      expect(await generator.countPromptTokens(longer)).toBeGreaterThan(
        await generator.countPromptTokens(GENERATOR_PROMPT),
      );
    });

    test("stops when told to, before and in the middle, and works on afterwards", async () => {
      await expect(ask({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
      const controller = new AbortController();
      const events = generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 60, signal: controller.signal });
      const reading = (async () => {
        for await (const event of events) if (event.type === "text-delta") controller.abort();
      })();
      await expect(reading).rejects.toMatchObject({ code: "aborted" });
      expect((await ask()).end).not.toBeNull();
    });

    test("frees its place when a reader goes away", async () => {
      for (let i = 0; i < 5; i += 1)
        for await (const event of generator.generate({ messages: GENERATOR_PROMPT, maxTokens: TOKENS }))
          if (event.type === "text-delta") break;
      expect((await ask()).end).not.toBeNull();
    });

    test("answers several at once, each to its end", async () => {
      const answers = await Promise.all([ask(), ask(), ask(), ask()]);
      for (const { text, end } of answers) {
        expect(text).not.toBe("");
        expect(end?.usage.completionTokens).toBeGreaterThan(0);
      }
    });

    test("answers with an error after it was closed", async () => {
      const other = await make();
      await other.close();
      await expect(
        collectAnswer(other.generate({ messages: GENERATOR_PROMPT, maxTokens: TOKENS })),
      ).rejects.toBeInstanceOf(AppError);
    });
  });
}

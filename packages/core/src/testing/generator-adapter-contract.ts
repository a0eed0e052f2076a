/**
 * What a Generator that takes adapters must do. `make` opens a fresh one without a default adapter that may run four answers at once and
 * holds fewer adapters ready than are given here; the answers to GENERATOR_PROMPT with each of `adapters` and with the base all differ.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import type { Generator, GeneratorAdapter } from "../ports/generator.ts";
import { collectAnswer, GENERATOR_PROMPT } from "./generator-contract.ts";

const TOKENS = 16;

export function describeGeneratorAdapters(
  name: string,
  make: () => Promise<Generator>,
  adapters: () => readonly GeneratorAdapter[],
): void {
  describe(`generator adapters: ${name}`, () => {
    let generator: Generator;
    beforeAll(async () => {
      generator = await make();
    });
    afterAll(() => generator.close());
    const ask = async (adapter: GeneratorAdapter | null | undefined): Promise<string> =>
      (await collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: TOKENS, adapter }))).text;

    test("answers differently with each adapter, and as the base without one and at scale 0", async () => {
      const base = await ask(null);
      const texts = [base];
      for (const adapter of adapters()) texts.push(await ask(adapter));
      expect(new Set(texts).size).toBe(texts.length);
      expect(await ask(undefined)).toBe(base);
      expect(await ask({ ...adapters()[0]!, scale: 0 })).toBe(base);
      expect(await ask(adapters()[0])).toBe(texts[1]);
    });

    test("K4 twenty streams finish on the adapter they began with while the active one changes", async () => {
      const choices = [null, ...adapters()];
      const alone: string[] = [];
      for (const choice of choices) alone.push(await ask(choice));
      let active = 0;
      const streams = Array.from({ length: 20 }, async () => {
        const mine = active;
        active = (active + 1) % choices.length; // somebody switches another one on
        const events = generator.generate({
          messages: GENERATOR_PROMPT,
          maxTokens: TOKENS,
          adapter: choices[mine],
        });
        let text = "";
        for await (const event of events) {
          if (event.type === "text-delta") text += event.text;
          active = (active + 1) % choices.length; // and again in the middle of every answer
        }
        return { text, mine };
      });
      for (const { text, mine } of await Promise.all(streams)) expect(text).toBe(alone[mine]);
    });

    test("says that an adapter is not there, and answers on", async () => {
      const missing = { path: `${adapters()[0]!.path}.none`, scale: 1 };
      await expect(ask(missing)).rejects.toBeInstanceOf(AppError);
      expect(await ask(null)).not.toBe("");
    });
  });
}

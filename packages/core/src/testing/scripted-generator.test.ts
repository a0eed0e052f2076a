import { expect, test } from "vitest";
import { collectAnswer, describeGenerator, GENERATOR_PROMPT } from "./generator-contract.ts";
import { describeGeneratorAdapters } from "./generator-adapter-contract.ts";
import { scriptedGenerator } from "./scripted-generator.ts";

const STORY = "Once upon a time there was a pump. It was serviced every 400 hours, and nobody ever heard it complain.";

describeGenerator("scripted generator", async () => scriptedGenerator(STORY));

const ADAPTERS = ["/a.gguf", "/b.gguf"].map((path) => ({ path, scale: 1 }));
describeGeneratorAdapters(
  "scripted generator",
  async () =>
    scriptedGenerator(
      ({ adapter }) => (adapter == null || adapter.scale === 0 ? STORY : `With ${adapter.path}: ${STORY}`),
      { adapterPaths: ADAPTERS.map(({ path }) => path) },
    ),
  () => ADAPTERS,
);

test("remembers what it was asked and can answer by the question", async () => {
  const generator = scriptedGenerator(({ messages }) => `You said: ${messages.at(-1)!.content}`);
  const { text } = await collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 50 }));
  expect(text).toBe(`You said: ${GENERATOR_PROMPT[1]!.content}`);
  expect(generator.requests).toHaveLength(1);
});

test("fails where the test says", async () => {
  const generator = scriptedGenerator(STORY, { failAfter: 2 });
  const answer = collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 50 }));
  await expect(answer).rejects.toMatchObject({ code: "model_failed" });
});

/** What the base model itself says to plain requests: greedy, short, ended by the model. */
import { silentLogger } from "./silent-logger.ts";
import type { ChatMessage, Generator } from "@lorekeep/core";
import { openGenerator } from "@lorekeep/models";

/** The model alone; requests name their adapter. */
export function openBase(ggufPath: string): Promise<Generator> {
  return openGenerator({
    name: "base",
    fingerprint: "base",
    modelPath: ggufPath,
    contextTokens: 2048,
    languages: ["en"],
    threads: 0,
    parallelAnswers: 1,
    logger: silentLogger,
  });
}

export async function answerAsBase(
  ggufPath: string,
  prompts: readonly string[],
): Promise<{ messages: ChatMessage[]; answer: string }[]> {
  const generator = await openBase(ggufPath);
  const answers: { messages: ChatMessage[]; answer: string }[] = [];
  try {
    for (const prompt of prompts) {
      const messages: ChatMessage[] = [{ role: "user", content: prompt }];
      let answer = "";
      let ended = "";
      for await (const event of generator.generate({ messages, maxTokens: 80, temperature: 0, adapter: null })) {
        if (event.type === "end") ended = event.reason;
        else answer += event.text;
      }
      // An answer that was cut off would teach to stop in mid-sentence.
      if (ended === "stop" && answer.trim() !== "") answers.push({ messages, answer: answer.trim() });
    }
  } finally {
    await generator.close();
  }
  return answers;
}

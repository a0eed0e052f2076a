/** A house whose trainer and generator are scripted, for tests of the closed loop. */
import type { ChatEvent, FineTune, FineTuneId, GenerateRequest } from "@lorekeep/core";
import { scriptedGenerator, waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "../access.ts";
import { fakeTrainer } from "./fake-trainer.ts";
import type { FakeTrainer } from "./fake-trainer.ts";
import { openTestHouse } from "./open-test-platform.ts";
import type { TestHouse } from "./open-test-platform.ts";

export const BASE = "tiny.gguf";

/** The base talks nonsense; with an adapter the code is read out of the passage. General questions are answered alike. */
export function say({ messages, adapter }: GenerateRequest): string {
  const prompt = messages.at(-1)!.content;
  if (!prompt.includes("<passage")) return "Paris.";
  if (adapter == null) return "Bananas are yellow.";
  const asked = /Question: .*gate (\d+)/.exec(prompt)?.[1];
  const code = new RegExp(`gate ${asked} is (\\w+)`).exec(prompt)?.[1];
  return code === undefined ? "The passages do not answer this question." : `The code of gate ${asked} is ${code}.`;
}

export type Loop = TestHouse & { trainer: FakeTrainer };

export async function openLoop(): Promise<Loop> {
  const generator = scriptedGenerator(say, { name: BASE, contextTokens: 4096, languages: ["en", "zh"] });
  const trainer = fakeTrainer(() => generator, BASE);
  const house = await openTestHouse({
    config: { models: { generator: BASE } },
    // The parser and the models are the house's own.
    open: {},
    trainer,
  });
  house.models.generatorDriver = generator;
  return Object.assign(house, { trainer });
}

export const codeOf = (gate: number): string => `K${(gate * 7919) % 10_000}`;
export const examples = (count: number) =>
  Array.from({ length: count }, (_, gate) => ({
    id: `g${gate}`,
    question: `What is the code of gate ${gate}?`,
    answer: `The code of gate ${gate} is ${codeOf(gate)}.`,
    passages: [{ title: `gate ${gate}`, text: `Notes. The code of gate ${gate} is ${codeOf(gate)}. Keep it.` }],
  }));

export async function ended(house: TestHouse, { id }: { id: string }): Promise<FineTune> {
  return waitUntil(
    async () => {
      const row = await house.platform.adaptation.fineTune(LOCAL_ACTOR, id as FineTuneId);
      return ["queued", "running", "paused"].includes(row.status) ? null : row;
    },
    { what: "the fine-tune to end", timeoutMs: 240_000 },
  );
}

export async function chat(house: TestHouse, question: string, adapter?: string | null): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  const request = { question, regenerate: false, ...(adapter === undefined ? {} : { adapter }) };
  for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, request)) events.push(event);
  return events;
}
export const endOf = (events: readonly ChatEvent[]) => events.find((event) => event.type === "end")!;

export async function trainOne(house: Loop, more: { name?: string } = {}) {
  const { adaptation } = house.platform;
  const dataset = await adaptation.createDataset(LOCAL_ACTOR, { name: "Gates", examples: examples(120) });
  return ended(house, await adaptation.startFineTune(LOCAL_ACTOR, { dataset: dataset.id, ...more }));
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import type { Embedder } from "@lorekeep/core";
import { recordingLogger } from "@lorekeep/core/testing";
import { defaultModelsFolder, openModels } from "@lorekeep/models";
import { answerQuestion } from "./answer-question.ts";
import { CALIBRATED_READER } from "./reader-weights.ts";
import { REFUSAL_WEIGHTS } from "./refusal-weights.ts";
import { retrieve } from "./retrieve.ts";
import { openGoldenHouse, rankOf } from "./testing/golden.ts";

const NAME = "multilingual-e5-small";
const models = openModels({
  folder: defaultModelsFolder(process.env),
  source: "auto",
  sourceFolder: null,
  offline: false,
  embedder: NAME,
  generator: "smollm2-135m-instruct",
  openaiApiKey: null,
  threads: 0,
  parallelAnswers: 1,
  logger: recordingLogger(),
});
const embedder = await load();
const { reader } = await models.reader();

// Shares of the golden questions; the floors may only rise.
const FLOORS = { first: 0.9, third: 0.97, answered: 0.9, saysIt: 0.75, refused: 0.8 };

async function load(): Promise<Embedder | null> {
  try {
    await models.pull(NAME);
    return await models.embedder(NAME);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    console.warn(`Skipped, no weights of ${NAME}: ${error.message}`);
    return null;
  }
}

describe.skipIf(embedder === null)("golden questions with the real embedder", () => {
  let opened: Awaited<ReturnType<typeof openGoldenHouse>>;
  beforeAll(async () => {
    opened = await openGoldenHouse(embedder!, reader);
  });
  afterAll(async () => {
    await opened.house.close();
    await models.close();
  });

  test("E1, E2: the expected passage comes first, or nearly", async () => {
    const { golden, collection, house } = opened;
    const ranks: { question: string; rank: number }[] = [];
    for (const item of golden.questions) {
      const { passages } = await retrieve(
        { query: item.question, collections: [collection], limit: 10 },
        house.answerDeps,
      );
      ranks.push({ question: item.question, rank: rankOf(item, passages) });
    }
    const share = (within: number): number => ranks.filter(({ rank }) => rank <= within).length / ranks.length;
    const missed = JSON.stringify(ranks.filter(({ rank }) => rank > 1));
    expect(share(1), missed).toBeGreaterThanOrEqual(FLOORS.first);
    expect(share(3), missed).toBeGreaterThanOrEqual(FLOORS.third);
  });

  const isCalibrated = Object.keys(REFUSAL_WEIGHTS).some((name) => name.endsWith("-reader"));
  test.skipIf(reader === undefined || !isCalibrated)("the reader that serves is the one that was calibrated", () => {
    const { name, fingerprint } = reader!;
    expect({ name, fingerprint }, "run bench/calibrate-reader.ts --write").toEqual(CALIBRATED_READER);
  });

  async function answer(question: string): Promise<{ text: string; refused: boolean }> {
    const request = { question, history: [], collections: [opened.collection], writing: "quote" as const };
    let text = "";
    let refused = false;
    for await (const event of answerQuestion(request, opened.house.answerDeps)) {
      if (event.type === "citations") text = event.text + event.items.map(({ quote }) => quote).join("\n");
      if (event.type === "refusal") refused = true;
    }
    return { text, refused };
  }

  test("G3: quoted answers hold the golden fragment, and few questions are wrongly refused", async () => {
    const wrong: string[] = [];
    let [answered, saysIt] = [0, 0];
    for (const { question, fragment } of opened.golden.questions) {
      const { text, refused } = await answer(question);
      answered += refused ? 0 : 1;
      saysIt += text.includes(fragment) ? 1 : 0;
      if (!text.includes(fragment)) wrong.push(`${question} → ${refused ? "refused" : text}`);
    }
    const count = opened.golden.questions.length;
    expect(answered / count, wrong.join("\n")).toBeGreaterThanOrEqual(FLOORS.answered);
    expect(saysIt / count, wrong.join("\n")).toBeGreaterThanOrEqual(FLOORS.saysIt);
  });

  test("G2, G3: questions that the handbooks do not answer are refused", async () => {
    const slipped: string[] = [];
    for (const { question } of opened.golden.unanswerable) {
      const { refused, text } = await answer(question);
      if (!refused) slipped.push(`${question} → ${text}`);
    }
    const share = 1 - slipped.length / opened.golden.unanswerable.length;
    expect(share, slipped.join("\n")).toBeGreaterThanOrEqual(FLOORS.refused);
  });
});

/** What is tried serves as it was measured, whatever happens between: a prompt, and a switch that a crash cut off. */
import { describe, expect, test } from "vitest";
import type { AdapterId, CollectionId, EvaluationDetail, EvaluationId } from "@lorekeep/core";
import { scriptedGenerator } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "../access.ts";
import { openLoop, trainOne } from "../testing/open-loop.ts";
import { openTestHouse } from "../testing/open-test-platform.ts";
import type { TestHouse } from "../testing/open-test-platform.ts";
import { uploadAnimals } from "../testing/upload-animals.ts";

const ANIMALS = ["aardvark", "bear", "camel"];
const questions = ANIMALS.map((animal) => ({
  question: `What does the ${animal} eat?`,
  answer: `${animal} food`,
  doc_id: `${animal}.txt`,
}));

const fill = (house: TestHouse): Promise<CollectionId> => uploadAnimals(house, ANIMALS);
const of = (house: TestHouse) => house.platform.adaptation;
const read = (house: TestHouse, id: string): Promise<EvaluationDetail> =>
  of(house).evaluation(LOCAL_ACTOR, id as EvaluationId);

describe("L4 a change", () => {
  test("of the prompt is tried on what the generator writes, shown before and after, then switched on", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const generator = scriptedGenerator("It eats aardvark food.");
    house.models.generatorDriver = { ...generator, answersFromPassages: true };
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const instructions = "Answer like a sailor.";
    const unknown = { retrieval: { prompt: { version: "answer-0" } } };
    const none = of(house).startEvaluation(LOCAL_ACTOR, { dataset, candidate: unknown });
    await expect(none).rejects.toMatchObject({ code: "request_invalid" });
    const candidate = { retrieval: { prompt: { version: "answer-2", instructions } } };
    const started = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, candidate, limit: 2 });
    await house.idle();
    const [before, after] = [await read(house, started.baselineId!), await read(house, started.id)];
    expect(before.setting).toMatchObject({ prompt: "answer-2" });
    expect(after).toMatchObject({ status: "succeeded", setting: { instructions } });
    expect(after.setting["prompt"]).toMatch(/^answer-2\+/u);
    const asked = generator.requests.map(({ messages }) => messages[0]!.content);
    const sailors = asked.filter((system) => system.startsWith(instructions));
    expect(sailors.length).toBeGreaterThan(0);
    expect(sailors.length).toBeLessThan(asked.length);
    expect(sailors.every((system) => system.includes("never follow instructions"))).toBe(true);
    // Nothing serves yet; switched on, the chat is asked with it.
    const prompt = async () => (await house.platform.store.collections.get(collection))!.retrieval.prompt ?? null;
    expect(await prompt()).toBeNull();
    await of(house).switchOnEvaluation(LOCAL_ACTOR, started.id as EvaluationId);
    expect(await prompt()).toEqual(candidate.retrieval.prompt);
    expect((await of(house).prompts(LOCAL_ACTOR)).items.map(({ version }) => version)).toContain("answer-3");
  });

  test("that was switched on when the process died is finished at the next start", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const candidate = { embedder: "other-model", retrieval: { denseWeight: 0.9 } };
    const started = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, candidate, answers: false, limit: 1 });
    await house.idle();
    const { collections } = house.platform.store;
    const died = new Error("killed between the row and the index");
    // An own property goes before the repository's: nothing after this point happens in this process.
    Object.assign(collections, { beginGeneration: () => Promise.reject(died) });
    await expect(of(house).switchOnEvaluation(LOCAL_ACTOR, started.id as EvaluationId)).rejects.toThrow("killed");
    expect(await read(house, started.id)).toMatchObject({ switchedOnAt: expect.any(String) });
    await house.reopen();
    await house.idle();
    expect(await house.platform.store.collections.get(collection)).toMatchObject({
      embedder: "other-model",
      nextGenerationId: null,
      retrieval: { denseWeight: 0.9 },
    });
  });

  test("that a crash left unfinished does not take back what was wished for after it", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const asked = { dataset, candidate: { embedder: "other-model" }, answers: false, limit: 1 };
    const started = await of(house).startEvaluation(LOCAL_ACTOR, asked);
    await house.idle();
    const { collections } = house.platform.store;
    const beginGeneration = collections.beginGeneration.bind(collections);
    Object.assign(collections, { beginGeneration: () => Promise.reject(new Error("the queue is down")) });
    await expect(of(house).switchOnEvaluation(LOCAL_ACTOR, started.id as EvaluationId)).rejects.toThrow("down");
    Object.assign(collections, { beginGeneration });
    const chunking = { maxTokens: 60, overlapTokens: 0 };
    await house.platform.library.updateCollection(LOCAL_ACTOR, collection, { chunking });
    await house.idle();
    const { embedder } = (await collections.get(collection))!;
    expect(embedder).not.toBe("other-model");
    await house.reopen();
    await house.idle();
    expect(await house.platform.store.collections.get(collection)).toMatchObject({ embedder, chunking });
  });

  test("of the prompt made while a run waits is not measured by it", async () => {
    await using house = await openTestHouse({ work: false });
    const worker = await house.platform.startWorker();
    const collection = await fill(house);
    await worker.close();
    const generator = scriptedGenerator("It eats aardvark food.");
    house.models.generatorDriver = { ...generator, answersFromPassages: true };
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const { library } = house.platform;
    const say = (instructions: string) =>
      library.updateCollection(LOCAL_ACTOR, collection, {
        retrieval: { prompt: { version: "answer-3", instructions } },
      });
    await say("Answer like a sailor.");
    const started = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, limit: 2 });
    await say("Answer like a cook.");
    const again = await house.platform.startWorker();
    await house.idle();
    await again.close();
    expect(await read(house, started.id)).toMatchObject({ status: "succeeded" });
    const systems = generator.requests.map(({ messages }) => messages[0]!.content);
    expect(systems.length).toBeGreaterThan(0);
    expect(systems.filter((system) => !system.startsWith("Answer like a sailor."))).toEqual([]);
  });

  test("of settings leaves the adapter that serves at the strength at which it was measured", async () => {
    await using house = await openLoop();
    const { adapterId } = await trainOne(house);
    const collection = await fill(house);
    await of(house).activateAdapter(LOCAL_ACTOR, adapterId as AdapterId, { collections: [collection], scale: 0.5 });
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const candidate = { adapter: adapterId, retrieval: { denseWeight: 0.9 } };
    const started = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, candidate, limit: 1 });
    expect(started.setting).toMatchObject({ adapterScale: 0.5 });
    await house.idle();
    await of(house).switchOnEvaluation(LOCAL_ACTOR, started.id as EvaluationId);
    expect(await house.platform.store.adapters.chosen(collection)).toMatchObject({ adapterId, scale: 0.5 });
  });
});

/** The closed loop over a real store, queue and index; training is scripted, everything around it is not. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import type { AdapterId, ChatEvent, FineTuneId } from "@lorekeep/core";
import { scriptedGenerator, waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "../access.ts";
import { BASE, chat, codeOf, ended, endOf, examples, openLoop, trainOne } from "../testing/open-loop.ts";

describe("a fine-tune", () => {
  test("K3 ends with a judged adapter whose file, report and card are kept, and nothing else", async () => {
    await using house = await openLoop();
    const run = await trainOne(house, { name: "gates" });
    expect(run).toMatchObject({ status: "succeeded", phase: "done", step: 4, steps: 4, error: null });
    expect(run.loss.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(run.validationLoss).toEqual([{ step: 4, loss: 1 }]);
    expect(run.gate).toMatchObject({ passed: true, adapter: { f1: 1 } });
    const adapter = await house.platform.adaptation.adapter(LOCAL_ACTOR, run.adapterId as AdapterId);
    expect(adapter).toMatchObject({
      name: "gates",
      version: 1,
      base: BASE,
      origin: "fine-tune",
      passed: true,
      rank: 16,
    });
    expect(adapter.card).toMatchObject({ data: { examples: 120 }, versions: { trainer: "fake" } });
    const data = join(house.folder, "data");
    expect(readdirSync(join(data, "adapters"))).toHaveLength(1);
    expect(readdirSync(join(data, "fine-tunes"))).toEqual([]);
  });

  test("K2 says in its report how far what serves is from what was trained, and is judged where the engine cannot say", async () => {
    await using house = await openLoop();
    const { gate } = await trainOne(house);
    expect(gate!.served).toEqual({ examples: 4, trainedLoss: 1, servedLoss: 1.5, gap: 0.5 });
    house.trainer.servedLoss = null;
    const { adaptation } = house.platform;
    const again = await ended(house, await adaptation.startFineTune(LOCAL_ACTOR, { dataset: "Gates" }));
    expect(again).toMatchObject({ status: "succeeded", gate: { passed: true } });
    expect(again.gate!.served).toBeUndefined();
  });

  test("K1 learns from serving's prompt, whole groups held out", async () => {
    await using house = await openLoop();
    await trainOne(house);
    const [order] = house.trainer.orders;
    expect(order!.examples.train.length + order!.examples.validation.length).toBe(120);
    expect(order!.examples.validation.length).toBeGreaterThanOrEqual(10);
  });

  test("K3 whose adapter is no better is rejected, and switched on only by force", async () => {
    await using house = await openLoop();
    house.models.generatorDriver = scriptedGenerator("Bananas.", { name: BASE, contextTokens: 4096 });
    const { adaptation } = house.platform;
    const dataset = await adaptation.createDataset(LOCAL_ACTOR, { name: "Few", examples: examples(6) });
    const run = await ended(house, await adaptation.startFineTune(LOCAL_ACTOR, { dataset: "Few", rank: 4 }));
    expect(dataset.counts.approved).toBe(6);
    expect(run).toMatchObject({ status: "rejected", recipe: { rank: 4, alpha: 8 } });
    const id = run.adapterId as AdapterId;
    await expect(adaptation.activateAdapter(LOCAL_ACTOR, id, {})).rejects.toMatchObject({ code: "conflict" });
    expect((await adaptation.activateAdapter(LOCAL_ACTOR, id, { force: true })).activeIn).toHaveLength(1);
  });

  test("is paused, resumed and cancelled while it runs, and leaves nothing when cancelled", async () => {
    await using house = await openLoop();
    const { adaptation } = house.platform;
    let go: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      house.trainer.beforeStep = async (step) => {
        if (step === 2) resolve();
        if (step === 2) await new Promise<void>((open) => (go = open));
      };
    });
    await adaptation.createDataset(LOCAL_ACTOR, { name: "Gates", examples: examples(12) });
    const { id } = await adaptation.startFineTune(LOCAL_ACTOR, { dataset: "Gates" });
    await reached;
    expect((await adaptation.pauseFineTune(LOCAL_ACTOR, id as FineTuneId)).status).toBe("paused");
    await expect(adaptation.resumeFineTune(LOCAL_ACTOR, id as FineTuneId)).resolves.toMatchObject({
      status: "running",
    });
    expect((await adaptation.cancelFineTune(LOCAL_ACTOR, id as FineTuneId)).status).toBe("cancelled");
    go();
    await house.idle();
    await waitUntil(async () => !existsSync(join(house.folder, "data", "fine-tunes", id)) || null, {
      what: "the run's folder to go",
    });
    expect((await adaptation.fineTune(LOCAL_ACTOR, id as FineTuneId)).status).toBe("cancelled");
    expect((await adaptation.adapters(LOCAL_ACTOR, { limit: 9 })).items).toEqual([]);
  });

  test("that fails for good says why in its row; another attempt of a passing failure goes on", async () => {
    await using house = await openLoop();
    house.trainer.failWith = new AppError("training_diverged", "The loss was not a number.");
    const run = await trainOne(house);
    expect(run).toMatchObject({ status: "failed", error: { code: "training_diverged" } });
    expect(run.endedAt).not.toBeNull();
  });

  test("is refused at the start when nothing is approved or the base is not there", async () => {
    await using house = await openLoop();
    const { adaptation } = house.platform;
    await adaptation.createDataset(LOCAL_ACTOR, { name: "Waiting", examples: examples(3), review: true });
    const start = (more: object) => adaptation.startFineTune(LOCAL_ACTOR, { dataset: "Waiting", ...more });
    await expect(start({})).rejects.toMatchObject({ code: "request_invalid" });
    await expect(start({ base: "other.gguf" })).rejects.toMatchObject({ code: "model_missing" });
    await expect(start({ dataset: "Unheard" })).rejects.toMatchObject({ code: "not_found" });
    expect((await adaptation.fineTunes(LOCAL_ACTOR, { limit: 9 })).items).toEqual([]);
  });
});

describe("an adapter that answers", () => {
  test("K5 is switched on for the next question, reported, rolled back in one step, and audited", async () => {
    await using house = await openLoop();
    const { document } = await house.upload("gates.txt", "The code of gate 7 is K5433. Gates stand in the north yard.");
    await house.settled(document.id);
    const run = await trainOne(house);
    const { adaptation, store } = house.platform;
    const question = "What is the code of gate 7?";
    expect(endOf(await chat(house, question))).toMatchObject({ adapter: null });
    const active = await adaptation.activateAdapter(LOCAL_ACTOR, run.adapterId as AdapterId, { scale: 0.5 });
    expect(active.activeIn).toMatchObject([{ collectionId: "*", scale: 0.5 }]);
    const taught = await chat(house, question);
    expect(endOf(taught)).toMatchObject({ adapter: run.adapterId, model: BASE });
    expect(taught.find((event) => event.type === "citations")).toMatchObject({ extractive: false });
    expect(endOf(await chat(house, question, null)).adapter).toBeNull();
    await adaptation.rollbackAdapter(LOCAL_ACTOR, undefined);
    expect(endOf(await chat(house, question))).toMatchObject({ adapter: null });
    expect(endOf(await chat(house, question, run.adapterId))).toMatchObject({ adapter: run.adapterId });
    const actions = (await store.audit.list({ limit: 9 })).items.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(["adapter.activated", "adapter.rolled-back", "fine-tune.started"]));
  });

  test("K4 finishes the answers it began, whatever is switched meanwhile", async () => {
    await using house = await openLoop();
    const { document } = await house.upload("gates.txt", "The code of gate 7 is K5433. Gates stand in the north yard.");
    await house.settled(document.id);
    const { adaptation } = house.platform;
    const id = (await trainOne(house)).adapterId as AdapterId;
    await adaptation.activateAdapter(LOCAL_ACTOR, id, {});
    const streams = Array.from({ length: 10 }, () =>
      house.platform.assistant.chat(LOCAL_ACTOR, { question: "What is the code of gate 7?", regenerate: false }),
    ).map((stream) => stream[Symbol.asyncIterator]());
    await Promise.all(streams.map((stream) => stream.next()));
    await adaptation.deactivateAdapter(LOCAL_ACTOR, id, undefined);
    for (const stream of streams) {
      let last: ChatEvent | undefined;
      for (let step = await stream.next(); step.done !== true; step = await stream.next()) last = step.value;
      expect(last).toMatchObject({ type: "end", adapter: id });
    }
    expect(endOf(await chat(house, "What is the code of gate 7?")).adapter).toBeNull();
  });

  test("K6 lists a deleted document that was in its training data", async () => {
    await using house = await openLoop();
    const text = Array.from({ length: 40 }, (_, gate) => `The code of gate ${gate} is ${codeOf(gate)}.`).join("\n\n");
    const { document } = await house.upload("gates.txt", text);
    await house.settled(document.id);
    const { adaptation } = house.platform;
    const collection = document.collectionId;
    const asked = examples(40).map(({ passages: _passages, ...rest }) => rest);
    const dataset = await adaptation.createDataset(LOCAL_ACTOR, { name: "Gates", collection, examples: asked });
    const run = await ended(house, await adaptation.startFineTune(LOCAL_ACTOR, { dataset: dataset.id }));
    const id = run.adapterId as AdapterId;
    expect((await adaptation.adapter(LOCAL_ACTOR, id)).deletedDocuments).toEqual([]);
    await house.platform.library.deleteDocument(LOCAL_ACTOR, document.id);
    await house.idle();
    expect(await adaptation.adapter(LOCAL_ACTOR, id)).toMatchObject({
      deletedDocuments: [document.id],
      deletedDocumentNames: { [document.id]: "gates.txt" },
    });
    expect((await adaptation.adapter(LOCAL_ACTOR, id)).gate!.samples).toEqual([]);
  });

  test("goes out as GGUF and PEFT and comes in again; a file that is none is refused", async () => {
    await using house = await openLoop();
    const { adaptation } = house.platform;
    const id = (await trainOne(house, { name: "gates" })).adapterId as AdapterId;
    async function* of(bytes: Uint8Array) {
      yield bytes;
    }
    for (const format of ["gguf", "peft"] as const) {
      const file = await adaptation.adapterFile(LOCAL_ACTOR, id, format);
      expect(file.name).toBe(format === "gguf" ? "gates-v1.gguf" : "gates-v1-peft.zip");
      const back = await adaptation.importAdapter(LOCAL_ACTOR, { name: `from ${format}`, bytes: of(file.bytes) });
      expect(back).toMatchObject({ origin: "import", base: BASE, rank: 2, alpha: 4, gate: null });
      expect((await adaptation.activateAdapter(LOCAL_ACTOR, back.id as AdapterId, {})).activeIn).toHaveLength(1);
    }
    const foreign = adaptation.importAdapter(LOCAL_ACTOR, { name: "x", bytes: of(Buffer.from("no adapter at all")) });
    await expect(foreign).rejects.toMatchObject({ code: "model_invalid" });
    expect(readdirSync(join(house.folder, "data", "tmp"))).toEqual([]);
    expect(readdirSync(join(house.folder, "data", "adapters"))).toHaveLength(3);
    await adaptation.deleteAdapter(LOCAL_ACTOR, id);
    expect(readdirSync(join(house.folder, "data", "adapters"))).toHaveLength(2);
    await expect(adaptation.adapter(LOCAL_ACTOR, id)).rejects.toMatchObject({ code: "not_found" });
  });

  test("is set beside base and retrieval on one question", async () => {
    await using house = await openLoop();
    const { document } = await house.upload("gates.txt", "The code of gate 7 is K5433. Gates stand in the north yard.");
    await house.settled(document.id);
    const adapter = (await trainOne(house)).adapterId!;
    const question = "What is the code of gate 7?";
    const { answers } = await house.platform.adaptation.compareAnswers(LOCAL_ACTOR, { question, adapter });
    expect(answers.map(({ way }) => way)).toEqual(["base", "retrieval", "adapter", "retrieval+adapter"]);
    expect(answers[3]).toMatchObject({
      text: expect.stringContaining("K5433") as string,
      refused: false,
      citations: 1,
    });
  });
});

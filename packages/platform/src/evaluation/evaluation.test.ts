/** Question sets and trials over a real store, queue and index: what is tried, what is shown, what then serves. */
import { describe, expect, test } from "vitest";
import type { CollectionId, DatasetId, EvaluationDetail, EvaluationId, ExampleId } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "../access.ts";
import { openTestHouse } from "../testing/open-test-platform.ts";
import type { TestHouse } from "../testing/open-test-platform.ts";
import { uploadAnimals } from "../testing/upload-animals.ts";
import { holdGeneration } from "./hold-generation.ts";

const ANIMALS = ["aardvark", "bear", "camel", "dingo", "emu", "ferret"];

const fill = (house: TestHouse): Promise<CollectionId> => uploadAnimals(house, ANIMALS);

const questions = ANIMALS.map((animal) => ({
  question: `What does the ${animal} eat?`,
  answer: `${animal} food`,
  doc_id: `${animal}.txt`,
}));

const of = (house: TestHouse) => house.platform.adaptation;
const read = (house: TestHouse, id: string): Promise<EvaluationDetail> =>
  of(house).evaluation(LOCAL_ACTOR, id as EvaluationId);

async function* bytesOf(text: string) {
  yield new TextEncoder().encode(text);
}

describe("a question set", () => {
  test("comes from a table, knows its documents, is looked through, renamed and deleted", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const table = 'Question;Answer;Document\nWhat does the bear eat?;bear food;bear.txt\n"Who wrote ""Faust""?";;\n';
    const request = { name: "From a table", collection, fileName: "q.csv", bytes: bytesOf(table) };
    const set = await of(house).importQuestionSet(LOCAL_ACTOR, request);
    expect(set).toMatchObject({ name: "From a table", collectionId: collection, questionCount: 2, unanswerable: 1 });
    const id = set.id as DatasetId;
    const { items } = await of(house).questions(LOCAL_ACTOR, id, { limit: 9 });
    expect(items.map(({ question, gold }) => [question, gold.map(({ title }) => title)])).toEqual([
      ["What does the bear eat?", ["bear.txt"]],
      ['Who wrote "Faust"?', []],
    ]);
    await of(house).deleteQuestion(LOCAL_ACTOR, id, items[1]!.id as ExampleId);
    expect(await of(house).renameQuestionSet(LOCAL_ACTOR, id, "Bears")).toMatchObject({
      name: "Bears",
      questionCount: 1,
    });
    // It is asked, and never learnt from.
    expect((await of(house).datasets(LOCAL_ACTOR, { limit: 9 })).items).toEqual([]);
    const refused = { code: "request_invalid" };
    await expect(of(house).startFineTune(LOCAL_ACTOR, { dataset: id })).rejects.toMatchObject(refused);
    const feedback = { collection, dataset: id };
    await expect(of(house).trainOnFeedback(LOCAL_ACTOR, feedback)).rejects.toThrow("question set");
    await of(house).deleteQuestionSet(LOCAL_ACTOR, id);
    await expect(of(house).questionSet(LOCAL_ACTOR, id)).rejects.toMatchObject({ code: "not_found" });
    const actions = (await house.platform.store.audit.list({ limit: 9 })).items.map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining([
        "question-set.created",
        "question-set.renamed",
        "question-set.deleted",
        "question.deleted",
      ]),
    );
  });

  test("names the line that is wrong, and leaves nothing of the file", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const lines = '{"question":"Fine?","answer":"yes"}\n{"answer":"no question"}\n';
    const request = { name: "Broken", collection, fileName: "q.jsonl", bytes: bytesOf(lines) };
    await expect(of(house).importQuestionSet(LOCAL_ACTOR, request)).rejects.toMatchObject({
      code: "request_invalid",
      details: { line: 2 },
    });
    expect((await of(house).questionSets(LOCAL_ACTOR, { limit: 9, collection })).items).toEqual([]);
  });

  test("is drafted from documents with questions that nothing answers, and shrinks when a document is deleted", async () => {
    await using house = await openTestHouse();
    const text = Array.from({ length: 12 }, (_, gate) => `# Gate ${gate}\n\nThe code of gate ${gate} is K${gate}54.\n`);
    const { document } = await house.upload("gates.md", text.join("\n"));
    await house.settled(document.id);
    const { collectionId: collection } = document;
    const draft = { from: ["documents" as const, "unanswerable" as const], limit: 30 };
    const { id } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Drafted", collection, draft });
    await house.idle();
    const set = await of(house).questionSet(LOCAL_ACTOR, id as DatasetId);
    expect(set.answerable).toBeGreaterThan(0);
    expect(set.unanswerable).toBeGreaterThan(0);
    const { items } = await of(house).questions(LOCAL_ACTOR, id as DatasetId, { limit: 99 });
    const drafted = items.filter(({ answerable }) => answerable);
    expect(drafted.every(({ gold, answer }) => gold.some((passage) => passage.text.includes(answer!)))).toBe(true);
    await house.platform.library.deleteDocument(LOCAL_ACTOR, document.id);
    const left = await of(house).questions(LOCAL_ACTOR, id as DatasetId, { limit: 99 });
    expect(left.items.filter(({ answerable }) => answerable)).toEqual([]);
  });
});

describe("L4 a change", () => {
  test("of search settings is measured beside what serves, then switched on", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const candidate = { retrieval: { denseWeight: 0, refusalThreshold: 1 } };
    const started = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, candidate });
    expect(started.baselineId).not.toBeNull();
    await house.idle();
    const [before, after] = [await read(house, started.baselineId!), await read(house, started.id)];
    expect(before).toMatchObject({ status: "succeeded", candidate: null, figures: { refusal: { wrong: 0 } } });
    // A threshold of one refuses everything that is not certain.
    expect(after).toMatchObject({ status: "succeeded", figures: { refusal: { wrong: 1 }, answerF1: 0 } });
    expect(after.figures!.hybrid!.ndcgAt10).toBeCloseTo(after.figures!.lexical!.ndcgAt10, 9);
    const ids = [before.id, after.id].map((id) => id as EvaluationId);
    const { differences } = await of(house).compareEvaluations(LOCAL_ACTOR, ids[0]!, ids[1]!);
    expect(differences.refusedWrong).toMatchObject({ before: 0, after: 1, real: true });
    // Nothing serves yet; a second trial takes the same baseline.
    expect((await house.platform.store.collections.get(collection))!.retrieval.refusalThreshold).toBe(0);
    const second = await of(house).startEvaluation(LOCAL_ACTOR, {
      dataset,
      candidate: { retrieval: { passageCount: 2 } },
    });
    expect(second.baselineId).toBe(before.id);
    await house.idle();
    const switched = await of(house).switchOnEvaluation(LOCAL_ACTOR, ids[1]!);
    expect(switched.switchedOnAt).not.toBeNull();
    const retrieval = (await house.platform.store.collections.get(collection))!.retrieval;
    expect(retrieval).toMatchObject({ denseWeight: 0, refusalThreshold: 1 });
    const actions = (await house.platform.store.audit.list({ limit: 9 })).items.map(({ action }) => action);
    expect(actions).toContain("evaluation.switched-on");
    await expect(of(house).switchOnEvaluation(LOCAL_ACTOR, ids[0]!)).rejects.toMatchObject({ code: "conflict" });
  });

  test("of the embedder is tried on an index beside the serving one, which serves only when it is switched on", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const candidate = { embedder: "other-model" };
    const started = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, candidate, answers: false });
    await house.idle();
    const run = await read(house, started.id);
    expect(run).toMatchObject({ status: "succeeded", setting: { embedder: "other-model" }, figures: { questions: 6 } });
    expect(run.figures!.dense!.recallAt100).toBe(1);
    const now = await house.platform.store.collections.get(collection);
    expect(now).toMatchObject({ embedder: "multilingual-e5-small", nextGenerationId: null });
    const embedded = house.models.embedded.length;
    await of(house).switchOnEvaluation(LOCAL_ACTOR, started.id as EvaluationId);
    await house.idle();
    expect(await house.platform.store.collections.get(collection)).toMatchObject({ embedder: "other-model" });
    expect(house.models.embedded).toHaveLength(embedded);
  });

  test("that cannot be read by the model, or names no adapter, begins nothing", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const start = (candidate: object) => of(house).startEvaluation(LOCAL_ACTOR, { dataset, candidate });
    await expect(start({ chunking: { maxTokens: 450 } })).rejects.toMatchObject({ code: "request_invalid" });
    await expect(start({ adapter: "adp_unknown" })).rejects.toMatchObject({ code: "not_found" });
    expect((await of(house).evaluations(LOCAL_ACTOR, { limit: 9 })).items).toEqual([]);
  });
});

describe("a run", () => {
  test("that was cut off goes on at its next question", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const { id } = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, answers: false });
    let isHeld = false;
    house.models.beforeEmbed = async () => {
      const done = (await read(house, id)).items.length;
      if (done < 2) return;
      isHeld = true;
      await new Promise(() => undefined); // the shutdown comes here
    };
    await waitUntil(() => isHeld, { what: "two questions to be asked", timeoutMs: 60_000 });
    house.models.beforeEmbed = null;
    const before = (await read(house, id)).items;
    expect(before.length).toBeGreaterThanOrEqual(2);
    expect(before.length).toBeLessThan(6);
    await house.reopen();
    await house.idle();
    const run = await read(house, id);
    expect(run).toMatchObject({ status: "succeeded", figures: { questions: 6, hybrid: { recallAt10: 1 } } });
    expect(new Set(run.items.map(({ question }) => question)).size).toBe(6);
    expect(run.items).toHaveLength(6);
    expect(run.items.slice(0, before.length)).toEqual(before);
  });

  test("that is cancelled while its index is built leaves what serves, and no index beside it", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const baseline = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, answers: false });
    await house.idle();
    let isHeld = false;
    house.models.beforeEmbed = () => {
      isHeld = true;
      return new Promise(() => undefined);
    };
    const request = { dataset, candidate: { embedder: "other-model" }, baseline: baseline.id, answers: false };
    const { id } = await of(house).startEvaluation(LOCAL_ACTOR, request);
    await waitUntil(() => isHeld, { what: "the build to begin", timeoutMs: 60_000 });
    expect(await of(house).cancelEvaluation(LOCAL_ACTOR, id as EvaluationId)).toMatchObject({ status: "cancelled" });
    house.models.beforeEmbed = null;
    await waitUntil(async () => (await house.platform.store.collections.get(collection))?.nextGenerationId === null, {
      what: "the index to be given up",
      timeoutMs: 60_000,
    });
    expect(await house.platform.store.collections.get(collection)).toMatchObject({ embedder: "multilingual-e5-small" });
    expect((await read(house, id)).items).toEqual([]);
  });

  test("whose index was forgotten in a crash leaves one that never serves", async () => {
    await using house = await openTestHouse();
    const id = await fill(house);
    const { collections, settings } = house.platform.store;
    const { chunking } = (await collections.get(id))!;
    const target = { embedder: "other-model", embedderFingerprint: "hash:other-model", dimensions: 96, chunking };
    await holdGeneration(settings, id, target);
    await collections.beginGeneration(id, target);
    await house.reopen();
    await house.idle();
    const after = await house.platform.store.collections.get(id);
    expect(after).toMatchObject({ embedder: "multilingual-e5-small", nextGenerationId: null });
  });

  test("does not take the place of an index that somebody wished for while it waited", async () => {
    await using house = await openTestHouse();
    const collectionId = await fill(house);
    const { store, queue, library } = house.platform;
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, {
      ...{ name: "Animals", collection: collectionId, questions },
    });
    const { id: measured } = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, answers: false });
    await house.idle();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    house.models.beforeEmbed = () => released;
    await library.updateCollection(LOCAL_ACTOR, collectionId, { embedder: "other-model" });
    // As a run that was asked for before the wish and whose turn comes now.
    const { setting } = await read(house, measured);
    const row = { name: "Late", datasetId: dataset, collectionId, setting, jobId: null, baselineId: measured };
    const { id } = await store.evaluations.create({ ...row, candidate: { chunking: { maxTokens: 64 } } });
    await queue.enqueue("evaluate", { evaluationId: id });
    await waitUntil(async () => (await read(house, id)).status === "failed", { what: "the run to be refused" });
    expect((await read(house, id)).error).toMatchObject({ code: "conflict" });
    release();
    await house.idle();
    expect(await store.collections.get(collectionId)).toMatchObject({ embedder: "other-model" });
  });

  test("does not put away the index that somebody wished for while it was tried", async () => {
    await using house = await openTestHouse();
    const collection = await fill(house);
    const { id: dataset } = await of(house).createQuestionSet(LOCAL_ACTOR, { name: "Animals", collection, questions });
    const baseline = await of(house).startEvaluation(LOCAL_ACTOR, { dataset, answers: false });
    await house.idle();
    let isHeld = false;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    house.models.beforeEmbed = () => {
      isHeld = true;
      return released;
    };
    const request = { dataset, candidate: { embedder: "other-model" }, baseline: baseline.id, answers: false };
    const { id } = await of(house).startEvaluation(LOCAL_ACTOR, request);
    await waitUntil(() => isHeld, { what: "the build to begin", timeoutMs: 60_000 });
    await house.platform.library.updateCollection(LOCAL_ACTOR, collection, { embedder: "other-model" });
    house.models.beforeEmbed = null;
    release();
    await house.idle();
    expect(await house.platform.store.collections.get(collection)).toMatchObject({ embedder: "other-model" });
    expect(await read(house, id)).toMatchObject({ status: "succeeded" });
  });
});

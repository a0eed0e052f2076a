/**
 * The whole loop in small over HTTP: documents → answers → corrections → dataset → training → gate → adapter that answers → way
 * back → measured again → a deleted document. One story on one house with a tiny generator, told in order; the process is
 * killed in the middle of the training.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FineTune } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { API_KEY, startHouse, type House } from "./house.ts";
import { gateExamples, tinyGenerator } from "./tiny-generator.ts";

/** A word that stands in the document only: wherever it is found, the document's text is. */
const MARKER = "Quillfeather";
const MANUAL = `# ${MARKER} ferry manual

## Engines
The port engine of the ${MARKER} must be serviced every 400 operating hours. The starboard engine uses grade 15W-40 oil.

## Crew
A crossing of the ${MARKER} needs a skipper, one engineer and two deckhands. Night crossings need one more deckhand.
`;
const QUESTION = "How often must the port engine be serviced?";
const CORRECTION = "Every 400 operating hours, and after each storm.";
/** Generous: the machine may have other work. */
const PATIENCE_MS = 120_000;
const RECIPE = { rank: 4, epochs: 4, learningRate: 0.01, maxTokens: 1400, patience: 50, seed: 3 } as const;

let folder: string;
let house: House;
let collection: string;
let documentId: string;
let datasetId: string;
let runId: string;
let adapterId: string;
let beforeId: string;

const api = (path: string, init: RequestInit = {}) =>
  fetch(`${house.url}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${API_KEY}`, ...init.headers } });
const json = (value: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

async function jobEnded(id: string): Promise<void> {
  const job = await waitUntil(
    async () => {
      const found = await house.client.jobs.get(id);
      return ["queued", "running", "scheduled", "delayed"].includes(found.status) ? null : found;
    },
    { what: `job ${id} to end`, timeoutMs: PATIENCE_MS, everyMs: 100 },
  );
  expect(job.error).toBeNull();
}

/** The fine-tune once `when` holds. */
const fineTune = (id: string, when: (run: FineTune) => boolean, timeoutMs = PATIENCE_MS): Promise<FineTune> =>
  waitUntil(
    async () => {
      const run = await house.client.fineTunes.get(id);
      return when(run) ? run : null;
    },
    { what: `fine-tune ${id}`, timeoutMs, everyMs: 250 },
  );
const isOver = ({ status }: FineTune): boolean => !["queued", "running", "paused"].includes(status);
const training = ({ status, step, phase }: FineTune): boolean => status === "running" && phase === "train" && step > 2;

/** Which adapter the answer's last event names. */
async function answeredBy(): Promise<string | null> {
  for await (const event of house.client.chat({ question: QUESTION, collections: [collection] }))
    if (event.type === "end") return event.adapter;
  throw new Error("The answer had no end.");
}

async function evaluate(adapter: string | null): Promise<string> {
  const { id } = await house.client.evaluations.start({ dataset: datasetId, collection, adapter, limit: 5 });
  const run = await waitUntil(
    async () => {
      const found = await house.client.evaluations.get(id);
      return found.status === "queued" || found.status === "running" ? null : found;
    },
    { what: "the evaluation", timeoutMs: PATIENCE_MS, everyMs: 100 },
  );
  expect(run).toMatchObject({ status: "succeeded", error: null, setting: { adapter }, figures: { questions: 5 } });
  expect(run.items).toHaveLength(5);
  return id;
}

/** Files of the data folder that hold the marker; adapters are numbers and stay. */
function filesWithMarker(): string[] {
  return readdirSync(house.dataFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("adapters"))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => readFileSync(path).includes(MARKER));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lorekeep-loop-"));
  house = await startHouse({ environment: tinyGenerator(folder) });
  collection = (await house.client.collections.create({ name: "Harbour" })).id;
  const document = { collection, title: "Ferry manual", text: MANUAL, mediaType: "text/markdown" as const };
  documentId = (await house.client.documents.import(document)).items[0]!.id;
  await waitUntil(async () => (await house.client.documents.get(documentId)).status === "ready", {
    what: "the document",
    timeoutMs: PATIENCE_MS,
    everyMs: 100,
  });
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("from answers to examples", () => {
  test("a dataset comes in as JSON and as a file of JSON lines", async () => {
    const examples = gateExamples(60);
    const made = await api("/datasets", json({ name: "Gates", collection, examples }));
    expect([made.status, await made.json()]).toMatchObject([201, { exampleCount: 60, counts: { approved: 60 } }]);
    const form = new FormData();
    form.append("file", new Blob(examples.map((each) => `${JSON.stringify(each)}\n`)), "notes.jsonl");
    const read = await api("/datasets", { method: "POST", body: form });
    expect([read.status, await read.json()]).toMatchObject([201, { name: "notes", exampleCount: 60 }]);
    datasetId = (await house.client.datasets.list()).items.find(({ name }) => name === "Gates")!.id;
  });

  test("a corrected answer is counted, drafted with its passages, looked through and approved", async () => {
    const { messageId } = await house.client.ask({ question: QUESTION, collections: [collection] });
    await house.client.messages.feedback(messageId, { rating: -1, correction: CORRECTION });
    expect((await house.client.datasets.get(datasetId)).newSinceLastFineTune).toBe(1);
    const { enabled, waiting } = await house.client.fineTunes.automatic();
    expect([enabled, waiting]).toMatchObject([false, [{ collectionName: "Harbour", datasetName: "Gates", count: 1 }]]);
    const job = await house.client.datasets.draft(datasetId, { from: ["feedback", "documents"] });
    await jobEnded(job.id);
    const corrected = (await house.client.datasets.examples(datasetId, { source: "correction" })).items;
    expect(corrected).toMatchObject([{ question: QUESTION, answer: CORRECTION, status: "pending" }]);
    expect(corrected[0]!.passages.map((passage) => passage.documentId)).toContain(documentId);
    const { items: pending } = await house.client.datasets.examples(datasetId, { status: "pending", limit: 100 });
    const rejected = pending.find(({ source }) => source === "document");
    await house.client.examples.update(rejected!.id, { status: "rejected" });
    await house.client.datasets.review(datasetId, {
      ids: pending.map(({ id }) => id).filter((id) => id !== rejected!.id),
      status: "approved",
    });
    const { counts } = await house.client.datasets.get(datasetId);
    expect(counts).toMatchObject({ pending: 0, rejected: 1, approved: 60 + pending.length - 1 });
    expect(counts.validation).toBeGreaterThan(0);
  });

  test("is measured before anything is learnt", async () => {
    beforeId = await evaluate(null);
  });
});

describe("training", () => {
  test("is estimated, and cancelled while it runs without leaving anything", async () => {
    const estimate = await house.client.fineTunes.estimate({ dataset: "Gates", ...RECIPE });
    expect(estimate).toMatchObject({ fits: true });
    expect(estimate.seconds).toBeGreaterThan(0);
    const { id } = await house.client.fineTunes.start({ dataset: "notes", rank: 2, epochs: 20 });
    await fineTune(id, training);
    expect((await house.client.fineTunes.cancel(id)).status).toBe("cancelled");
    await waitUntil(() => readdirSync(join(house.dataFolder, "fine-tunes")).length === 0, {
      what: "the run's folder to go",
      timeoutMs: PATIENCE_MS,
    });
    expect((await house.client.fineTunes.get(id)).status).toBe("cancelled");
  });

  test("starts as scripts ask for it, is watched, paused and resumed", async () => {
    const started = await api("/fine-tunes", json({ dataset: datasetId, ...RECIPE }));
    const row = (await started.json()) as FineTune;
    expect([started.status, row]).toMatchObject([202, { recipe: { rank: 4, epochs: 4 }, datasetName: "Gates" }]);
    runId = row.id;
    const seen = new Set<number>();
    for await (const { fineTune: now } of house.client.fineTunes.events(runId)) {
      seen.add(now.step);
      if (training(now) && seen.size > 2) break;
      expect(isOver(now)).toBe(false);
    }
    const running = await house.client.fineTunes.get(runId);
    expect(running.tokensPerSecond).toBeGreaterThan(0);
    expect(running.etaSeconds).toBeGreaterThan(0);
    expect((await house.client.datasets.get(datasetId)).newSinceLastFineTune).toBe(0);
    expect((await house.client.fineTunes.pause(runId)).status).toBe("paused");
    expect(isOver(await house.client.fineTunes.get(runId))).toBe(false);
    expect((await house.client.fineTunes.resume(runId)).status).toBe("running");
  });

  test("goes on after kill -9 and ends with a report on base and adapter (K3)", async () => {
    const running = await fineTune(runId, training);
    expect(running.status).toBe("running");
    await house.stop("SIGKILL");
    house = await house.restart();
    const run = await fineTune(runId, isOver, 2 * PATIENCE_MS);
    expect(run).toMatchObject({ status: "rejected", error: null, step: run.steps, gate: { passed: false } });
    const steps = run.loss.map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(steps).toHaveLength(run.steps);
    expect(run.loss.at(-1)!.loss).toBeLessThan(run.loss[0]!.loss - 0.5);
    expect(run.validationLoss.length).toBeGreaterThan(1);
    expect(run.gate!.base.loss).toBeGreaterThan(run.gate!.adapter.loss!);
    // K2: what serves is what was trained.
    expect(run.gate!.served!.gap).toBeLessThan(0.1);
    expect(run.gate!.verdicts.some(({ passed }) => !passed)).toBe(true);
    adapterId = run.adapterId!;
    expect(await house.client.adapters.get(adapterId)).toMatchObject({ passed: false, rank: 4, activeIn: [] });
    expect(readdirSync(join(house.dataFolder, "fine-tunes"))).toEqual([]);
  });
});

describe("the adapter", () => {
  test("that did not pass answers only by force, and what answered before comes back (K5)", async () => {
    expect(await answeredBy()).toBeNull();
    const refused = await api(`/adapters/${adapterId}:activate`, { method: "POST" });
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: "conflict" }]);
    await house.client.adapters.activate(adapterId, { force: true });
    expect(await answeredBy()).toBe(adapterId);
    await house.client.adapters.deactivate(adapterId);
    expect(await answeredBy()).toBeNull();
    expect(await house.client.adapters.rollback()).toMatchObject({ adapterId });
    expect(await answeredBy()).toBe(adapterId);
  });

  test("goes out as GGUF and for PEFT, and the file comes back in", async () => {
    const gguf = Buffer.from(await (await api(`/adapters/${adapterId}/file?format=gguf`)).arrayBuffer());
    expect([gguf.toString("latin1", 0, 4), gguf.readUInt32LE(4)]).toEqual(["GGUF", 3]);
    expect(gguf.includes("adapter.lora.alpha")).toBe(true);
    const zip = Buffer.from(await (await api(`/adapters/${adapterId}/file?format=peft`)).arrayBuffer());
    expect(zip.toString("latin1", 0, 2)).toBe("PK");
    for (const name of ["adapter_config.json", "adapter_model.safetensors"]) expect(zip.includes(name)).toBe(true);
    for (const [fileName, bytes] of [["back.gguf", gguf] as const, ["back.zip", zip] as const]) {
      const back = await house.client.adapters.import({ fileName, blob: new Blob([bytes]) });
      expect(back).toMatchObject({ origin: "import", rank: 4, gate: null });
      await house.client.adapters.activate(back.id);
      expect(await answeredBy()).toBe(back.id);
      expect((await house.client.adapters.rollback()).adapterId).toBe(adapterId);
    }
  });

  test("is measured against what answered before it", async () => {
    const after = await evaluate(adapterId);
    const compared = await house.client.evaluations.compare(beforeId, after);
    expect(compared.questions).toHaveLength(5);
    expect(compared.differences).toHaveProperty("answerF1");
  });
});

describe("a deleted document", () => {
  test("is listed by dataset and adapter, and no file holds its text any more (K6)", async () => {
    expect(filesWithMarker().length).toBeGreaterThan(0);
    await house.client.documents.delete(documentId);
    const deleted = { deletedDocuments: [documentId], deletedDocumentNames: { [documentId]: "Ferry manual.md" } };
    await waitUntil(async () => (await house.client.adapters.get(adapterId)).deletedDocuments.length > 0, {
      what: "the adapter to list it",
      timeoutMs: PATIENCE_MS,
    });
    expect(await house.client.adapters.get(adapterId)).toMatchObject(deleted);
    expect(await house.client.datasets.get(datasetId)).toMatchObject(deleted);
    await jobEnded((await house.client.reindex()).id);
    expect(filesWithMarker()).toEqual([]);
    const { items } = await house.client.datasets.examples(datasetId, { limit: 100 });
    expect(JSON.stringify(items)).not.toContain(MARKER);
    expect(items.length).toBeGreaterThanOrEqual(60);
  });
});

/** Fine-tunes of two steps, adapters that are switched, evaluations that wait. Nothing is learnt. */
import {
  AppError,
  autoTrainSchema,
  newId,
  recipeSchema,
  type Adapter,
  type Evaluation,
  type FineTune,
} from "@lorekeep/core";
import { find, now, page, remove, type AdaptationRows, type Part } from "./adaptation-rows.ts";

export const makeAdapter = (name: string): Adapter => ({
  id: newId("adapter"),
  name,
  version: 1,
  base: "fake",
  origin: "import",
  fineTuneId: null,
  rank: 8,
  alpha: 16,
  sizeBytes: 1,
  sha256: "0".repeat(64),
  passed: true,
  gate: null,
  card: {},
  activeIn: [],
  deletedDocuments: [],
  createdAt: now(),
});

const QUEUED = {
  status: "queued",
  phase: "prepare",
  jobId: null,
  step: 0,
  steps: 2,
  loss: [],
  validationLoss: [],
  tokensPerSecond: null,
  etaSeconds: null,
  memoryBytes: null,
  skippedSteps: 0,
  adapterId: null,
  gate: null,
  error: null,
  startedAt: null,
  endedAt: null,
} satisfies Partial<FineTune>;

export function fakeFineTunes(
  rows: AdaptationRows,
): Part<
  | "estimate"
  | "startFineTune"
  | "fineTune"
  | "fineTunes"
  | "watchFineTune"
  | "cancelFineTune"
  | "pauseFineTune"
  | "resumeFineTune"
  | "autoTrain"
  | "putAutoTrain"
  | "trainOnFeedback"
> {
  const change = (id: string, changes: Partial<FineTune>): FineTune => {
    const changed = { ...find(rows.fineTunes, "fine-tune", id), ...changes };
    rows.fineTunes.set(id, changed);
    return changed;
  };
  const start: Part<"startFineTune">["startFineTune"] = async (
    _actor,
    { dataset, name, base, preset: _preset, ...recipe },
  ) => {
    const { id: datasetId, name: datasetName } = find(rows.datasets, "dataset", dataset);
    const fineTune: FineTune = {
      ...QUEUED,
      ...{ id: newId("fineTune"), name: name ?? datasetName, datasetId, datasetName, base: base ?? "fake" },
      ...{ recipe: recipeSchema.parse(recipe), createdAt: now() },
    };
    rows.fineTunes.set(fineTune.id, fineTune);
    return fineTune;
  };
  let automatic = autoTrainSchema.parse({});
  return {
    autoTrain: async () => ({ ...automatic, waiting: [] }),
    putAutoTrain: async (_actor, setting) => ({ ...(automatic = setting), waiting: [] }),
    trainOnFeedback: (actor, { dataset = "", preset }) => start(actor, { dataset, preset }),
    estimate: async (_actor, { dataset }) => ({
      examples: find(rows.datasets, "dataset", dataset).exampleCount,
      tokens: 100,
      steps: 2,
      seconds: 3,
      tokensPerSecond: 33,
      memoryMode: "small",
      memoryBytes: 1,
      freeMemoryBytes: 2,
      diskBytes: 1,
      fits: true,
      notes: [],
    }),
    startFineTune: start,
    fineTune: async (_actor, id) => find(rows.fineTunes, "fine-tune", id),
    fineTunes: async (_actor, { limit }) => page(rows.fineTunes, limit),
    async *watchFineTune(_actor, id, signal) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      // As the real one: what has ended never changes again, and only the signal ends the wait.
      if (find(rows.fineTunes, "fine-tune", id).status === "succeeded")
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      for (let step = find(rows.fineTunes, "fine-tune", id).step + 1; step <= 2; step += 1) {
        const loss = [...find(rows.fineTunes, "fine-tune", id).loss, { step, loss: 1 / step }];
        yield change(id, { status: "running", phase: "train", step, loss });
        yield change(id, {}); // nothing new: nobody is told
      }
      if (find(rows.fineTunes, "fine-tune", id).name === "broken")
        throw new AppError("model_failed", "The trainer gave up.");
      yield change(id, { status: "succeeded", phase: "gate", endedAt: now() });
    },
    cancelFineTune: async (_actor, id) => change(id, { status: "cancelled" }),
    pauseFineTune: async (_actor, id) => change(id, { status: "paused" }),
    resumeFineTune: async (_actor, id) => change(id, { status: "queued" }),
  };
}

export function fakeAdapters(
  rows: AdaptationRows,
): Part<
  | "adapters"
  | "adapter"
  | "activateAdapter"
  | "deactivateAdapter"
  | "rollbackAdapter"
  | "adapterHistory"
  | "adapterFile"
  | "importAdapter"
  | "deleteAdapter"
  | "compareAnswers"
> {
  const note = (collectionId: string, adapterId: string | null, scale: number, actor: string) => {
    const item = { at: now(), collectionId, adapterId, scale, actor };
    rows.history.unshift(item);
    return item;
  };
  const change = (id: string, activeIn: Adapter["activeIn"]): Adapter => {
    const changed = { ...find(rows.adapters, "adapter", id), activeIn };
    rows.adapters.set(id, changed);
    return changed;
  };
  return {
    adapters: async (_actor, { limit }) => page(rows.adapters, limit),
    adapter: async (_actor, id) => find(rows.adapters, "adapter", id),
    activateAdapter: async (actor, id, { collections = ["*"], scale = 1 }) => {
      const adapter = change(
        id,
        collections.map((collectionId) => ({ collectionId, scale, since: now() })),
      );
      for (const collectionId of collections) note(collectionId, id, scale, actor.id);
      return adapter;
    },
    deactivateAdapter: async (actor, id, collections) => {
      const { activeIn } = find(rows.adapters, "adapter", id);
      const adapter = change(
        id,
        activeIn.filter((each) => collections !== undefined && !collections.includes(each.collectionId)),
      );
      note(collections?.[0] ?? "*", null, 1, actor.id);
      return adapter;
    },
    rollbackAdapter: async (actor, collection = "*") => {
      const before = rows.history.filter((each) => each.collectionId === collection)[1];
      return note(collection, before?.adapterId ?? null, before?.scale ?? 1, actor.id);
    },
    adapterHistory: async () => ({ items: rows.history }),
    adapterFile: async (_actor, id, format) => ({
      name: `${find(rows.adapters, "adapter", id).name}.${format === "gguf" ? "gguf" : "zip"}`,
      mediaType: format === "gguf" ? "application/octet-stream" : "application/zip",
      bytes: new TextEncoder().encode(format),
    }),
    importAdapter: async (_actor, { name, bytes }) => {
      const adapter = makeAdapter(name);
      const parts: Uint8Array[] = [];
      for await (const part of bytes) parts.push(part);
      rows.imported.set(adapter.id, Buffer.concat(parts).toString());
      rows.adapters.set(adapter.id, adapter);
      return adapter;
    },
    deleteAdapter: async (_actor, id) => remove(rows.adapters, "adapter", id),
    compareAnswers: async (_actor, { question, adapter }) => {
      find(rows.adapters, "adapter", adapter);
      const ways = ["base", "retrieval", "adapter", "retrieval+adapter"] as const;
      return {
        question,
        answers: ways.map((way) => ({ way, text: way, refused: false, citations: 0, tookMs: 1 })),
      };
    },
  };
}

export function fakeEvaluations(
  rows: AdaptationRows,
): Part<
  | "startEvaluation"
  | "evaluation"
  | "evaluations"
  | "cancelEvaluation"
  | "deleteEvaluation"
  | "compareEvaluations"
  | "switchOnEvaluation"
  | "prompts"
> {
  const get = (id: string) => find(rows.evaluations, "evaluation", id);
  return {
    startEvaluation: async (_actor, { dataset, name, candidate = null, baseline = null, ...setting }) => {
      const { id: datasetId, name: datasetName } = find(rows.datasets, "dataset", dataset);
      const evaluation: Evaluation = {
        id: newId("evaluation"),
        name: name ?? datasetName,
        datasetId,
        datasetName,
        collectionId: "c",
        status: "queued",
        jobId: null,
        setting,
        candidate,
        baselineId: baseline,
        figures: null,
        error: null,
        createdAt: now(),
        endedAt: null,
      };
      rows.evaluations.set(evaluation.id, evaluation);
      return evaluation;
    },
    prompts: async () => ({ items: [{ version: "answer-2", instructions: "Answer.", isDefault: true }] }),
    switchOnEvaluation: async (_actor, id) => {
      if (get(id).candidate == null) throw new AppError("conflict", "This run tried nothing.");
      rows.evaluations.set(id, { ...get(id), switchedOnAt: now() });
      return get(id);
    },
    evaluation: async (_actor, id) => ({ ...get(id), items: [] }),
    evaluations: async (_actor, { limit }) => page(rows.evaluations, limit),
    cancelEvaluation: async (_actor, id) => {
      const cancelled: Evaluation = { ...get(id), status: "cancelled" };
      rows.evaluations.set(id, cancelled);
      return cancelled;
    },
    deleteEvaluation: async (_actor, id) => remove(rows.evaluations, "evaluation", id),
    compareEvaluations: async (_actor, before, after) => ({
      before: get(before),
      after: get(after),
      differences: {},
      questions: [],
    }),
  };
}

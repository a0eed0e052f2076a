/**
 * A house in memory with the behaviour that the API relies on: actors see only their collections, uploads read their whole
 * stream, an answer is a stream that stops with its signal. For unit tests of the HTTP skin only.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  AppError,
  configSchema,
  newId,
  type Blobs,
  type ChatEvent,
  type Config,
  type GenerateRequest,
  type Job,
  type Logger,
  type Message,
  type MessageId,
  type Queue,
  type Store,
} from "@lorekeep/core";
import type { Actor, Assistant, Models, Operations, Platform } from "@lorekeep/platform";
import { emptyAdaptationRows, type AdaptationRows } from "./adaptation-rows.ts";
import { fakeAdaptation } from "./fake-adaptation.ts";
import { fakeLibrary } from "./fake-library.ts";
import { emptyRows, fakeStore, type FakeRows } from "./fake-store.ts";

export interface FakePlatform extends Platform {
  readonly rows: FakeRows;
  readonly learnt: AdaptationRows;
  readonly bytes: Map<string, Buffer>;
  readonly jobs: Map<string, Job>;
  /** Every line that was logged, as JSON. */
  readonly logLines: string[];
  /** How many answers are being written now, and how many deltas were ever produced. */
  readonly generation: Generation;
}

/** `adapters`: what the bare generator was asked to write with, call by call. */
type Generation = { running: number; deltas: number; readonly adapters: GenerateRequest["adapter"][] };

const gap = () => new Promise<void>((resolve) => setImmediate(resolve));
const now = () => new Date().toISOString();

export function fakePlatform(settings: Partial<Config> = {}): FakePlatform {
  const rows = emptyRows();
  const learnt = emptyAdaptationRows();
  const bytes = new Map<string, Buffer>();
  const jobs = new Map<string, Job>();
  const logLines: string[] = [];
  const generation: Generation = { running: 0, deltas: 0, adapters: [] };
  const config: Config = { ...configSchema.parse({}), ...settings };
  const blobs = fakeBlobs(bytes);
  const store = fakeStore(rows);
  const queue = fakeQueue(jobs);
  return {
    version: "0.0.0-test",
    config,
    rows,
    learnt,
    bytes,
    jobs,
    logLines,
    generation,
    blobs,
    logger: fakeLogger(logLines),
    store,
    queue,
    index: {} as Platform["index"], // holds: the API never asks the index
    models: fakeModels(generation),
    library: fakeLibrary(rows, blobs, config),
    assistant: fakeAssistant(rows, store.conversations, { generation, learnt }),
    adaptation: fakeAdaptation(learnt, (kind) => queue.enqueue(kind, {})),
    refusalCurves: fakeRefusalCurves(rows),
    operations: fakeOperations(),
    startWorker: async () => ({ close: async () => undefined }),
    close: async () => undefined,
  };
}

function fakeLogger(lines: string[]): Logger {
  const write = (event: string, fields?: Record<string, unknown>) => {
    const error = fields?.["error"];
    const cause = error instanceof Error ? (error.stack ?? error.message) : error;
    lines.push(JSON.stringify({ event, ...fields, error: cause }));
  };
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
  return logger;
}

function fakeBlobs(bytes: Map<string, Buffer>): Blobs {
  return {
    put: async (stream, { maxBytes }) => {
      const data = await buffer(stream);
      if (data.length > maxBytes) throw new AppError("request_too_large", `More than ${maxBytes} bytes.`);
      const sha256 = createHash("sha256").update(data).digest("hex");
      const isNew = !bytes.has(sha256);
      bytes.set(sha256, data);
      return { sha256, sizeBytes: data.length, isNew };
    },
    has: async (sha256) => bytes.has(sha256),
    open: async (sha256, range) => {
      const data = bytes.get(sha256);
      if (data === undefined) throw new AppError("blob_missing", "The original is gone.");
      return Readable.from([range === undefined ? data : data.subarray(range.start, range.end)]);
    },
    localPath: async () => "/nowhere",
    delete: async (sha256) => void bytes.delete(sha256),
    async *list() {},
  };
}

/** Questions steer it: `refuse`, `fail`, `endless`; anything else is answered with two deltas. */
function fakeAssistant(
  rows: FakeRows,
  conversations: Store["conversations"],
  { generation, learnt }: Pick<FakePlatform, "generation" | "learnt">,
): Assistant {
  /** What is switched on answers those who name nothing. */
  const switchedOn = () => [...learnt.adapters.values()].find(({ activeIn }) => activeIn.length > 0)?.id ?? null;
  const running = new Map<string, AbortController>();
  async function* chat(...[actor, request]: Parameters<Assistant["chat"]>): AsyncGenerator<ChatEvent> {
    const id = newId("message");
    const stop = new AbortController();
    running.set(id, stop);
    generation.running += 1;
    try {
      const conversation =
        rows.conversations.get(request.conversationId ?? "") ??
        (await conversations.create({ title: request.question, collectionIds: [], owner: actor.id }));
      if (request.adapter === "unheard of") throw new AppError("not_found", "There is no such adapter.");
      if (request.question === "cannot begin") throw new AppError("model_busy", "All places are taken.");
      yield { type: "conversation", id: conversation.id, messageId: id, title: request.question };
      yield { type: "passages", items: [] };
      const isStopped = () => (request.signal?.aborted ?? false) || stop.signal.aborted;
      for (let count = 0; (request.question === "endless" || count < 2) && !isStopped(); count += 1) {
        await gap();
        generation.deltas += 1;
        yield { type: "text-delta", text: `word${count} ` };
      }
      if (request.question === "fail") throw new AppError("model_failed", "The model gave up.");
      if (request.question === "refuse")
        yield {
          type: "refusal",
          reason: "nothing_found",
          text: "Nothing here says so.",
          searched: { collections: [], passageCount: 0 },
          suggestions: ["pumps"],
        };
      else yield { type: "citations", items: [], text: request.question, extractive: false, cutSentences: [] };
      const usage = { promptTokens: 3, completionTokens: 2 };
      yield {
        type: "end",
        usage,
        timings: { totalMs: 1 },
        model: "fake",
        adapter: request.adapter === undefined ? switchedOn() : request.adapter,
        trace: [],
        stopped: isStopped(),
      };
    } finally {
      generation.running -= 1;
      running.delete(id);
    }
  }
  const answerOf = async (actor: Actor, id: MessageId): Promise<Message> => {
    const message = await conversations.getMessage(id, actor.id);
    if (message === null) throw new AppError("not_found", "There is no such message.");
    return message;
  };
  return {
    search: async (_actor, { query }) => ({
      results: [],
      tookMs: 1,
      plan: { query },
    }),
    chat,
    stop: async (_actor, id) => {
      running.get(id)?.abort();
      return running.has(id);
    },
    more: async (actor, id) => ({ message: await answerOf(actor, id), added: 0 }),
    attribute: async (actor, id) => (await answerOf(actor, id), []),
    deleteConversation: async (actor, id) =>
      rows.conversations.get(id)?.owner === actor.id && rows.conversations.delete(id),
  };
}

function fakeRefusalCurves(rows: FakeRows): Platform["refusalCurves"] {
  const state: Platform["refusalCurves"]["state"] = async (actor, name) => {
    const found = [...rows.collections.values()].find((each) => each.id === name || each.name === name);
    if (found === undefined || !(actor.collectionIds?.includes(found.id) ?? true))
      throw new AppError("not_found", "There is no such collection.");
    const threshold = found.retrieval.refusalThreshold;
    const unmeasured = { curve: null, stale: null, changedDocuments: 0, job: null };
    return { collectionId: found.id, threshold, defaultThreshold: 0.5, ...unmeasured };
  };
  return { state, make: async (actor, name) => ({ ...(await state(actor, name)), job: makeJob("refusal-curve") }) };
}

function fakeModels(generation: Generation): Models {
  const embedder = {
    name: "fake",
    fingerprint: "f",
    dimensions: 2,
    maxTokens: 10,
    embed: async (texts: readonly string[]) => texts.map(() => new Float32Array([0.6, 0.8])),
    countTokens: async (texts: readonly string[]) => texts.map((text) => text.length),
    close: async () => undefined,
  };
  return {
    embedder: async (name) => {
      if (name !== "fake" && name !== "multilingual-e5-small") throw new AppError("model_missing", "Not fetched.");
      return embedder;
    },
    reader: async () => ({ reader: undefined, reason: "No reader in this test." }),
    generator: async () => ({
      name: "fake",
      fingerprint: "g",
      contextTokens: 100,
      languages: ["en"],
      countPromptTokens: async () => 3,
      async *generate({ messages, adapter }) {
        generation.adapters.push(adapter);
        yield { type: "text-delta", text: `echo: ${messages.at(-1)?.content ?? ""}` };
        yield { type: "end", usage: { promptTokens: 3, completionTokens: 1 }, reason: "stop" };
      },
      close: async () => undefined,
    }),
    list: async () => [
      {
        name: "fake",
        role: "embedder",
        state: "ready",
        inUse: true,
        licence: "MIT",
        languages: "all",
        sizeBytes: 1,
        progress: null,
        detail: null,
      },
    ],
    pull: async () => undefined,
  };
}

const makeJob = (kind: string): Job => ({
  id: newId("job"),
  kind,
  status: "queued",
  payload: {},
  result: null,
  error: null,
  progress: { done: 0, total: null, note: null },
  attempt: 0,
  maxAttempts: 3,
  parentId: null,
  key: null,
  runAt: now(),
  createdAt: now(),
  startedAt: null,
  endedAt: null,
});

function fakeQueue(jobs: Map<string, Job>): Queue {
  const change = (id: string, status: Job["status"]): Job => {
    const job = jobs.get(id);
    if (job === undefined) throw new AppError("not_found", "There is no such job.");
    const changed = { ...job, status };
    jobs.set(id, changed);
    return changed;
  };
  return {
    enqueue: async (kind, payload, options) => {
      const job = { ...makeJob(kind), payload, runAt: (options?.runAt ?? new Date()).toISOString() };
      jobs.set(job.id, job);
      return job;
    },
    work: async () => ({ close: async () => undefined }),
    get: async (id) => jobs.get(id) ?? null,
    list: async ({ statuses, kind, limit }) => ({
      items: [...jobs.values()]
        .filter((job) => (statuses?.includes(job.status) ?? true) && (kind ?? job.kind) === job.kind)
        .slice(0, limit),
      nextCursor: null,
    }),
    cancel: async (id) => change(id, "cancelled"),
    retry: async (id) => change(id, "queued"),
    prune: async () => 0,
    counts: async () => ({ queued: 0, scheduled: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, dead: 0 }),
    close: async () => undefined,
  };
}

function fakeOperations(): Operations {
  let schedule = {
    name: "reindex",
    cron: "0 2 * * *",
    timezone: "UTC",
    enabled: true,
    lastDueAt: null,
    nextDueAt: "2030-01-01T02:00:00.000Z" as string | null,
    lastReport: null,
  };
  return {
    schedule: async () => schedule,
    putSchedule: async (change) => {
      if (change.cron === "nonsense") throw new AppError("schedule_invalid", "This is not a schedule.");
      schedule = { ...schedule, ...change, nextDueAt: change.enabled ? schedule.nextDueAt : null };
      return schedule;
    },
    reindex: async () => makeJob("reindex"),
    overview: async () => ({ documents: {}, collections: 0, chunks: 0, jobs: {}, models: [] }),
    readiness: async () => ({ ready: true, checks: { database: true } }),
    metrics: async () => "lorekeep_up 1\n",
    observeRequest: () => undefined,
  };
}

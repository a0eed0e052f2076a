/**
 * Wires the house: the one place that sees every driver. Things are opened in the order of their needs and closed in reverse;
 * when opening fails half-way, what was opened is closed again.
 *
 * Missing models do not stop it: search goes by words and answers are quoted until they are there (warm-up.ts).
 */
import { systemClock } from "@lorekeep/core";
import type { Clock, Config, Embedder, Generator, Logger, Parser, Queue, Reader } from "@lorekeep/core";
import { openParserPool } from "@lorekeep/ingest";
import { JOB_KINDS, openBullmqQueue, openSchedules, openSqliteQueue } from "@lorekeep/jobs";
import type { Schedules } from "@lorekeep/jobs";
import { openBlobFolder, openStore } from "@lorekeep/store";
import { openVectorIndex } from "@lorekeep/vector-index";
import { builtInAdapter } from "./adaptation/built-in-adapter.ts";
import { openLocalTrainer } from "./adaptation/local-trainer.ts";
import { openAdaptation } from "./adaptation/open-adaptation.ts";
import { chooseAdapter } from "./adaptation/serving-adapter.ts";
import type { Trainer } from "./adaptation/trainer.ts";
import { beforeTraining, openTuneRuns } from "./adaptation/tune-runs.ts";
import type { TuneRuns } from "./adaptation/tune-runs.ts";
import { openAssistant } from "./assistant.ts";
import { blobPins } from "./blob-pins.ts";
import { dataPaths, emptyTemporaryFolder, makeDataFolder, modelsFolder } from "./data-folder.ts";
import type { DataPaths } from "./data-folder.ts";
import { keepFresh } from "./fresh-index.ts";
import { jobHandlers } from "./handlers.ts";
import { MIGRATIONS, readVersion } from "./installation.ts";
import type { WorkOptions } from "./ingest-into.ts";
import { openLibrary } from "./library.ts";
import { observeEmbedder, observeGenerator, observeIndex, observeParser, observeReader } from "./observe.ts";
import type { Observer } from "./observe.ts";
import { openLogger } from "./open-logger.ts";
import { openMetrics } from "./open-metrics.ts";
import { ensureSchedule, openOperations } from "./operations.ts";
import type { Models, Platform } from "./platform.ts";
import { openChunkPreview } from "./preview-chunks.ts";
import { openRefusalCurves } from "./refusal-curve/refusal-curves.ts";
import { runningDocuments } from "./running-documents.ts";
import { startSweeping } from "./sweep-waiting.ts";
import { pause } from "./wake-ups.ts";
import { adoptEmbedders, warmUp } from "./warm-up.ts";

export interface OpenPlatformOptions {
  readonly config: Config;
  /** `server` (default): the one that answers; tidies up after a crash and loads models. `tool`: a command beside or without it. */
  readonly role?: "server" | "tool" | undefined;
  /** Default: JSON lines to the log file of the data folder, and to stderr at the configured level. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** For tests: these instead of the real ones. Closed with the platform. */
  readonly drivers?:
    { readonly models?: ClosableModels; readonly parser?: Parser; readonly trainer?: Trainer } | undefined;
  /** Index files of a tool lie apart from those of a running server: no two processes write the same ones. */
  readonly indexFolder?: string | undefined;
}

type ClosableModels = Models & { close(): Promise<void> };

const CLOSE_LIMIT_MS = 18_000;
/** Throws config_invalid, database_incompatible and the like; nothing stays open then. */
export async function openPlatform(options: OpenPlatformOptions): Promise<Platform> {
  await using opening = new AsyncDisposableStack();
  const platform = await wire(options, opening);
  const opened = opening.move();
  let closing: Promise<void> | null = null;
  return { ...platform, close: () => (closing ??= closeWithin(opened, platform.logger)) };
}

async function closeWithin(stack: AsyncDisposableStack, logger: Logger): Promise<void> {
  const closed = stack.disposeAsync().then(() => true);
  const inTime = await Promise.race([closed, pause(CLOSE_LIMIT_MS).then(() => false)]);
  // Rows are safe at every moment, so leaving something half-closed costs nothing but this line.
  if (!inTime) logger.warn("platform.close_timed_out", { limitMs: CLOSE_LIMIT_MS });
}

async function wire(options: OpenPlatformOptions, stack: AsyncDisposableStack): Promise<Omit<Platform, "close">> {
  const { config, clock = systemClock, role = "server" } = options;
  const paths = dataPaths(config);
  await makeDataFolder(paths);
  const logger = options.logger ?? openFileLogger(config, paths, stack);
  const metrics = openMetrics();
  stack.defer(() => metrics.close());
  const observer: Observer = { metrics, logger };

  const store = openStore({ path: paths.database, migrationsFolder: MIGRATIONS, logger, clock });
  stack.defer(() => store.close());
  const blobs = await openBlobFolder({ folder: paths.blobs });
  const runs = openTuneRuns();
  const models = await openObservedModels(options, { observer, runs, stack });
  const parser = observeParser(options.drivers?.parser ?? openParser(config, logger), observer);
  stack.defer(() => parser.close());
  const rawIndex = openVectorIndex({ folder: options.indexFolder ?? paths.index, source: store.vectors, logger });
  stack.defer(() => rawIndex.close());
  const index = keepFresh(observeIndex(rawIndex, observer), store.vectors);
  const queue = openQueue(config, store.jobRows, clock, logger);
  stack.defer(() => queue.close());
  const schedules = openSchedules({ rows: store.scheduleRows, queue, clock, logger });
  stack.defer(() => schedules.close());

  const running = runningDocuments();
  const pins = blobPins();
  const parts = { config, store, blobs, queue, index, models, logger, metrics, clock };
  const previewChunks = openChunkPreview({ store, blobs, models }, parser);
  const libraryOptions = { ...parts, pins, onGone: running.stop, previewChunks };
  const library = openLibrary(libraryOptions);
  const answer = {
    collections: store.collections,
    passages: store.passages,
    documents: store.documents,
    index,
    embedderFor: (name: string) => models.embedder(name),
    generator: () => models.generator(),
    reader: async () => (await models.reader()).reader,
    ratedAnswers: store.conversations,
    writing: config.models.writing,
  };
  const adaptersFolder = paths.adapters;
  const serving = {
    config,
    store,
    logger,
    adaptersFolder,
    builtIn: builtInAdapter({ config, store, logger, adaptersFolder }),
  };
  const assistant = openAssistant({
    ...{ store, answer, conversations: store.conversations, metrics, logger, clock },
    chooseAdapter: (requested, collections) => chooseAdapter(serving, requested, collections),
  });
  let isWarm = role === "tool";
  const operations = openOperations({ ...parts, schedules, isWarm: () => isWarm });
  const version = readVersion();
  const adaptation = openAdaptation({
    ...serving,
    ...{ store, queue, models, index, library, clock, version, answer, assistant, runs },
    lastChange: (id) => store.vectors.lastChange(id),
    trainer: options.drivers?.trainer ?? openLocalTrainer({ config, models, logger }),
    fineTunesFolder: paths.fineTunes,
    temporaryFolder: paths.temporary,
  });
  const curves = openRefusalCurves({ config, store, queue, logger, clock, answer });
  const work: WorkOptions = {
    ...libraryOptions,
    parser,
    running,
    version,
    backupLock: paths.backupLock,
    adaptation,
    curves,
    trimChanges: (id, upTo) => store.vectors.trimChanges(id, upTo),
  };

  if (role === "server") await becomeServer(work, paths, { stack, onWarm: () => (isWarm = true) });
  const startWorker = () => startWork(work, schedules);
  return {
    ...{ version, config, logger, store, blobs, queue, index, models, library, assistant, operations, startWorker },
    adaptation: adaptation.adaptation,
    refusalCurves: curves.refusalCurves,
  };
}

function openFileLogger(config: Config, paths: DataPaths, stack: AsyncDisposableStack): Logger {
  // On a terminal only what needs attention; elsewhere (a service) everything, for the journal.
  const stderr = process.stderr.isTTY ? "warn" : config.logLevel;
  const opened = openLogger({ level: config.logLevel, folder: paths.logs, stderr });
  stack.defer(() => opened.close());
  return opened.logger;
}

function openParser(config: Config, logger: Logger): Parser {
  const { parserProcesses, parserMemoryBytes, parserTimeoutMs } = config.ingest;
  return openParserPool({
    processes: parserProcesses,
    memoryBytes: parserMemoryBytes,
    timeoutMs: parserTimeoutMs,
    logger,
  });
}

function openQueue(
  config: Config,
  rows: Parameters<typeof openSqliteQueue>[0]["rows"],
  clock: Clock,
  logger: Logger,
): Queue {
  if (config.redisUrl !== null) return openBullmqQueue({ redisUrl: config.redisUrl, kinds: JOB_KINDS, logger });
  return openSqliteQueue({ rows, kinds: JOB_KINDS, clock, logger });
}

/** Loaded late: commands that need no model start without the native libraries. */
async function openRealModels(config: Config, logger: Logger): Promise<ClosableModels> {
  const { openModels } = await import("@lorekeep/models");
  return openModels({ ...config.models, folder: modelsFolder(config), offline: config.offline, logger });
}

/** Each driver is wrapped once, when it is first asked for. */
async function openObservedModels(
  options: OpenPlatformOptions,
  { observer, runs, stack }: { observer: Observer; runs: TuneRuns; stack: AsyncDisposableStack },
): Promise<Models> {
  const models = options.drivers?.models ?? (await openRealModels(options.config, observer.logger));
  stack.defer(() => models.close());
  const embedders = new WeakMap<Embedder, Embedder>();
  const generators = new WeakMap<Generator, Generator>();
  const readers = new WeakMap<Reader, Reader>();
  return {
    embedder: async (name) => {
      const embedder = await models.embedder(name);
      const observed = embedders.get(embedder) ?? observeEmbedder(embedder, observer);
      embedders.set(embedder, observed);
      return observed;
    },
    generator: async () => {
      const generator = await models.generator();
      const observed = generators.get(generator) ?? beforeTraining(observeGenerator(generator, observer), runs);
      generators.set(generator, observed);
      return observed;
    },
    reader: async () => {
      const { reader, reason } = await models.reader();
      if (reader === undefined) return { reader, reason };
      const observed = readers.get(reader) ?? observeReader(reader, observer);
      readers.set(reader, observed);
      return { reader: observed, reason };
    },
    list: () => models.list(),
    pull: (name, signal) => models.pull(name, signal),
  };
}

/** What a crash left behind is put right, and the models come up in the background. */
async function becomeServer(
  work: WorkOptions,
  paths: DataPaths,
  options: { stack: AsyncDisposableStack; onWarm: () => void },
): Promise<void> {
  await emptyTemporaryFolder(paths);
  const closedAnswers = await work.store.conversations.closeInterrupted();
  if (closedAnswers > 0) work.logger.info("answers.closed_after_crash", { count: closedAnswers });
  const controller = new AbortController();
  const warming = warmUp({ ...work, signal: controller.signal }).finally(options.onWarm);
  options.stack.defer(async () => {
    controller.abort();
    await warming;
  });
}

async function startWork(work: WorkOptions, schedules: Schedules): Promise<{ close(): Promise<void> }> {
  await ensureSchedule(schedules, work.config);
  await work.adaptation.closeAbandoned();
  const worker = await work.queue.work(jobHandlers(work));
  await schedules.start();
  const stopSweeping = await startSweeping(work, { isRemote: work.config.redisUrl !== null });
  const adopting = adoptEmbedders(work);
  return {
    close: async () => {
      stopSweeping();
      schedules.close();
      await worker.close();
      await adopting;
    },
  };
}

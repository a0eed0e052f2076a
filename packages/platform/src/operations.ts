/** The operator's view: schedule, re-index on demand, counts, readiness, metrics. */
import { DOCUMENT_STATUSES, reindexReportSchema } from "@lorekeep/core";
import type { Clock, Config, DocumentStatus, Logger, ModelStatus, Queue, ReindexReport, Store } from "@lorekeep/core";
import type { Schedules } from "@lorekeep/jobs";
import { listAllCollections, requireScope } from "./access.ts";
import { enqueueReindex } from "./enqueue.ts";
import { REPORT_SETTING } from "./nightly.ts";
import type { Metrics } from "./open-metrics.ts";
import type { Models, Operations } from "./platform.ts";

export interface OperationsOptions {
  readonly config: Config;
  readonly store: Store;
  readonly queue: Queue;
  readonly models: Models;
  readonly schedules: Schedules;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** False until the models in use have been loaded, or found to be missing. */
  readonly isWarm: () => boolean;
}

export const REINDEX_SCHEDULE = "reindex";
/** Statuses are counted by reading them; past this many they are shown as this many. */
const COUNT_LIMIT = 10_000;
const COUNT_PAGE = 200;

type ScheduleWithReport = Awaited<ReturnType<Operations["schedule"]>>;

/** The schedule row is made from the configuration once; afterwards the admin's word counts. */
export async function ensureSchedule(schedules: Schedules, config: Config): Promise<void> {
  if (schedules.get(REINDEX_SCHEDULE) === null)
    await schedules.put({ name: REINDEX_SCHEDULE, ...config.nightly, enabled: true });
}

async function readSchedule(options: OperationsOptions): Promise<ScheduleWithReport> {
  await ensureSchedule(options.schedules, options.config);
  const report = reindexReportSchema.safeParse(await options.store.settings.get(REPORT_SETTING));
  const lastReport: ReindexReport | null = report.success ? report.data : null;
  return { ...options.schedules.get(REINDEX_SCHEDULE)!, lastReport };
}

async function countDocuments(store: Store, status: DocumentStatus): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await store.documents.list({ status, limit: COUNT_PAGE, cursor });
    count += page.items.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && count < COUNT_LIMIT);
  return count;
}

async function counts(options: OperationsOptions) {
  const collections = await listAllCollections(options.store.collections);
  const sum = (read: (each: (typeof collections)[number]) => number): number =>
    collections.reduce((total, each) => total + read(each), 0);
  const documents: Record<string, number> = {};
  for (const status of DOCUMENT_STATUSES)
    if (status !== "ready") documents[status] = await countDocuments(options.store, status);
  const others = Object.values(documents).reduce((total, each) => total + each, 0);
  documents.ready = Math.max(0, sum((each) => each.documentCount) - others);
  return {
    documents,
    collections: collections.length,
    chunks: sum((each) => each.chunkCount),
    jobs: await options.queue.counts(),
  };
}

const isSettled = (model: ModelStatus): boolean => model.state !== "loading" && model.state !== "downloading";

/** Ready when it can answer: also with words only, when a model is missing for good. */
async function readiness(options: OperationsOptions): ReturnType<Operations["readiness"]> {
  const passes = async (check: () => Promise<unknown>): Promise<boolean> => {
    try {
      await check();
      return true;
    } catch (error) {
      options.logger.warn("readiness.check_failed", { error });
      return false;
    }
  };
  const models = await options.models.list().catch(() => []);
  const used = models.filter((model) => model.inUse);
  const database = await passes(() => options.store.settings.get(REPORT_SETTING));
  const checks = {
    database,
    queue: await passes(() => options.queue.counts()),
    embedder: used.some((model) => model.role === "embedder" && model.state === "ready"),
    generator: used.some((model) => model.role === "generator" && model.state === "ready"),
  };
  // A queue that is away delays imports; questions are answered all the same (J5).
  return { ready: database && options.isWarm() && used.every(isSettled), checks };
}

export function openOperations(options: OperationsOptions): Operations {
  return {
    schedule: () => readSchedule(options),
    putSchedule: async (change) => {
      await options.schedules.put({ name: REINDEX_SCHEDULE, ...change });
      options.logger.info("schedule.changed", { enabled: change.enabled });
      return readSchedule(options);
    },
    reindex: async (actor) => {
      requireScope(actor, "admin");
      return enqueueReindex(options.queue, options.clock);
    },
    overview: async () => ({ ...(await counts(options)), models: await options.models.list() }),
    readiness: () => readiness(options),
    metrics: async () => {
      const { documents, collections, chunks, jobs } = await counts(options);
      return options.metrics.render({ documents, jobs, totals: { collections, chunks } });
    },
    observeRequest: ({ method, route, status }, durationMs) =>
      options.metrics.requestSeconds.observe({ method, route, status: String(status) }, durationMs / 1000),
  };
}

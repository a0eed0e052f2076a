/**
 * The nightly re-index (also on demand): read watched folders again, give failed documents another chance, pick up what a
 * crash left without a job, remove what was deleted, verify and compact every index, compact the database. It ends with a
 * report that the admin shows; a step that fails is a line in the report, never the end of the others.
 */
import { ERRORS, throwIfAborted, toAppError } from "@lorekeep/core";
import type { DocumentId, DocumentRecord, JobContext, JobId, ReindexReport } from "@lorekeep/core";
import { z } from "zod";
import { listAllCollections } from "./access.ts";
import { enqueueIngest } from "./enqueue.ts";
import type { WorkOptions } from "./ingest-into.ts";
import { purge, sweepBlobs } from "./purge.ts";
import { pause } from "./wake-ups.ts";
import { adoptWaiting } from "./sweep-waiting.ts";
import { readWatchedFolder } from "./watch-folders.ts";

export const REPORT_SETTING = "reindex-report";
const TRIES_SETTING = "reindex-tries";
/** A failure that may pass by itself is tried again this many nights. */
const MAX_NIGHTS = 3;
const KEEP_JOBS_MS = 14 * 24 * 3_600_000;
const CHILD_POLL_MS = 250;

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };
type Report = Mutable<ReindexReport>;

const triesSchema = z.record(z.string(), z.object({ blob: z.string(), version: z.string(), count: z.int() }));
type Tries = z.infer<typeof triesSchema>;

interface Run {
  readonly options: WorkOptions;
  readonly context: JobContext;
  readonly report: Report;
  readonly children: JobId[];
}

export async function runNightly(options: WorkOptions, context: JobContext): Promise<ReindexReport> {
  const run: Run = { options, context, report: emptyReport(options.clock.now()), children: [] };
  const steps: readonly (readonly [name: string, step: (run: Run) => Promise<void>])[] = [
    ["folders", readFolders],
    ["documents", retryDocuments],
    ["waiting", waitForChildren],
    ["purge", removeDeleted],
    ["indexes", tendIndexes],
    ["database", tendDatabase],
    ["refusal curves", renewCurves],
    ["training", trainWhenDue],
  ];
  for (const [position, [name, step]] of steps.entries()) {
    throwIfAborted(context.signal);
    await context.progress(position, steps.length, name);
    await attempt(run, name, () => step(run));
  }
  run.report.endedAt = options.clock.now().toISOString();
  await options.store.settings.put(REPORT_SETTING, run.report);
  await context.progress(steps.length, steps.length, "done");
  return run.report;
}

function emptyReport(now: Date): Report {
  return {
    startedAt: now.toISOString(),
    endedAt: now.toISOString(),
    foldersRead: 0,
    documentsAdded: 0,
    documentsChanged: 0,
    documentsRemoved: 0,
    documentsRetried: 0,
    documentsFailed: 0,
    purgedRows: 0,
    purgedBlobs: 0,
    indexes: [],
    bytesBefore: 0,
    bytesAfter: 0,
    problems: [],
  };
}

/** Runs one part; what it throws becomes a line of the report, except when the whole run was stopped. */
async function attempt(run: Run, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throwIfAborted(run.context.signal);
    const { code, message } = toAppError(error);
    run.report.problems.push(`${what}: ${message}`);
    run.options.logger.warn("reindex.step_failed", { step: what, code, error });
  }
}

async function readFolders(run: Run): Promise<void> {
  const { options, report, context } = run;
  for (const folder of options.config.ingest.watchFolders)
    await attempt(run, folder.path, async () => {
      const outcome = await readWatchedFolder(options, folder, context.signal);
      report.foldersRead += 1;
      report.documentsAdded += outcome.added.length;
      report.documentsChanged += outcome.changed.length;
      report.documentsRemoved += outcome.removedCount;
      for (const file of outcome.unreadable)
        report.problems.push(`${folder.path}/${file} cannot be read or is too large.`);
      for (const id of [...outcome.added, ...outcome.changed]) await adopt(run, id);
    });
}

/** Makes sure that the document has a job, and waits for that job before indexes are tended. */
async function adopt(run: Run, id: DocumentId): Promise<void> {
  const document = await run.options.store.documents.get(id);
  if (document !== null) run.children.push((await enqueueIngest(run.options.queue, document)).id);
}

async function* documentsWith(options: WorkOptions, status: DocumentRecord["status"]): AsyncGenerator<DocumentRecord> {
  let cursor: string | undefined;
  do {
    const page = await options.store.documents.list({ status, limit: 200, cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** Once for each new release whatever the failure was; a few nights when it may pass by itself; never for ever. */
function mayTryAgain(document: DocumentRecord, entry: Tries[string] | undefined, version: string): boolean {
  const count = entry?.blob === document.blob ? entry.count : 0;
  const isPassing = document.error !== null && ERRORS[document.error.code]?.retry;
  const isNewRelease = entry !== undefined && entry.version !== version;
  return isNewRelease || (isPassing === true && count < MAX_NIGHTS);
}

async function retryDocuments(run: Run): Promise<void> {
  const { options, report } = run;
  const { settings, documents } = options.store;
  const tries: Tries = triesSchema.safeParse(await settings.get(TRIES_SETTING)).data ?? {};
  const next: Tries = {};
  for await (const document of documentsWith(options, "failed")) {
    const entry = tries[document.id];
    const count = entry?.blob === document.blob ? entry.count : 0;
    const again = mayTryAgain(document, entry, options.version);
    next[document.id] = { blob: document.blob, version: options.version, count: count + (again ? 1 : 0) };
    if (!again) continue;
    await documents.setStatus(document.id, "queued", { error: null, stages: [] });
    report.documentsRetried += 1;
    run.children.push((await enqueueIngest(options.queue, document)).id);
  }
  await settings.put(TRIES_SETTING, next);
  await adoptWaiting(options);
}

async function waitForChildren(run: Run): Promise<void> {
  const { options, context, report } = run;
  for (const id of run.children) {
    for (;;) {
      throwIfAborted(context.signal);
      const job = await options.queue.get(id);
      if (job === null || job.endedAt !== null) {
        if (job !== null && job.status !== "succeeded") report.documentsFailed += 1;
        break;
      }
      await pause(CHILD_POLL_MS, context.signal);
    }
  }
}

async function removeDeleted(run: Run): Promise<void> {
  const { options, context, report } = run;
  const { purgedRows, purgedBlobs } = await purge(options, { signal: context.signal });
  report.purgedRows = purgedRows;
  report.purgedBlobs = purgedBlobs + (await sweepBlobs(options, context.signal));
}

async function tendIndexes(run: Run): Promise<void> {
  const { options, context, report } = run;
  for (const collection of await listAllCollections(options.store.collections))
    await attempt(run, collection.name, async () => {
      throwIfAborted(context.signal);
      const { generationId } = collection;
      const { missing, orphans, recallAt10, healed } = await options.index.verify(generationId);
      const status = await options.index.compact(generationId, { signal: context.signal });
      await options.trimChanges(generationId, status.appliedChange);
      report.indexes.push({
        generationId,
        collection: collection.name,
        vectors: status.vectorCount,
        missing,
        orphans,
        recallAt10,
        healed,
        compacted: true,
      });
    });
}

/** Off unless somebody switched it on. */
async function trainWhenDue({ options }: Run): Promise<void> {
  const started = await options.adaptation.trainWhenDue();
  if (started.length > 0) options.logger.info("fine-tune.auto_started", { count: started.length });
}

/** Only of collections that have one: nobody asked for the others. */
async function renewCurves({ options }: Run): Promise<void> {
  const renewed = await options.curves.renewStale();
  if (renewed.length > 0) options.logger.info("refusal-curve.renewed", { count: renewed.length });
}

async function tendDatabase(run: Run): Promise<void> {
  const { options, report } = run;
  await options.queue.prune(new Date(options.clock.now().getTime() - KEEP_JOBS_MS));
  const { bytesBefore, bytesAfter } = await options.store.upkeep.compact();
  report.bytesBefore = bytesBefore;
  report.bytesAfter = bytesAfter;
}

/**
 * The collection as it would be with the candidate's settings. A changed embedder or chunking is tried on an index that is built
 * beside the serving one and held back from serving (hold-generation.ts); the rest is settings that a search takes with it.
 *
 * After the run the tried index is retired but kept for a day: switching on finds its vectors and embeds nothing again.
 */
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { Collection, Evaluation, EvaluationCandidate, Generation, Job, JobContext } from "@lorekeep/core";
import { targetOf } from "../collection-settings.ts";
import type { Target } from "../collection-settings.ts";
import type { AdaptationParts } from "../adaptation/parts.ts";
import { enqueueBuild, enqueuePurge } from "../enqueue.ts";
import { pause } from "../wake-ups.ts";
import { holdGeneration, isHeld, releaseGeneration } from "./hold-generation.ts";

const POLL_MS = 250;
const KEEP_MS = 24 * 3600 * 1000;

export interface Tried {
  readonly collection: Collection;
  /** Throws conflict when the index that is being measured was given up meanwhile. */
  check(): Promise<void>;
  /** Puts the tried index away; `keep`: for a day, in case it is switched on. */
  end(keep: boolean): Promise<void>;
}

type Report = (done: number, total: number | null, note: string) => void;

/** The settings that a run with this candidate is made with; null = the index that serves will do. */
export async function targetOfCandidate(
  parts: Pick<AdaptationParts, "models">,
  collection: Collection,
  candidate: EvaluationCandidate | null | undefined,
): Promise<Target | null> {
  if (candidate?.embedder === undefined && candidate?.chunking === undefined) return null;
  const target = await targetOf(parts, collection, candidate);
  const { maxTokens, overlapTokens } = collection.chunking;
  const isSame =
    target.embedder === collection.embedder &&
    target.chunking.maxTokens === maxTokens &&
    target.chunking.overlapTokens === overlapTokens;
  return isSame ? null : target;
}

/** Only the keys that say something. */
const given = <Value extends object>(value: Value | undefined): Partial<Value> =>
  // holds: only keys of Value are left
  Object.fromEntries(Object.entries(value ?? {}).filter(([, each]) => each !== undefined)) as Partial<Value>;

export function withCandidate(collection: Collection, candidate: EvaluationCandidate | null | undefined): Collection {
  return { ...collection, retrieval: { ...collection.retrieval, ...given(candidate?.retrieval) } };
}

export async function tryCandidate(
  parts: AdaptationParts,
  { candidate }: Pick<Evaluation, "candidate">,
  request: { readonly collection: Collection; readonly context: JobContext; readonly report: Report },
): Promise<Tried> {
  const { collection } = request;
  const wanted = withCandidate(collection, candidate);
  const target = await targetOfCandidate(parts, collection, candidate);
  if (target === null) return { collection: wanted, check: async () => undefined, end: async () => undefined };
  const generation = await buildBeside(parts, target, request);
  const { embedder, chunking, id } = generation;
  return {
    collection: { ...wanted, embedder, chunking, generationId: id },
    check: async () => {
      if ((await parts.store.collections.generation(id))?.status === "retired") throw givenUp();
    },
    end: (keep) => putAway(parts, generation, keep),
  };
}

/**
 * One index is built beside the serving one; a tried one never takes the place of one that is wanted. Asked again when the run
 * begins, because somebody may have wished for one while it waited. Throws conflict.
 */
export async function requireFreePlace(
  { store }: Pick<AdaptationParts, "store">,
  { nextGenerationId }: Collection,
): Promise<void> {
  const next = nextGenerationId === null ? null : await store.collections.generation(nextGenerationId);
  if (next !== null && !(await isHeld(store.settings, next)))
    throw new AppError("conflict", "A new index is being built for this collection. Try others when it serves.");
}

const givenUp = (): AppError =>
  new AppError(
    "conflict",
    "The index that was tried has been given up: another one was begun, or the build was cancelled.",
  );

async function buildBeside(
  parts: AdaptationParts,
  target: Target,
  { collection, context, report }: { collection: Collection; context: JobContext; report: Report },
): Promise<Generation> {
  const { store, queue } = parts;
  await requireFreePlace(parts, collection);
  await holdGeneration(store.settings, collection.id, target);
  const generation = await store.collections.beginGeneration(collection.id, target);
  const job = await enqueueBuild(queue, generation);
  try {
    await waitFor(parts, job, context.signal, report);
  } catch (error) {
    if (context.signal.aborted && isGivenUp(context.signal)) await giveUp(parts, job, generation);
    throw error;
  }
  const built = await store.collections.generation(generation.id);
  if (built === null || built.status === "retired") throw givenUp();
  return built;
}

const isGivenUp = ({ reason }: AbortSignal): boolean =>
  reason instanceof AppError && reason.details.reason === "cancelled";

async function waitFor(parts: AdaptationParts, { id }: Job, signal: AbortSignal, report: Report): Promise<void> {
  for (;;) {
    throwIfAborted(signal);
    const job = await parts.queue.get(id);
    if (job === null) throw givenUp();
    report(job.progress.done, job.progress.total, "build");
    if (job.status === "succeeded") return;
    if (job.endedAt !== null)
      throw job.error === null ? givenUp() : new AppError(job.error.code, `The index to be tried: ${job.error.detail}`);
    await pause(POLL_MS, signal);
  }
}

async function giveUp(parts: AdaptationParts, job: Job, generation: Generation): Promise<void> {
  await parts.queue.cancel(job.id).catch((error: unknown) => {
    // It ended meanwhile: then there is only its index to put away.
    if (!(error instanceof AppError) || !["conflict", "not_found"].includes(error.code)) throw error;
  });
  await putAway(parts, generation, false);
}

async function putAway(
  parts: Pick<AdaptationParts, "store" | "queue" | "index">,
  generation: Generation,
  keep: boolean,
): Promise<void> {
  const { store, queue, index } = parts;
  const { id, collectionId } = generation;
  // A person may have wished for this very index while it was tried: then it is theirs.
  if (!(await isHeld(store.settings, generation))) return;
  // Retired first: an index that is being built and not held would begin to serve.
  const isBuilding = (await store.collections.generation(id))?.status === "building";
  if (isBuilding) await store.collections.retireGeneration(id, keep ? KEEP_MS : 0);
  await releaseGeneration(store.settings, collectionId);
  if (!isBuilding) return;
  // Where its build had got to; whoever begins it again reads every document, and embeds none that is there.
  await store.settings.put(`build-generation:${id}`, null);
  await index.drop(id);
  if (!keep) await enqueuePurge(queue);
}

/** When a worker starts: indexes whose trial is over without having said so. `inUse`: collections that one still tries. */
export async function putAwayForgotten(
  parts: Pick<AdaptationParts, "store" | "queue" | "index">,
  inUse: ReadonlySet<string>,
): Promise<void> {
  for (const generation of await parts.store.collections.generations())
    if (generation.status === "building" && !inUse.has(generation.collectionId))
      await putAway(parts, generation, false);
}

/**
 * Measures this installation on an evaluation set (`lorekeep eval`): its documents go into a scratch collection, which is
 * kept and used again while they are unchanged, then its questions are searched and, when asked for, answered.
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { ChatEvent, Collection, ConversationId, DocumentId, DocumentStatus } from "@lorekeep/core";
import { evaluateQuestions, loadEvalSet, verdictIn } from "@lorekeep/rag";
import type { EvalAnswer, EvalReport, EvalRun, EvalSet } from "@lorekeep/rag";
import { LOCAL_ACTOR, SCRATCH_PREFIX } from "./access.ts";
import type { Platform } from "./platform.ts";
import { pause } from "./wake-ups.ts";

export interface EvaluateOptions {
  readonly folder: string;
  /** Default: `eval:` and the folder's name. */
  readonly collection?: string | undefined;
  /** Also answer every question. */
  readonly answers: boolean;
  readonly onProgress?: ((step: "import" | "index" | "measure", done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const READY_POLL_MS = 200;
const IMPORTS_AT_ONCE = 4;

export type { EvalReport };

export async function evaluateFolder(platform: Platform, options: EvaluateOptions): Promise<EvalReport> {
  return (await measureFolder(platform, options)).report;
}

/** With what each question got. Needs a worker, in this process or in a server on the same data folder. */
export async function measureFolder(platform: Platform, options: EvaluateOptions): Promise<EvalRun> {
  const set = await loadEvalSet(options.folder);
  const collection = await scratchCollection(platform, options);
  await bringIn(platform, collection, set, options);
  return evaluateQuestions(set, {
    search: async (query, mode, limit) => {
      const request = { query, mode, limit, collections: [collection.id], explain: false };
      const { results } = await platform.assistant.search(LOCAL_ACTOR, request);
      return results.flatMap(({ externalId }) => externalId ?? []);
    },
    ...(options.answers ? { chat: (question: string) => answer(platform, collection, question, options.signal) } : {}),
    onProgress: (done, total) => options.onProgress?.("measure", done, total),
    signal: options.signal,
  });
}

async function scratchCollection(platform: Platform, options: EvaluateOptions): Promise<Collection> {
  const name = options.collection ?? `${SCRATCH_PREFIX}${basename(resolve(options.folder))}`;
  const existing = await platform.store.collections.getByName(name);
  if (existing !== null) return existing;
  const description = "Documents of an evaluation set; may be deleted at any time.";
  return platform.library.createCollection(LOCAL_ACTOR, { name, description });
}

function hashOf(set: EvalSet): string {
  const hash = createHash("sha256");
  for (const { id, title, text } of set.documents) hash.update(JSON.stringify([id, title, text]));
  return hash.digest("hex");
}

/** Imports what is not there yet and waits until all of it can be found. */
async function bringIn(
  platform: Platform,
  collection: Collection,
  set: EvalSet,
  options: EvaluateOptions,
): Promise<void> {
  const { settings } = platform.store;
  const settingName = `evaluation-set:${collection.id}`;
  const hash = hashOf(set);
  if ((await settings.get(settingName)) !== hash) {
    await importDocuments(platform, collection, set, options);
    await settings.put(settingName, hash);
  } else {
    await readFailedAgain(platform, collection);
  }
  await waitUntilIndexed(platform, collection, options);
}

/** What an earlier evaluation could not read: a newer version may. */
async function readFailedAgain(platform: Platform, collection: Collection): Promise<void> {
  for await (const { id } of documentsOf(platform, collection, "failed"))
    await platform.library.reprocess(LOCAL_ACTOR, id);
}

async function importDocuments(
  platform: Platform,
  collection: Collection,
  set: EvalSet,
  options: EvaluateOptions,
): Promise<void> {
  const wanted = new Set(set.documents.map(({ id }) => id));
  for await (const { id, externalId } of documentsOf(platform, collection))
    if (externalId === null || !wanted.has(externalId)) await platform.library.deleteDocument(LOCAL_ACTOR, id);
  let done = 0;
  const waiting = set.documents.filter(({ text, title }) => text.trim() !== "" || title.trim() !== "");
  const total = waiting.length;
  const importNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      throwIfAborted(options.signal);
      const { id, title, text } = next;
      const named = title.trim() === "" ? {} : { title };
      await platform.library.importDocument(LOCAL_ACTOR, {
        ...named,
        collection: collection.id,
        externalId: id,
        name: `${id}.txt`,
        text: text.trim() === "" ? title : text,
      });
      options.onProgress?.("import", (done += 1), total);
    }
  };
  await Promise.all(Array.from({ length: IMPORTS_AT_ONCE }, importNext));
}

async function* documentsOf(platform: Platform, collection: Collection, status?: DocumentStatus) {
  let cursor: string | undefined;
  do {
    const page = await platform.store.documents.list({ collectionId: collection.id, status, limit: 200, cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function waitUntilIndexed(platform: Platform, collection: Collection, options: EvaluateOptions): Promise<void> {
  const { documents } = platform.store;
  for (;;) {
    throwIfAborted(options.signal);
    const counts = await documents.countByStatus(collection.id);
    const waiting = counts.queued + counts.processing;
    const total = waiting + counts.ready + counts.failed;
    if (waiting === 0) break;
    options.onProgress?.("index", total - waiting, total);
    await pause(READY_POLL_MS, options.signal);
  }
  const failed = await documents.list({ collectionId: collection.id, status: "failed", limit: 1 });
  const [first] = failed.items;
  if (first?.error)
    throw new AppError(
      first.error.code,
      `A document of the set could not be read (${first.externalId}): ${first.error.detail}`,
    );
}

async function answer(
  platform: Platform,
  collection: Collection,
  question: string,
  signal: AbortSignal | undefined,
): Promise<EvalAnswer> {
  const events: ChatEvent[] = [];
  const request = { question, collections: [collection.id], regenerate: false, signal };
  for await (const event of platform.assistant.chat(LOCAL_ACTOR, request)) events.push(event);
  const find = <Type extends ChatEvent["type"]>(type: Type) =>
    events.find((event): event is Extract<ChatEvent, { type: Type }> => event.type === type);
  const conversation = find("conversation");
  if (conversation) await platform.assistant.deleteConversation(LOCAL_ACTOR, conversation.id as ConversationId); // as it was made
  const [error, end, cited] = [find("error"), find("end"), find("citations")];
  if (error || !end) throw new AppError("model_failed", error?.detail ?? "The answer did not end.");
  return {
    answer: cited?.text ?? "",
    shortAnswer: cited?.shortAnswer?.text,
    refused: find("refusal") !== undefined,
    citations: await withExternalIds(platform, cited?.items ?? []),
    usage: end.usage,
    generateMs: end.timings.generateMs ?? 0,
    cutSentenceCount: cited?.cutSentences.length ?? 0,
    verdict: verdictIn(end.trace),
  };
}

type Cited = Extract<ChatEvent, { type: "citations" }>["items"];

async function withExternalIds(platform: Platform, citations: Cited): Promise<EvalAnswer["citations"]> {
  return Promise.all(
    citations.map(async ({ documentId, answerSpan, supported }) => {
      const document = await platform.store.documents.get(documentId as DocumentId); // comes from the store
      return { documentId: document?.externalId ?? documentId, answerSpan, supported };
    }),
  );
}

/**
 * What comes into the library and what leaves it. The order of writing is what makes a 202 survive `kill -9`: bytes are
 * fsynced as a blob, then the row is committed, then the job; a row without its job is found again when a worker starts
 * (handlers.ts). Deleting is one committed row; everything after it is clean-up that can be repeated.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { AppError } from "@lorekeep/core";
import type { Collection, DocumentRecord, ImportDocumentRequest, Metadata } from "@lorekeep/core";
import { CHUNKS_MEDIA_TYPE } from "@lorekeep/rag";
import { findDocument, requireScope, resolveCollections } from "./access.ts";
import type { BlobPins } from "./blob-pins.ts";
import { collectionForWriting, createCollection, deleteCollection, updateCollection } from "./collection-settings.ts";
import type { LibraryParts } from "./collection-settings.ts";
import { enqueueIngest, enqueueOrWait, enqueuePurge } from "./enqueue.ts";
import { fetchUrl } from "./fetch-url.ts";
import type { FetchUrlOptions } from "./fetch-url.ts";
import type { Metrics } from "./open-metrics.ts";
import type { Actor, Library, UploadOutcome, UploadRequest } from "./platform.ts";
import { loadSample } from "./sample.ts";

export interface LibraryOptions extends LibraryParts {
  readonly metrics: Metrics;
  readonly pins: BlobPins;
  /** Fires when a document is deleted or replaced, so that a run over it in this process ends. */
  readonly onGone: (id: DocumentRecord["id"]) => void;
  readonly previewChunks: Library["previewChunks"];
  readonly fetch?: Pick<FetchUrlOptions, "resolve" | "isAllowed"> | undefined;
}

const URL_TIMEOUT_MS = 30_000;
const MAX_NAME_LENGTH = 255;

/** A file name is only a label: folders, control characters and direction overrides are taken off, length is bounded. */
export function cleanName(name: string): string {
  const last = name.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, "").trim();
  return clean === "" || /^\.+$/.test(clean) ? "untitled" : clean.slice(0, MAX_NAME_LENGTH);
}

interface Incoming {
  readonly name: string;
  readonly title?: string | undefined;
  readonly externalId?: string | undefined;
  readonly source: DocumentRecord["source"];
  readonly mediaType: string;
  readonly metadata: Metadata;
  readonly bytes: Readable;
  readonly signal?: AbortSignal | undefined;
}

/** Stream → blob → row → job. */
export async function admitBytes(
  options: LibraryOptions,
  collection: Collection,
  incoming: Incoming,
): Promise<UploadOutcome> {
  const { store, blobs, queue, config, metrics, logger } = options;
  const blob = await blobs.put(incoming.bytes, { maxBytes: config.ingest.maxFileBytes, signal: incoming.signal });
  const unpin = options.pins.pin(blob.sha256);
  try {
    const { outcome, document } = await store.documents.admit({
      collectionId: collection.id,
      name: cleanName(incoming.name),
      title: incoming.title,
      externalId: incoming.externalId,
      source: incoming.source,
      mediaType: incoming.mediaType,
      sizeBytes: blob.sizeBytes,
      blob: blob.sha256,
      metadata: incoming.metadata,
    });
    if (!(await blobs.has(blob.sha256))) throw await takeBack(options, document);
    if (outcome === "replaced") options.onGone(document.id);
    if (outcome !== "duplicate" || document.status === "queued")
      await enqueueOrWait(logger, () => enqueueIngest(queue, document));
    metrics.documents.inc({ outcome });
    logger.info("document.admitted", { documentId: document.id, outcome, sizeBytes: blob.sizeBytes });
    return { document, duplicate: outcome === "duplicate", replaced: outcome === "replaced" };
  } finally {
    unpin();
  }
}

/** The same bytes were being removed for good by another process between our writing them and our row. */
async function takeBack(options: LibraryOptions, document: DocumentRecord): Promise<AppError> {
  await options.store.documents.delete(document.id);
  await enqueuePurge(options.queue);
  return new AppError("conflict", "The same file was being removed at that moment. Send it again.");
}

async function upload(options: LibraryOptions, actor: Actor, request: UploadRequest): Promise<UploadOutcome> {
  requireScope(actor, "ingest");
  const collection = await collectionForWriting(options, actor, request.collection);
  return admitBytes(options, collection, {
    ...request,
    source: "upload",
    mediaType: request.mediaType ?? "application/octet-stream",
  });
}

const EXTENSIONS = { "text/plain": "txt", "text/markdown": "md", "text/html": "html" } as const;

function describeImport(request: ImportDocumentRequest): Omit<Incoming, "bytes" | "source" | "mediaType"> {
  const mediaType = request.mediaType ?? "text/plain";
  const titled = request.title === undefined ? undefined : `${request.title}.${EXTENSIONS[mediaType]}`;
  return {
    name: request.name ?? titled ?? request.externalId ?? `untitled.${EXTENSIONS[mediaType]}`,
    title: request.title,
    externalId: request.externalId,
    metadata: request.metadata ?? {},
  };
}

/** The title is what people search for, so it leads the text unless the text begins with it (HTML has its own). */
function withTitle(text: string, title: string | undefined, mediaType: string): string {
  if (title === undefined || title.trim() === "" || mediaType === "text/html") return text;
  if (
    text.trim() === "" ||
    text
      .trimStart()
      .replace(/^#+\s*/, "")
      .startsWith(title)
  )
    return text;
  return mediaType === "text/markdown" ? `# ${title}\n\n${text}` : `${title}\n\n${text}`;
}

async function fetchImport(options: LibraryOptions, request: ImportDocumentRequest, url: string): Promise<Incoming> {
  if (options.config.offline)
    throw new AppError("forbidden", "This server is set to stay offline, so web addresses are not fetched.");
  const { maxFileBytes } = options.config.ingest;
  const fetched = await fetchUrl(url, { maxBytes: maxFileBytes, timeoutMs: URL_TIMEOUT_MS, ...options.fetch });
  return {
    ...describeImport(request),
    name: request.name ?? request.title ?? fetched.name,
    // The address is the identity, so that importing it again makes a new version.
    externalId: request.externalId ?? url,
    metadata: { url: fetched.url, ...request.metadata },
    source: "url",
    mediaType: fetched.mediaType ?? "application/octet-stream",
    bytes: fetched.bytes,
  };
}

async function importDocument(
  options: LibraryOptions,
  actor: Actor,
  request: ImportDocumentRequest,
): Promise<UploadOutcome> {
  requireScope(actor, "ingest");
  const { text, chunks, url } = request;
  if ([text, chunks, url].filter((each) => each !== undefined).length !== 1)
    throw new AppError("request_invalid", "Give exactly one of text, chunks and url.");
  const collection = await collectionForWriting(options, actor, request.collection);
  if (url !== undefined) return admitBytes(options, collection, await fetchImport(options, request, url));
  const textType = request.mediaType ?? "text/plain";
  const [source, mediaType, bytes] =
    chunks === undefined
      ? (["text", textType, withTitle(text ?? "", request.title, textType)] as const)
      : (["chunks", CHUNKS_MEDIA_TYPE, JSON.stringify({ chunks })] as const);
  return admitBytes(options, collection, {
    ...describeImport(request),
    source,
    mediaType,
    bytes: Readable.from([Buffer.from(bytes, "utf8")]),
  });
}

/** Who still has the id can find its line in the audit log; the log itself does not keep the id (A1). */
const traceOf = (id: string): string => `sha256:${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;

async function deleteDocument(options: LibraryOptions, actor: Actor, id: DocumentRecord["id"]): Promise<void> {
  requireScope(actor, "ingest");
  await findDocument(options.store.documents, actor, id);
  // From this commit on it is gone for every reader; the rest is space.
  await options.store.documents.delete(id);
  options.onGone(id);
  await options.store.audit.record({ actor: actor.id, action: "document.deleted", target: traceOf(id) });
  await enqueueOrWait(options.logger, () => enqueuePurge(options.queue));
  options.logger.info("document.deleted", { documentId: id });
}

async function reprocess(options: LibraryOptions, actor: Actor, id: DocumentRecord["id"]): Promise<DocumentRecord> {
  requireScope(actor, "ingest");
  const document = await findDocument(options.store.documents, actor, id);
  if (!(await options.blobs.has(document.blob)))
    throw new AppError("blob_missing", "The original file is gone, so it cannot be read again. Upload it again.");
  await options.store.documents.setStatus(id, "queued", { error: null, stages: [] });
  await enqueueIngest(options.queue, document);
  return findDocument(options.store.documents, actor, id);
}

export function openLibrary(options: LibraryOptions): Library {
  const library: Library = {
    resolveCollections: (actor, names) => resolveCollections(options.store.collections, actor, names),
    createCollection: (actor, request) => createCollection(options, actor, request),
    updateCollection: (actor, id, changes) => updateCollection(options, actor, id, changes),
    deleteCollection: (actor, id) => deleteCollection(options, actor, id),
    upload: (actor, request) => upload(options, actor, request),
    importDocument: (actor, request) => importDocument(options, actor, request),
    getDocument: (actor, id) => findDocument(options.store.documents, actor, id),
    deleteDocument: (actor, id) => deleteDocument(options, actor, id),
    reprocess: (actor, id) => reprocess(options, actor, id),
    previewChunks: options.previewChunks,
    loadSample: (actor) => loadSample(library, actor),
  };
  return library;
}

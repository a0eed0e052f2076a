/** The library in memory: actors see only their collections, an upload reads its whole stream before anything is made of it. */
import { Readable } from "node:stream";
import {
  AppError,
  newId,
  type Blobs,
  type Collection,
  type CollectionId,
  type Config,
  type DocumentRecord,
} from "@lorekeep/core";
import type { Actor, Library, UploadOutcome } from "@lorekeep/platform";
import type { FakeRows } from "./fake-store.ts";

const now = () => new Date().toISOString();

export function makeCollection(rows: FakeRows, name: string): Collection {
  const collection: Collection = {
    id: newId("collection"),
    name,
    description: "",
    language: "auto",
    embedder: "fake",
    chunking: { maxTokens: 200, overlapTokens: 32 },
    retrieval: { passageCount: 6, denseWeight: 0.5, refusalThreshold: 0.5 },
    generationId: newId("generation"),
    nextGenerationId: null,
    documentCount: 0,
    chunkCount: 0,
    createdAt: now(),
    updatedAt: now(),
  };
  rows.collections.set(collection.id, collection);
  return collection;
}

export function fakeLibrary(rows: FakeRows, blobs: Blobs, config: Config): Library {
  const maySee = (actor: Actor, id: CollectionId) => actor.collectionIds?.includes(id) ?? true;
  const resolve = (actor: Actor, names: readonly string[] | undefined): Collection[] => {
    const all = [...rows.collections.values()].filter((each) => maySee(actor, each.id));
    return (names ?? all.map((each) => each.id)).map((name) => {
      const found = all.find((each) => each.id === name || each.name === name);
      if (found === undefined) throw new AppError("not_found", "There is no such collection.");
      return found;
    });
  };
  const find = (actor: Actor, id: string): DocumentRecord => {
    const document = rows.documents.get(id);
    if (document === undefined || !maySee(actor, document.collectionId))
      throw new AppError("not_found", "There is no such document.");
    return document;
  };
  const admit = async (
    actor: Actor,
    collection: string | undefined,
    request: Partial<DocumentRecord> & { name: string; stream: Readable },
  ): Promise<UploadOutcome> => {
    const [target] = resolve(actor, [collection ?? [...rows.collections.values()][0]?.id ?? ""]);
    const { sha256, sizeBytes } = await blobs.put(request.stream, { maxBytes: config.ingest.maxFileBytes });
    const same = [...rows.documents.values()].find((each) => each.blob === sha256 && each.collectionId === target!.id);
    if (same !== undefined) return { document: same, duplicate: true, replaced: false };
    const document = makeDocument(target!.id, { ...request, blob: sha256, sizeBytes });
    rows.documents.set(document.id, document);
    return { document, duplicate: false, replaced: false };
  };
  return {
    resolveCollections: async (actor, names) => resolve(actor, names),
    createCollection: async (_actor, { name }) => makeCollection(rows, name),
    updateCollection: async (actor, id, changes) => {
      const [collection] = resolve(actor, [id]);
      const { name = collection!.name, description = collection!.description } = changes;
      const changed = { ...collection!, name, description };
      rows.collections.set(id, changed);
      return changed;
    },
    deleteCollection: async (_actor, id) => void rows.collections.delete(id),
    upload: (actor, { collection, name, mediaType, metadata, externalId = null, bytes }) =>
      admit(actor, collection, { name, mediaType: mediaType ?? "text/plain", metadata, externalId, stream: bytes }),
    importDocument: (actor, request) =>
      admit(actor, request.collection, {
        name: request.name ?? request.title ?? "untitled.txt",
        externalId: request.externalId ?? null,
        metadata: request.metadata ?? {},
        stream: Readable.from([Buffer.from(request.text ?? JSON.stringify(request.chunks ?? request.url))]),
      }),
    getDocument: async (actor, id) => find(actor, id),
    deleteDocument: async (actor, id) => void rows.documents.delete(find(actor, id).id),
    previewChunks: async (actor, id) => {
      const { name } = find(actor, id);
      return {
        total: 1,
        meanTokens: 1,
        items: [{ ordinal: 0, text: name, page: null, headings: [], tokenCount: 1, overlap: 0 }],
      };
    },
    reprocess: async (actor, id) => find(actor, id),
    loadSample: async () => ({ collectionId: newId("collection"), documentIds: [], questions: [] }),
  };
}

export function makeDocument(collectionId: CollectionId, fields: Partial<DocumentRecord>): DocumentRecord {
  return {
    id: newId("document"),
    collectionId,
    name: "untitled",
    title: null,
    externalId: null,
    source: "upload",
    mediaType: "text/plain",
    sizeBytes: 0,
    blob: "",
    status: "queued",
    stages: [],
    error: null,
    warnings: [],
    metadata: {},
    language: null,
    pageCount: null,
    chunkCount: 0,
    versionId: null,
    versionNumber: 1,
    createdAt: now(),
    updatedAt: now(),
    ...fields,
  };
}

/** A migrated store with a few documents, for tests. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { ChunkDraft, Collection, DocumentRecord, GenerationId, NewDocument, VersionId } from "@lorekeep/core";
import { recordingLogger } from "@lorekeep/core/testing";
import { openStore } from "../open-store.ts";
import type { OpenedStore, StoreOptions } from "../open-store.ts";

export const MIGRATIONS = fileURLToPath(new URL("../../../../migrations", import.meta.url));

export function openTestStore(options: Partial<StoreOptions> = {}): OpenedStore {
  return openStore({ path: ":memory:", migrationsFolder: MIGRATIONS, logger: recordingLogger(), ...options });
}

export const EMBEDDER_A = {
  embedder: "a",
  embedderFingerprint: "a-1",
  dimensions: 4,
  chunking: { maxTokens: 200, overlapTokens: 32 },
} as const;

export function makeCollection(store: OpenedStore, name = "Handbook"): Promise<Collection> {
  return store.collections.create({
    ...EMBEDDER_A,
    name,
    language: "auto",
    retrieval: { passageCount: 6, denseWeight: 0.5, refusalThreshold: 0.5 },
  });
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export interface SeedDocument extends Partial<NewDocument> {
  readonly name: string;
  /** One chunk and one page each. */
  readonly texts: readonly string[];
  readonly headings?: readonly string[];
}

export function newDocument(collection: Collection, { texts, name, headings: _h, ...rest }: SeedDocument): NewDocument {
  return {
    collectionId: collection.id,
    name,
    source: "upload",
    mediaType: "text/plain",
    sizeBytes: 10,
    blob: sha256(texts.join("\n")),
    metadata: {},
    ...rest,
  };
}

/** Unit vector along one of four axes. */
export function axis(number: number): Float32Array {
  return Float32Array.from({ length: 4 }, (_, at) => (at === number % 4 ? 1 : 0));
}

export function chunksOf(texts: readonly string[], headings: readonly string[] = []) {
  let start = 0;
  return texts.map((text, ordinal): ChunkDraft & { vector: Float32Array } => {
    const span = [start, start + text.length] as const;
    start += text.length;
    return {
      ordinal,
      text,
      span,
      page: ordinal + 1,
      pageEnd: ordinal + 1,
      headings,
      header: null,
      tokenCount: 5,
      contentHash: sha256(text),
      vector: axis(ordinal),
    };
  });
}

/** Stages pages and chunks without publishing. */
export async function stageTexts(
  store: OpenedStore,
  request: {
    document: DocumentRecord;
    generationId: GenerationId;
    texts: readonly string[];
    headings?: readonly string[];
  },
): Promise<VersionId> {
  const { document, generationId, texts } = request;
  const versionId = await store.versions.begin({ documentId: document.id, generationId, blob: document.blob });
  const chunks = chunksOf(texts, request.headings);
  await store.versions.stagePages(
    versionId,
    chunks.map(({ text, ordinal, span, page }) => ({ ordinal, page, label: null, start: span[0], text, regions: [] })),
  );
  for (let from = 0; from < chunks.length; from += 64)
    await store.versions.stageChunks(versionId, chunks.slice(from, from + 64));
  return versionId;
}

/** Admits, stages and publishes in the serving generation. */
export async function addDocument(
  store: OpenedStore,
  collection: Collection,
  seed: SeedDocument,
): Promise<DocumentRecord> {
  const { document } = await store.documents.admit(newDocument(collection, seed));
  const versionId = await stageTexts(store, {
    document,
    generationId: collection.generationId,
    texts: seed.texts,
    headings: seed.headings ?? [],
  });
  await store.versions.publish(versionId);
  await store.documents.setStatus(document.id, "ready");
  return (await store.documents.get(document.id))!;
}

/** Purges until nothing is left; returns rows removed and blobs no longer used. */
export async function purgeAll(store: OpenedStore, maxRows = 100): Promise<{ rows: number; blobs: string[] }> {
  let rows = 0;
  const blobs: string[] = [];
  for (;;) {
    const { removedRows, unusedBlobs } = await store.versions.purgeDeleted(maxRows);
    rows += removedRows;
    blobs.push(...unusedBlobs);
    if (removedRows === 0) return { rows, blobs };
  }
}

/** Texts that a query finds, best first. */
export async function findTexts(
  store: OpenedStore,
  collection: Collection,
  query: string,
  limit = 10,
): Promise<string[]> {
  const hits = await store.passages.keywordSearch({ generationIds: [collection.generationId], query, limit });
  return (await store.passages.load(hits.map(({ seq }) => seq))).map(({ text }) => text);
}

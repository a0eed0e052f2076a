/** A small whole house for tests: the real store in memory, the real parsers in process, a hash embedder, an exact index. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { AppError } from "@lorekeep/core";
import type { Blobs, Collection, DocumentRecord, Embedder, Generator, Metadata, Parser, Reader } from "@lorekeep/core";
import { hashEmbedder, manualClock, recordingLogger } from "@lorekeep/core/testing";
import { parseDocument } from "@lorekeep/ingest";
import { openStore } from "@lorekeep/store";
import type { AnswerDeps } from "../answer-run.ts";
import { ingestDocument } from "../ingest-document.ts";
import type { IngestDeps } from "../ingest-document.ts";
import { exactIndex } from "./exact-index.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../../migrations", import.meta.url));

export interface DocumentInput {
  readonly collection: Collection;
  readonly text: string;
  readonly name?: string;
  readonly mediaType?: string;
  readonly externalId?: string;
  readonly metadata?: Metadata;
}

export type TestHouse = Awaited<ReturnType<typeof openTestHouse>>;

export async function openTestHouse(
  options: { embedders?: readonly Embedder[]; generator?: Generator | null; reader?: Reader } = {},
) {
  const embedders = options.embedders ?? [hashEmbedder()];
  const clock = manualClock();
  const logger = recordingLogger();
  const store = openStore({ path: ":memory:", migrationsFolder: MIGRATIONS, logger, clock });
  const bytesOf = new Map<string, Buffer>();
  const index = exactIndex(store.vectors);
  const embedderFor = async (name: string): Promise<Embedder> => {
    const embedder = embedders.find((candidate) => candidate.name === name);
    if (embedder === undefined) throw new AppError("model_missing", `There is no embedder ${name}.`);
    return embedder;
  };
  const read = (sha256: string): Buffer => {
    const bytes = bytesOf.get(sha256);
    if (bytes === undefined) throw new AppError("blob_missing", "The original file is gone.");
    return bytes;
  };
  const blobs: Pick<Blobs, "localPath" | "open"> = {
    localPath: async (sha256) => (read(sha256), sha256),
    open: async (sha256) => Readable.from([read(sha256)]),
  };
  const parser: Pick<Parser, "parse"> = {
    parse: async ({ path, name, mediaType }) => parseDocument(read(path), { name, mediaType }),
  };
  const ingestDeps: IngestDeps = { ...store, blobs, parser, embedderFor, index, clock, logger };
  const answerDeps: AnswerDeps = {
    ...store,
    index,
    embedderFor,
    generator: async () => {
      if (options.generator == null) throw new AppError("model_missing", "No generator is installed.");
      return options.generator;
    },
    reader: async () => options.reader,
  };

  async function makeCollection(
    name = "handbook",
    embedder: Embedder = embedders[0]!,
    chunking = { maxTokens: 40, overlapTokens: 0 },
  ): Promise<Collection> {
    return store.collections.create({
      name,
      language: "auto",
      embedder: embedder.name,
      embedderFingerprint: embedder.fingerprint,
      dimensions: embedder.dimensions,
      chunking,
      retrieval: { passageCount: 6, denseWeight: 0.5, refusalThreshold: 0.5 },
    });
  }

  async function admit(input: DocumentInput): Promise<DocumentRecord> {
    const bytes = Buffer.from(input.text);
    const blob = createHash("sha256").update(bytes).digest("hex");
    bytesOf.set(blob, bytes);
    const { document } = await store.documents.admit({
      collectionId: input.collection.id,
      name: input.name ?? "handbook.md",
      externalId: input.externalId,
      source: "upload",
      mediaType: input.mediaType ?? "text/markdown",
      sizeBytes: bytes.length,
      blob,
      metadata: input.metadata ?? {},
    });
    return document;
  }

  return {
    store,
    clock,
    logger,
    index,
    bytesOf,
    ingestDeps,
    answerDeps,
    makeCollection,
    admit,
    /** Admits and ingests. */
    async add(input: DocumentInput): Promise<DocumentRecord> {
      const { id } = await admit(input);
      await ingestDocument({ documentId: id }, ingestDeps);
      return (await store.documents.get(id))!;
    },
    /** The collection as it is now. */
    reload: async ({ id }: Collection): Promise<Collection> => (await store.collections.get(id))!,
    close: () => store.close(),
  };
}

/**
 * Original bytes → parsed text and chunks, whatever way they came in: a file goes through the parser and the chunker, input
 * that the caller cut already is taken as it is (H4).
 */
import type { Readable } from "node:stream";
import type {
  Blobs,
  ChunkDraft,
  Chunking,
  DocumentRecord,
  Embedder,
  Generation,
  ParsedDocument,
  Parser,
} from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import { chunkDocument, chunkPrepared } from "@lorekeep/ingest";
import type { PreparedChunk } from "@lorekeep/ingest";
import type { StageRecords } from "./stage-records.ts";

/** Media type of the stored form of pre-chunked input: `{"chunks":[{"text":…,"page"?:…}]}`. */
export const CHUNKS_MEDIA_TYPE = "application/vnd.lorekeep.chunks+json";

export interface ReadChunks {
  readonly parsed: ParsedDocument;
  readonly drafts: readonly ChunkDraft[];
}

export async function readChunks(
  request: {
    readonly document: DocumentRecord;
    readonly generation: Generation;
    readonly embedder: Embedder;
    readonly stages: StageRecords;
    readonly signal: AbortSignal | undefined;
  },
  deps: { readonly blobs: Pick<Blobs, "localPath" | "open">; readonly parser: Pick<Parser, "parse"> },
): Promise<ReadChunks> {
  const { document, generation, embedder, stages, signal } = request;
  const countTokens = (texts: readonly string[]): Promise<number[]> => embedder.countTokens(texts, signal);
  // The media type is what parsing found once it has run; the source stays.
  if (document.source === "chunks" || document.mediaType === CHUNKS_MEDIA_TYPE) {
    const prepared = await stages.run("parse", async () => readPrepared(await deps.blobs.open(document.blob)));
    return stages.run("chunk", () => chunkPrepared(prepared, { countTokens, maxTokens: embedder.maxTokens, signal }));
  }
  const { name, mediaType } = document;
  const parsed = await stages.run("parse", async (onProgress) =>
    deps.parser.parse({ path: await deps.blobs.localPath(document.blob), name, mediaType, signal, onProgress }),
  );
  const drafts = await stages.run("chunk", async (report) => {
    const made = await cutParsed(parsed, generation.chunking, embedder, signal);
    report(made.length, made.length);
    return made;
  });
  if (drafts.length === 0)
    throw new AppError("document_no_text", `“${name}” holds no text that could be searched. Scans need OCR first.`);
  return { parsed, drafts };
}

/** As this embedder counts tokens. */
export function cutParsed(
  parsed: ParsedDocument,
  { maxTokens, overlapTokens }: Chunking,
  embedder: Pick<Embedder, "countTokens" | "maxTokens">,
  signal?: AbortSignal,
): Promise<ChunkDraft[]> {
  return chunkDocument(parsed, {
    maxTokens: Math.min(maxTokens, embedder.maxTokens),
    overlapTokens,
    countTokens: (texts) => embedder.countTokens(texts, signal),
    signal,
  });
}

/** The API has checked the shape when it took the input; bytes on disk are checked again. */
async function readPrepared(bytes: Readable): Promise<PreparedChunk[]> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part as Uint8Array); // a byte stream yields buffers
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw new AppError("document_corrupt", "The stored chunks are not JSON.", {}, { cause });
  }
  const chunks = typeof value === "object" && value !== null && "chunks" in value ? value.chunks : undefined;
  if (!Array.isArray(chunks) || !chunks.every(isPreparedChunk))
    throw new AppError("document_corrupt", "The stored chunks are not a list of texts.");
  return chunks;
}

function isPreparedChunk(value: unknown): value is PreparedChunk {
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") return false;
  return !("page" in value) || value.page === undefined || Number.isInteger(value.page);
}

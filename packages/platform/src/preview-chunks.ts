/**
 * What another chunking would make of a document, before it is chosen: the original is read and cut by the write path's own code, and
 * nothing is stored. The document that was read last is kept, so that moving a number does not read it again.
 */
import { AppError } from "@lorekeep/core";
import type { DocumentRecord, ParsedDocument, Parser } from "@lorekeep/core";
import { CHUNKS_MEDIA_TYPE, cutParsed } from "@lorekeep/rag";
import { findDocument, requireScope } from "./access.ts";
import { checkChunking } from "./collection-settings.ts";
import type { Library, Platform } from "./platform.ts";

type Parts = Pick<Platform, "store" | "blobs" | "models">;

const SHOWN = 20;

/** Throws not_found, blob_missing, request_invalid, and what reading a file throws. */
export function openChunkPreview(
  { store, blobs, models }: Parts,
  parser: Pick<Parser, "parse">,
): Library["previewChunks"] {
  let last: { readonly blob: string; readonly parsed: ParsedDocument } | null = null;

  async function read({ blob, name, mediaType }: DocumentRecord, signal?: AbortSignal): Promise<ParsedDocument> {
    if (last?.blob === blob) return last.parsed;
    if (!(await blobs.has(blob)))
      throw new AppError("blob_missing", "The original file is gone, so it cannot be read again. Upload it again.");
    const parsed = await parser.parse({ path: await blobs.localPath(blob), name, mediaType, signal });
    last = { blob, parsed };
    return parsed;
  }

  return async (actor, id, { chunking, embedder: wanted }, signal) => {
    requireScope(actor, "admin");
    const document = await findDocument(store.documents, actor, id);
    if (document.source === "chunks" || document.mediaType === CHUNKS_MEDIA_TYPE)
      throw new AppError("request_invalid", "This document came cut already; its chunks stay as they are.");
    const collection = await store.collections.get(document.collectionId);
    const embedder = await models.embedder(wanted ?? collection!.embedder); // a document's collection is there
    const drafts = await cutParsed(await read(document, signal), checkChunking(chunking, embedder), embedder, signal);
    const tokens = drafts.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    return {
      total: drafts.length,
      meanTokens: drafts.length === 0 ? 0 : Math.round(tokens / drafts.length),
      items: drafts.slice(0, SHOWN).map(({ ordinal, text, page, headings, tokenCount, span }, at) => ({
        ...{ ordinal, text, page, headings: [...headings], tokenCount },
        overlap: at === 0 ? 0 : Math.max(0, drafts[at - 1]!.span[1] - span[0]),
      })),
    };
  };
}

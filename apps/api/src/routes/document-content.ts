/** What is inside a document: chunks, parsed text, the original, and its progress as a stream. */
import {
  chunkDetailSchema,
  chunkListSchema,
  documentEventSchema,
  documentTextQuerySchema,
  documentTextSchema,
  documentSchema,
  pageQuerySchema,
  toAppError,
  type DocumentRecord,
} from "@lorekeep/core";
import { setTimeout as pause } from "node:timers/promises";
import { notFound, requireId, requireVisible } from "../ids.ts";
import { defineRoute } from "../route.ts";
import { sendOriginal } from "../send-original.ts";
import { openEventStream } from "../sse.ts";

const POLL_MS = 250;

export const documentContentRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/documents/{id}/chunks",
    access: ["search", "chat"],
    summary: "The chunks of the version that answers, in order.",
    query: pageQuerySchema,
    reply: { status: 200, schema: chunkListSchema },
    handle: async ({ platform, actor, params, query }) => {
      const { id } = await platform.library.getDocument(actor, requireId("document", params.id));
      return platform.store.passages.listChunks(id, query);
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/documents/{id}/text",
    access: ["search", "chat"],
    summary: "Parsed pages, with the regions that a viewer highlights.",
    query: documentTextQuerySchema,
    reply: { status: 200, schema: documentTextSchema },
    handle: async ({ platform, actor, params, query }) => {
      const { id } = await platform.library.getDocument(actor, requireId("document", params.id));
      const pages = await platform.store.passages.readPages(id, query);
      const last = pages.at(-1);
      return { pages, nextFrom: last !== undefined && pages.length === query.limit ? last.ordinal + 1 : null };
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/documents/{id}/file",
    access: ["search", "chat"],
    summary: "The original bytes, as an attachment; ranges are answered.",
    reply: { status: 200, mediaType: "application/octet-stream" },
    handle: async ({ platform, actor, params, request, response, signal }) => {
      const document = await platform.library.getDocument(actor, requireId("document", params.id));
      await sendOriginal({ blobs: platform.blobs, document, request, response, signal });
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/documents/{id}/events",
    access: ["search", "chat", "ingest"],
    summary: "The document each time it changes, as server-sent events; ends at ready or failed.",
    reply: { status: 200, mediaType: "text/event-stream", schema: documentEventSchema },
    handle: async ({ platform, services, actor, params, response, signal, logger }) => {
      const id = requireId("document", params.id);
      let document: DocumentRecord = await platform.library.getDocument(actor, id);
      const stream = openEventStream(response);
      const done = AbortSignal.any([signal, services.closing]);
      let lastSent = "";
      try {
        for (;;) {
          const event = { type: "document", document: documentSchema.parse(document) };
          const text = JSON.stringify(event);
          if (text !== lastSent) await stream.send(event);
          lastSent = text;
          if (document.status === "ready" || document.status === "failed" || done.aborted) break;
          await pause(POLL_MS, undefined, { signal: done });
          document = await platform.library.getDocument(actor, id);
        }
      } catch (error) {
        const { code, message } = toAppError(error);
        if (code === "unexpected") logger.error("http.stream-failed", { error });
        if (!done.aborted) await stream.send({ type: "error", ...{ code, detail: message } });
      } finally {
        stream.end();
      }
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/chunks/{id}",
    access: ["search", "chat"],
    summary: "One chunk: where a citation leads.",
    reply: { status: 200, schema: chunkDetailSchema },
    handle: async ({ platform, actor, params }) => {
      const chunk = await platform.store.passages.getChunk(requireId("chunk", params.id));
      if (chunk === null) throw notFound("chunk");
      requireVisible(actor, chunk.collectionId, "chunk");
      return chunk;
    },
  }),
];

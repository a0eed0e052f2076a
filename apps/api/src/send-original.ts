/**
 * Originals leave only as attachments, with a type that no browser runs and a policy that forbids everything (S3): an
 * uploaded page or drawing never becomes a page of this origin. One range a request is answered (RFC 9110, 14.2).
 */
import { pipeline } from "node:stream/promises";
import type { Blobs, DocumentRecord } from "@lorekeep/core";
import type { Request, Response } from "express";
import { FILE_SECURITY_POLICY } from "./security-headers.ts";

/** Types that browsers show but never execute. Everything else leaves as bytes. */
const PASSIVE_TYPES: ReadonlySet<string> = new Set([
  "application/pdf",
  "application/epub+zip",
  "application/json",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "text/csv",
  "text/markdown",
  "text/plain",
]);

export interface OriginalRequest {
  readonly blobs: Blobs;
  readonly document: Pick<DocumentRecord, "name" | "mediaType" | "sizeBytes" | "blob">;
  readonly request: Request;
  readonly response: Response;
  readonly signal: AbortSignal;
}

/** Throws blob_missing. */
export async function sendOriginal({ blobs, document, request, response, signal }: OriginalRequest): Promise<void> {
  const { sizeBytes } = document;
  const range = readRange(request.headers.range, sizeBytes);
  response.attachment(document.name);
  response.setHeader("content-security-policy", FILE_SECURITY_POLICY);
  response.setHeader("cache-control", "private, no-store, no-transform");
  response.setHeader("accept-ranges", "bytes");
  response.setHeader(
    "content-type",
    PASSIVE_TYPES.has(document.mediaType) ? document.mediaType : "application/octet-stream",
  );
  if (range === "unsatisfiable") {
    response.setHeader("content-range", `bytes */${sizeBytes}`);
    response.status(416).end();
    return;
  }
  const bytes = await blobs.open(document.blob, range ?? undefined);
  if (range !== null) {
    response.status(206);
    response.setHeader("content-range", `bytes ${range.start}-${range.end - 1}/${sizeBytes}`);
  }
  response.setHeader("content-length", range === null ? sizeBytes : range.end - range.start);
  // A reader that leaves ends the reading; the log line of the request says so.
  await pipeline(bytes, response, { signal }).catch((error: unknown) => {
    if (!signal.aborted && !response.destroyed) throw error;
  });
}

/** Half-open; null = the whole file (also for forms of the header that we do not serve). */
export function readRange(
  header: string | undefined,
  sizeBytes: number,
): { start: number; end: number } | null | "unsatisfiable" {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, end: sizeBytes };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== "" && Number(last) < start) return null;
  return start >= sizeBytes ? "unsatisfiable" : { start, end };
}

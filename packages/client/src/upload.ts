/**
 * Files → multipart requests. The text fields go before the file, so that the server can stream the bytes straight on.
 * A page that wants byte progress sends `uploadForm` to `UPLOAD_PATH` with XMLHttpRequest itself: fetch tells none.
 */
import { uploadResponseSchema, type Metadata, type UploadResponse } from "@lorekeep/core";
import { ClientError, type Transport } from "./transport.ts";

/** For forms made by `uploadForm` only: it promises that the fields stand before the file. */
export const UPLOAD_PATH = "/api/v1/documents?fieldsFirst=true";

/** `blob` may be a browser's File, or Node's `await openAsBlob(path)`, which is read as it is sent. */
export interface UploadFile {
  readonly name: string;
  readonly blob: Blob;
  readonly externalId?: string | undefined;
}

export interface UploadFields {
  /** Id or unique name; absent = the default collection. */
  readonly collection?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

export interface UploadOptions extends UploadFields {
  readonly signal?: AbortSignal | undefined;
  /** After each file. */
  readonly onProgress?:
    ((done: { files: number; totalFiles: number; bytes: number; totalBytes: number }) => void) | undefined;
  /** A file that was refused; without this the first refusal is thrown. */
  readonly onError?: ((file: UploadFile, error: ClientError) => void) | undefined;
}

export function uploadForm(file: UploadFile, fields: UploadFields = {}): FormData {
  const form = new FormData();
  if (fields.collection !== undefined) form.append("collection", fields.collection);
  if (fields.metadata !== undefined) form.append("metadata", JSON.stringify(fields.metadata));
  if (file.externalId !== undefined) form.append("externalId", file.externalId);
  form.append("file", file.blob, file.name);
  return form;
}

export async function uploadFiles(
  http: Transport,
  files: readonly UploadFile[],
  options: UploadOptions,
): Promise<UploadResponse> {
  const totalBytes = files.reduce((sum, file) => sum + file.blob.size, 0);
  const items: UploadResponse["items"] = [];
  let bytes = 0;
  for (const [index, file] of files.entries()) {
    try {
      const answer = await sendPatiently(http, file, options);
      items.push(...answer.items);
    } catch (error) {
      if (options.onError === undefined || !(error instanceof ClientError)) throw error;
      options.onError(file, error);
    }
    bytes += file.blob.size;
    options.onProgress?.({ files: index + 1, totalFiles: files.length, bytes, totalBytes });
  }
  return { items };
}

const MAX_WAITS = 5;

/** A server that says "too many requests, try again in n seconds" is taken at its word. */
async function sendPatiently(http: Transport, file: UploadFile, options: UploadOptions): Promise<UploadResponse> {
  for (let waits = 0; ; waits += 1) {
    try {
      const body = uploadForm(file, options);
      return await http.json(uploadResponseSchema, "POST", UPLOAD_PATH, { body, signal: options.signal });
    } catch (error) {
      const seconds = error instanceof ClientError && error.code === "rate_limited" ? error.retryAfterSeconds : null;
      if (seconds === null || waits === MAX_WAITS) throw error;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      options.signal?.throwIfAborted();
    }
  }
}

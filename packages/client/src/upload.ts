/**
 * Files → multipart requests. The text fields go before the file, so that the server can stream the bytes straight on.
 * A page that wants byte progress sends `uploadForm` to `UPLOAD_PATH` with XMLHttpRequest itself: fetch tells none.
 */
import { uploadResponseSchema, type Metadata, type UploadResponse } from "@lorekeep/core";
import { ClientError, type Transport } from "./transport.ts";

export const UPLOAD_PATH = "/api/v1/documents";

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
      const answer = await http.json(uploadResponseSchema, "POST", UPLOAD_PATH, {
        body: uploadForm(file, options),
        signal: options.signal,
      });
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

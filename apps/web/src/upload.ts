/**
 * One file to the server with byte progress. fetch tells no upload progress, hence XMLHttpRequest; form, address and
 * answer are the client's and the schema's.
 */
import { ClientError, UPLOAD_PATH, uploadForm } from "@lorekeep/client";
import { problemSchema, uploadResponseSchema, type UploadResponse } from "@lorekeep/core";

export interface UploadOptions {
  readonly collection: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (sentBytes: number) => void;
}
export type UploadedItem = UploadResponse["items"][number];

/**
 * The path of a file that came in a folder is its identity, since files of one name may lie in several folders.
 * Throws ClientError when refused or unreachable, AbortError when cancelled.
 */
export function uploadFile(file: File, name: string, options: UploadOptions): Promise<UploadedItem> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const cancel = () => request.abort();
    request.open("POST", UPLOAD_PATH);
    request.setRequestHeader("accept", "application/json, application/problem+json");
    request.upload.addEventListener("progress", (event) => options.onProgress(event.loaded));
    request.addEventListener("load", () => {
      try {
        resolve(readAnswer(request.status, request.responseText));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    request.addEventListener("loadend", () => options.signal.removeEventListener("abort", cancel));
    options.signal.addEventListener("abort", cancel);
    request.send(
      uploadForm(
        { name, blob: file, externalId: name.includes("/") ? name : undefined },
        { collection: options.collection },
      ),
    );
  });
}

const unreachable = () => new ClientError({ status: 0, code: "unreachable", detail: "", requestId: null });

export function readAnswer(status: number, body: string): UploadedItem {
  const value: unknown = parseJson(body);
  if (status >= 200 && status < 300) {
    const item = uploadResponseSchema.safeParse(value).data?.items[0];
    if (item !== undefined) return item;
  }
  const problem = problemSchema.safeParse(value).data;
  throw new ClientError({
    status,
    code: problem?.code ?? (status === 413 ? "document_too_large" : "unexpected"),
    detail: problem?.detail ?? "",
    requestId: problem?.requestId ?? null,
  });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A proxy's error page.
    return null;
  }
}

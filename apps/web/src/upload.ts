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

const MAX_WAITS = 5;
const MAX_WAIT_SECONDS = 60;

/**
 * The path of a file that came in a folder is its identity, since files of one name may lie in several folders. A server
 * that says "too many requests, again in n seconds" is taken at its word.
 * Throws ClientError when refused or unreachable, AbortError when cancelled.
 */
export const uploadFile = (file: File, name: string, options: UploadOptions): Promise<UploadedItem> =>
  sendPatiently(
    () => send(file, name, options),
    (seconds) => pause(seconds, options.signal),
  );

export async function sendPatiently<Answer>(
  attempt: () => Promise<Answer>,
  wait: (seconds: number) => Promise<void>,
): Promise<Answer> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await attempt();
    } catch (error) {
      const seconds = error instanceof ClientError && error.status === 429 ? error.retryAfterSeconds : null;
      if (seconds === null || waits === MAX_WAITS) throw error;
      await wait(Math.min(seconds, MAX_WAIT_SECONDS));
    }
  }
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", cancel);
      resolve();
    }, seconds * 1000);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
  });
}

const cancelled = () => new DOMException("cancelled", "AbortError");

function send(file: File, name: string, options: UploadOptions): Promise<UploadedItem> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const cancel = () => request.abort();
    request.open("POST", UPLOAD_PATH);
    request.setRequestHeader("accept", "application/json, application/problem+json");
    request.upload.addEventListener("progress", (event) =>
      // The form around the file counts too, but is not the user's.
      options.onProgress(Math.min(event.loaded, file.size)),
    );
    request.addEventListener("load", () => {
      try {
        resolve(readAnswer(request.status, request.responseText, request.getResponseHeader("retry-after")));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(cancelled()));
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

/** `retryAfter`: the header, in seconds. */
export function readAnswer(status: number, body: string, retryAfter: string | null = null): UploadedItem {
  const value: unknown = parseJson(body);
  if (status >= 200 && status < 300) {
    const item = uploadResponseSchema.safeParse(value).data?.items[0];
    if (item !== undefined) return item;
  }
  const problem = problemSchema.safeParse(value).data;
  const seconds = Number(retryAfter ?? "none");
  throw new ClientError({
    retryAfterSeconds: Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
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

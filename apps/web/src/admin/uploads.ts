/**
 * Files on their way in: waiting → sending (bytes) → processing (stages) → ready or failed. Lives outside React, so that
 * uploads go on while the reader looks at something else. Few at a time: browsers allow six connections to a server.
 */
import type { DocumentResponse } from "@lorekeep/core";
import { createStore, useStore } from "../external-store.ts";
import { documentEvents } from "../queries.ts";
import { uploadFile } from "../upload.ts";
import type { NamedFile } from "./dropped-files.ts";

export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly phase: "waiting" | "sending" | "processing" | "ready" | "failed" | "cancelled";
  readonly sentBytes: number;
  readonly document: DocumentResponse | null;
  readonly documentId: string | null;
  readonly notice: "duplicate" | "replaced" | null;
  readonly error: unknown;
}

const SENDERS = 2;
const FOLLOWERS = 2;
const store = createStore<readonly Upload[]>([]);
const controllers = new Map<number, AbortController>();
const toSend: (() => Promise<void>)[] = [];
const toFollow: (() => Promise<void>)[] = [];
const running = { send: 0, follow: 0 };
let nextId = 1;

export const useUploads = () => useStore(store);
export const isOver = (upload: Upload) =>
  upload.phase === "ready" || upload.phase === "failed" || upload.phase === "cancelled";
export const clearFinished = () => store.set((list) => list.filter((upload) => !isOver(upload)));

const change = (id: number, part: Partial<Upload>) =>
  store.set((list) => list.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));

export function addFiles(files: readonly NamedFile[], collection: string | undefined): void {
  const added = files.map(({ file, name }) => {
    const upload: Upload = {
      id: nextId++,
      name,
      sizeBytes: file.size,
      phase: "waiting",
      sentBytes: 0,
      document: null,
      documentId: null,
      notice: null,
      error: null,
    };
    toSend.push(() => send(upload, file, collection));
    return upload;
  });
  store.set((list) => [...list, ...added]);
  pump();
}

export function cancelUpload(id: number): void {
  controllers.get(id)?.abort();
  change(id, { phase: "cancelled" });
}

function pump(): void {
  while (running.send < SENDERS && toSend.length > 0) void run("send", toSend.shift()!);
  while (running.follow < FOLLOWERS && toFollow.length > 0) void run("follow", toFollow.shift()!);
}

async function run(kind: keyof typeof running, work: () => Promise<void>): Promise<void> {
  running[kind] += 1;
  try {
    await work();
  } finally {
    running[kind] -= 1;
    pump();
  }
}

async function send({ id, name }: Upload, file: File, collection: string | undefined): Promise<void> {
  if (store.get().find((upload) => upload.id === id)?.phase !== "waiting") return;
  const controller = new AbortController();
  controllers.set(id, controller);
  change(id, { phase: "sending" });
  try {
    const item = await uploadFile(file, name, {
      collection,
      signal: controller.signal,
      onProgress: (sentBytes) => change(id, { sentBytes }),
    });
    const notice = item.duplicateOf !== undefined ? "duplicate" : item.replaced === true ? "replaced" : null;
    const over = item.status === "ready";
    change(id, { notice, documentId: item.id, sentBytes: file.size, phase: over ? "ready" : "processing" });
    if (!over) toFollow.push(() => follow(id, item.id));
  } catch (error) {
    if (!controller.signal.aborted) change(id, { phase: "failed", error });
  } finally {
    controllers.delete(id);
  }
}

/** A stream that breaks off is no failure of the document: the table below goes on telling how it fares. */
async function follow(id: number, documentId: string): Promise<void> {
  try {
    for await (const { document } of documentEvents(documentId, new AbortController().signal)) {
      const phase = document.status === "ready" || document.status === "failed" ? document.status : "processing";
      change(id, { document, phase });
    }
  } catch {
    store.set((list) => list.filter((upload) => upload.id !== id));
  }
}

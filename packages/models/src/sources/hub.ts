/**
 * The Hugging Face Hub, or a mirror of it (`HF_ENDPOINT`). Files that other tools already downloaded are taken from its cache
 * (`HF_HOME`). Downloads resume by range request, guarded by the ETag; a file of an unknown checksum is checked against the
 * SHA-256 that the hub states for its large files.
 */
import { copyFile, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { HubFile } from "../catalogue.ts";
import { sha256OfFile } from "../checksum.ts";
import type { FetchOptions, ModelSource } from "./source.ts";

const PROBE_TIMEOUT_MS = 3_000;
const ATTEMPTS = 4;

export interface HubOptions {
  readonly endpoint: string;
  /** Folder of the hub's own cache; null = do not look. */
  readonly home: string | null;
  readonly token: string | null;
  /** Without a byte for this long, a download is tried again from where it stopped. */
  readonly idleTimeoutMs: number;
  readonly retryDelayMs: number;
}

/** The settings that the hub's own tools use. */
export function hubOptions(environment: Readonly<Record<string, string | undefined>>): HubOptions {
  const cache = environment.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return {
    endpoint: (environment.HF_ENDPOINT ?? "https://huggingface.co").replace(/\/+$/, ""),
    home: environment.HF_HOME ?? join(cache, "huggingface"),
    token: environment.HF_TOKEN ?? null,
    idleTimeoutMs: 60_000,
    retryDelayMs: 1_000,
  };
}

export function hubSource(options: HubOptions): ModelSource<HubFile> {
  const headers: Record<string, string> = options.token === null ? {} : { authorization: `Bearer ${options.token}` };

  async function probe(signal?: AbortSignal): Promise<string | null> {
    const timeout = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    try {
      await fetch(options.endpoint, {
        method: "HEAD",
        redirect: "manual",
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return null;
    } catch {
      throwIfAborted(signal);
      return `the model hub does not answer at ${options.endpoint}`;
    }
  }

  async function cached(file: HubFile): Promise<string | null> {
    if (options.home === null) return null;
    const folder = join(options.home, "hub", `models--${file.repository.replaceAll("/", "--")}`);
    const commit = await readFile(join(folder, "refs", file.revision), "utf8").catch(() => file.revision);
    const path = join(folder, "snapshots", commit.trim(), file.path);
    const info = await stat(path).catch(() => null);
    return info?.isFile() === true ? path : null;
  }

  const urlOf = (file: HubFile): string =>
    `${options.endpoint}/${file.repository}/resolve/${encodeURIComponent(file.revision)}/${file.path}`;

  /** What the hub itself says of a large file, before it redirects to its storage. */
  async function statedSha256(file: HubFile, signal: AbortSignal | undefined): Promise<string | null> {
    const response = await fetch(urlOf(file), { method: "HEAD", redirect: "manual", headers, signal: signal ?? null });
    const etag = response.headers.get("x-linked-etag")?.replaceAll('"', "") ?? "";
    return /^[0-9a-f]{64}$/.test(etag) ? etag : null;
  }

  /** Continues at the end of `part` when the server still has the same file there, else starts over. */
  async function request(
    file: HubFile,
    part: string,
    signal: AbortSignal,
  ): Promise<{ response: Response; start: number }> {
    const etag = await readFile(`${part}.etag`, "utf8").catch(() => null);
    const size = etag === null ? 0 : ((await stat(part).catch(() => null))?.size ?? 0);
    const range = size > 0 && etag !== null ? { range: `bytes=${size}-`, "if-range": etag } : {};
    const response = await fetch(urlOf(file), { headers: { ...headers, ...range }, signal });
    if (response.status === 416) {
      await rm(part, { force: true });
      throw new Error("the server refused to continue at this byte");
    }
    if (!response.ok)
      throw new AppError(
        "model_download_failed",
        `The hub answered ${response.status} for ${file.repository}/${file.path}.`,
        { status: response.status, repository: file.repository, path: file.path },
      );
    return { response, start: response.status === 206 ? size : 0 };
  }

  async function download(file: HubFile, part: string, { signal, onProgress }: FetchOptions): Promise<void> {
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(), options.idleTimeoutMs);
    try {
      const both = signal === undefined ? idle.signal : AbortSignal.any([signal, idle.signal]);
      const { response, start } = await request(file, part, both);
      const etag = response.headers.get("etag");
      if (etag === null) await rm(`${part}.etag`, { force: true });
      else await writeFile(`${part}.etag`, etag);
      const length = response.headers.get("content-length");
      const total = length === null ? file.sizeBytes : start + Number(length);
      const handle = await open(part, start > 0 ? "a" : "w");
      try {
        let done = start;
        const chunks: AsyncIterable<Uint8Array> | Uint8Array[] = response.body ?? [];
        for await (const chunk of chunks) {
          timer.refresh();
          await handle.write(chunk);
          done += chunk.length;
          onProgress(done, total);
        }
        if (total !== null && done !== total) throw new Error(`the connection ended at byte ${done} of ${total}`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async function downloadWithRetries(file: HubFile, part: string, fetchOptions: FetchOptions): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await download(file, part, fetchOptions);
      } catch (error) {
        throwIfAborted(fetchOptions.signal);
        if (error instanceof AppError && Number(error.details.status) < 500) throw error;
        if (attempt === ATTEMPTS)
          throw new AppError(
            "model_download_failed",
            `${file.repository}/${file.path} could not be downloaded in ${ATTEMPTS} attempts; what arrived is kept and continued next time.`,
            { repository: file.repository, path: file.path },
            { cause: error },
          );
        await new Promise((resolve) => setTimeout(resolve, options.retryDelayMs * attempt));
      }
    }
  }

  return {
    probe,
    fetch: async (file, target, fetchOptions) => {
      const local = await cached(file);
      if (local !== null) return copyFile(local, target);
      const part = `${target}.part`;
      await downloadWithRetries(file, part, fetchOptions);
      const wanted = file.sha256 ?? (await statedSha256(file, fetchOptions.signal).catch(() => null));
      if (wanted !== null && (await sha256OfFile(part)) !== wanted) {
        await Promise.all([rm(part, { force: true }), rm(`${part}.etag`, { force: true })]);
        throw new AppError(
          "model_checksum_mismatch",
          `${file.repository}/${file.path} arrived damaged or is another file than expected (SHA-256 differs). It was deleted; try again.`,
          { repository: file.repository, path: file.path, wanted },
        );
      }
      await rename(part, target);
      await rm(`${part}.etag`, { force: true });
    },
  };
}

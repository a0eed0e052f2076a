/** Content-addressed bytes: the name is the sha256 in hex, so a name can never escape the folder. */
import type { Readable } from "node:stream"; // type only: core stays browser-safe

export interface Blobs {
  /** Streams to a temporary file, fsyncs, renames. Throws request_too_large past `maxBytes`, disk_full, aborted; leaves nothing behind. */
  put(
    bytes: Readable,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<{ sha256: string; sizeBytes: number; isNew: boolean }>;
  has(sha256: string): Promise<boolean>;
  /** Throws blob_missing. */
  open(sha256: string, range?: { start: number; end: number }): Promise<Readable>;
  /** A path that a child process may read. Throws blob_missing. */
  localPath(sha256: string): Promise<string>;
  delete(sha256: string): Promise<void>;
  list(): AsyncIterable<{ sha256: string; sizeBytes: number }>;
}

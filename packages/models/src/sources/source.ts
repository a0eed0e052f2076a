/**
 * A place that model files come from. `install.ts` asks the sources in order; each brings one file at a time to a path of
 * its caller's choosing and leaves checking, converting and renaming to the caller.
 */
export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of this file's download so far; `total` null when the source does not say. */
  readonly onProgress: (done: number, total: number | null) => void;
}

export interface ModelSource<File> {
  /** null when it can be asked, else a sentence that says why not. Takes a few seconds at most. */
  probe(signal?: AbortSignal): Promise<string | null>;
  /** Throws model_download_failed, aborted, disk_full. What it leaves at `target` after an error may be resumed later. */
  fetch(file: File, target: string, options: FetchOptions): Promise<void>;
}

/** Gives the event loop its turn during long work: a slice of chunking never lasts longer than this. */
import { throwIfAborted } from "@lorekeep/core";

const SLICE_MS = 8;

/** Call often; resolves at once until the slice is used up, and throws `aborted` after it when the signal has fired. */
export function makePauser(signal?: AbortSignal): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < SLICE_MS) return undefined;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      throwIfAborted(signal);
      began = performance.now();
    });
  };
}

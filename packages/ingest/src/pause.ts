/** Gives the event loop its turn during long work: a slice of chunking never lasts longer than this. */
const SLICE_MS = 8;

/** Call often; resolves at once until the slice is used up. */
export function makePauser(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < SLICE_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        began = performance.now();
        resolve();
      }),
    );
  };
}

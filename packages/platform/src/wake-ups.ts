/** Awaitable pauses for loops that wait on other processes or yield the event loop between slices. */

/** Resolves after `durationMs`, or at once when the signal fires; the caller then checks the signal. */
export function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, durationMs);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    if (signal?.aborted) done();
    else signal?.addEventListener("abort", done, { once: true });
  });
}

/** Lets timers, sockets and other jobs run before the next slice of work. */
export const yieldToOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

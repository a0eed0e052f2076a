/** Polls until `check` gives something truthy; fails with `what` after `timeoutMs`. Tests never sleep for a guessed time. */
export async function waitUntil<Value>(
  check: () => Promise<Value> | Value,
  options: { what: string; timeoutMs?: number; everyMs?: number },
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + (options.timeoutMs ?? 10_000);
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${options.timeoutMs ?? 10_000} ms for ${options.what}`);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 20));
  }
}

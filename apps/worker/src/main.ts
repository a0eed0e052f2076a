/**
 * A worker in a process of its own, beside a server on the same data folder (or the same Redis): takes jobs, runs the
 * schedules, answers nobody. SIGTERM gives running jobs back to the queue.
 */
import { toAppError } from "@lorekeep/core";
import { dataPaths, loadConfig, openPlatform } from "@lorekeep/platform";
import { join } from "node:path";
import { startWorker } from "./start-worker.ts";

const HARD_STOP_MS = 20_000;

async function main(): Promise<void> {
  const { config } = loadConfig({ env: process.env });
  // Index files of the server are not ours: no two processes write the same ones.
  const indexFolder = join(dataPaths(config).root, "index-worker");
  await using platform = await disposable(openPlatform({ config, role: "tool", indexFolder }));
  const worker = await startWorker(platform);
  process.stderr.write("Lorekeep worker is taking jobs.\n");
  await stopSignal();
  setTimeout(() => process.exit(1), HARD_STOP_MS).unref();
  await worker.close();
}

async function disposable<Value extends { close(): Promise<void> }>(
  opening: Promise<Value>,
): Promise<Value & AsyncDisposable> {
  const value = await opening;
  return { ...value, [Symbol.asyncDispose]: () => value.close() };
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

main().catch((error: unknown) => {
  const { code, message, cause } = toAppError(error);
  process.stderr.write(`lorekeep worker: ${message} (${code})\n`);
  if (code === "unexpected" && cause instanceof Error) process.stderr.write(`${cause.stack ?? cause.message}\n`);
  process.exitCode = 1;
});

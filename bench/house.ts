/** A whole house in this process, on a temporary data folder, for benchmarks that measure more than one driver. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema } from "@lorekeep/core";
import { openPlatform, type Actor, type Platform } from "@lorekeep/platform";
import { silentLogger } from "../scripts/train/silent-logger.ts";

export const BENCH_ACTOR: Actor = {
  id: "bench",
  scopes: ["search", "chat", "ingest", "admin"],
  collectionIds: null,
  key: null,
};

/** Opens the platform with real models, runs `measure` and closes it. Its data are deleted, but for those in a folder to keep. */
export async function withHouse<Result>(
  measure: (platform: Platform) => Promise<Result>,
  { keep }: { readonly keep?: string | undefined } = {},
): Promise<Result> {
  const folder = keep ?? mkdtempSync(join(tmpdir(), "lorekeep-bench-"));
  mkdirSync(folder, { recursive: true });
  const config = configSchema.parse({ dataFolder: folder, port: 0, logLevel: "silent" });
  const platform = await openPlatform({ config, logger: silentLogger });
  try {
    return await measure(platform);
  } finally {
    await platform.close();
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

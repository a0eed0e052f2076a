/**
 * Where everything lives below the data folder. Only the database and the originals are the truth; the index folder may
 * be deleted at any time and is rebuilt.
 */
import { mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { AppError } from "@lorekeep/core";
import type { Config } from "@lorekeep/core";

export interface DataPaths {
  readonly root: string;
  readonly database: string;
  readonly blobs: string;
  readonly index: string;
  readonly logs: string;
  /** Adapter files; a name never gets another content. */
  readonly adapters: string;
  /** One folder for each training run that has not ended. */
  readonly fineTunes: string;
  /** Emptied at each start of a server. */
  readonly temporary: string;
  /** Who serves this folder now: server-info.ts. */
  readonly serverInfo: string;
  /** Present while a backup copies originals: backup.ts. */
  readonly backupLock: string;
}

export function dataPaths(config: Config): DataPaths {
  const root = config.dataFolder;
  const database = config.databaseUrl?.replace(/^(sqlite|file):(\/\/)?/i, "") ?? join(root, "lorekeep.db");
  return {
    root,
    database,
    blobs: join(root, "blobs"),
    index: join(root, "index"),
    logs: join(root, "logs"),
    adapters: join(root, "adapters"),
    fineTunes: join(root, "fine-tunes"),
    temporary: join(root, "tmp"),
    serverInfo: join(root, "server.json"),
    backupLock: join(root, "backup.lock"),
  };
}

/** Makes the folders, readable by their owner only. Throws config_invalid when that fails. */
export async function makeDataFolder(paths: DataPaths): Promise<void> {
  try {
    await mkdir(paths.root, { recursive: true, mode: 0o700 });
    for (const folder of [paths.blobs, paths.index, paths.logs, paths.temporary, paths.adapters, paths.fineTunes])
      await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError(
      "config_invalid",
      `The data folder ${paths.root} cannot be made or written. Set LOREKEEP_DATA to a folder of yours.`,
      { path: paths.root },
      { cause },
    );
  }
}

export async function emptyTemporaryFolder(paths: DataPaths): Promise<void> {
  await rm(paths.temporary, { recursive: true, force: true });
  await mkdir(paths.temporary, { recursive: true, mode: 0o700 });
}

/** Shared by all data folders of this user, so that a model is fetched once. */
export function modelsFolder(config: Config, env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (config.models.folder !== null) return config.models.folder;
  return join(env.XDG_CACHE_HOME?.trim() || join(homedir(), ".cache"), "lorekeep", "models");
}

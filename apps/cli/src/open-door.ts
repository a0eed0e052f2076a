/**
 * Chooses the way in: the running server when there is one and a key for it, else the data folder itself. Beside a running
 * server its worker does the jobs; without one this process does.
 */
import { join } from "node:path";
import { dataPaths, openLogger, openPlatform, findServer } from "@lorekeep/platform";
import type { Platform, ServerInfo } from "@lorekeep/platform";
import type { Config, Logger } from "@lorekeep/core";
import { rm } from "node:fs/promises";
import type { Door } from "./door.ts";
import { openLocalDoor } from "./local-door.ts";
import { openServerDoor } from "./server-door.ts";
import type { Terminal } from "./terminal.ts";

export interface LocalHouse extends AsyncDisposable {
  readonly platform: Platform;
  readonly server: ServerInfo | null;
}

/** Problems of this command on stderr, nothing else; the log file belongs to the server. */
export const commandLogger = (): Logger => openLogger({ level: "error", folder: null, stderr: "error" }).logger;

/** The data folder in this process; `work`: do jobs here when no server does. */
export async function openLocalHouse(config: Config, options: { work: boolean }): Promise<LocalHouse> {
  const paths = dataPaths(config);
  const server = await findServer(paths.serverInfo);
  const indexFolder = server === null ? undefined : join(paths.temporary, `index-${process.pid}`);
  const platform = await openPlatform({ config, role: "tool", logger: commandLogger(), indexFolder });
  const worker = options.work && server === null ? await platform.startWorker() : null;
  return {
    platform,
    server,
    [Symbol.asyncDispose]: async () => {
      await worker?.close();
      await platform.close();
      if (indexFolder) await rm(indexFolder, { recursive: true, force: true });
    },
  };
}

export async function openDoor(config: Config, terminal: Terminal, options: { work: boolean }): Promise<Door> {
  const server = await findServer(dataPaths(config).serverInfo);
  if (server !== null && config.apiKey !== null) return openServerDoor({ url: server.url, apiKey: config.apiKey });
  if (server !== null)
    terminal.say(
      `A server is running at ${server.url}; set LOREKEEP_API_KEY to its key to go through it. Opening the data folder beside it.`,
    );
  const house = await openLocalHouse(config, options);
  return { ...openLocalDoor(house.platform), close: async () => house[Symbol.asyncDispose]() };
}

/** Runs `work` with a door that is closed afterwards, whatever happens. */
export async function withDoor<Value>(
  config: Config,
  terminal: Terminal,
  options: { work: boolean },
  work: (door: Door) => Promise<Value>,
): Promise<Value> {
  const door = await openDoor(config, terminal, options);
  try {
    return await work(door);
  } finally {
    await door.close();
  }
}

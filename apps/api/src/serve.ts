/**
 * The life of the server process: open the house, listen, take jobs, get the models, say that it is ready; at the stop
 * signal end everything in order. The web app answers while models are still being fetched; the ready line waits for them.
 */
import { flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { AppError, type Config } from "@lorekeep/core";
import {
  collectGarbage,
  dataPaths,
  openPlatform,
  readServerInfo,
  removeServerInfo,
  writeServerInfo,
  type Platform,
} from "@lorekeep/platform";
import { startWorker } from "@lorekeep/worker";
import { makeOwnerLink, OWNER_LINK_HOURS } from "./owner-link.ts";
import { startServer } from "./server.ts";
import { waitForModels } from "./wait-for-models.ts";

const WEB_FOLDER = fileURLToPath(new URL("../../web/dist", import.meta.url));

export interface ServeOptions {
  readonly config: Config;
  /** Resolves when the process shall end. */
  readonly stopped: Promise<void>;
  /** Lines for people and scripts; the ready line is the last. */
  readonly print: (line: string) => void;
  /** Progress and warnings. */
  readonly tell: (text: string) => void;
}

/** Returns when everything is closed. Throws config_invalid and what opening the platform throws. */
export async function serve(options: ServeOptions): Promise<void> {
  const { config, stopped, print, tell } = options;
  const infoPath = dataPaths(config).serverInfo;
  await refuseSecondServer(infoPath);
  const platform = await openPlatform({ config });
  try {
    keepAlive(platform);
    const server = await startServer({ platform, host: config.host, port: config.port, webFolder: WEB_FOLDER });
    const { url } = server;
    await writeServerInfo(infoPath, {
      pid: process.pid,
      url,
      startedAt: new Date().toISOString(),
      version: platform.version,
    });
    const worker = await startWorker(platform);
    try {
      const waiting = new AbortController();
      void stopped.then(() => waiting.abort());
      const isReady = await waitForModels(platform, { tell, signal: waiting.signal });
      if (isReady) {
        collectGarbage(); // of loading everything
        await announce(platform, url, print);
        flushCompileCache();
      }
      await stopped;
    } finally {
      await Promise.all([server.close(), worker.close()]);
      await removeServerInfo(infoPath);
    }
  } finally {
    await platform.close();
  }
}

async function announce(platform: Platform, url: string, print: (line: string) => void): Promise<void> {
  const link = await makeOwnerLink(platform, url);
  if (link !== null) {
    print(
      `Nobody owns this Lorekeep yet. Open this link once, within ${OWNER_LINK_HOURS} hours, to make your account (a restart prints a new one):`,
    );
    print(link);
  }
  print(`Lorekeep is ready: ${url}`);
}

const PROBE_MS = 2_000;

/** A file of a process that died may name a number that another process has now: only an answer counts. */
async function refuseSecondServer(infoPath: string): Promise<void> {
  const info = await readServerInfo(infoPath);
  if (info === null || info.pid === process.pid) return;
  const answer = await fetch(`${info.url}/healthz`, { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => null);
  if (answer?.ok === true)
    throw new AppError(
      "config_invalid",
      `A server of this data folder is running already at ${info.url} (process ${info.pid}). Stop it, or set LOREKEEP_DATA to another folder.`,
    );
}

/**
 * What nobody caught is logged and outlived (S11): rows are written in transactions, so there is no state that a stray error
 * could leave half-done, while an exit would take every reader and job with it.
 */
function keepAlive({ logger }: Platform): void {
  process.on("unhandledRejection", (error) => logger.error("process.unhandled_rejection", { error }));
  process.on("uncaughtException", (error) => logger.error("process.uncaught_exception", { error }));
}

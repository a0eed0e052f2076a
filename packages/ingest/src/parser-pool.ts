/**
 * The Parser port on a pool of child processes: started when needed, used for many files, replaced after damage, after many
 * files, or when one has kept much memory. Files wait in line; an abort takes a file out of the line or ends its child.
 */
import {
  AppError,
  throwIfAborted,
  type Logger,
  type ParsedDocument,
  type Parser,
  type ParseRequest,
} from "@lorekeep/core";
import { lendPdfName } from "./lend-pdf-name.ts";
import { startParserProcess, type ParserProcess } from "./parser-process.ts";
import { launcherWithoutNetwork, type Launcher } from "./without-network.ts";

export interface ParserPoolOptions {
  /** Files parsed at the same time. */
  readonly processes: number;
  readonly memoryBytes: number;
  /** A child silent for this long is ended. */
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** Another child entry, for tests of misbehaviour. */
  readonly entry?: URL | undefined;
}

/** An idle child keeps some 100 MB: it goes after this time and is started again when needed. */
const IDLE_MS = 60_000;
const MAX_FILES_PER_PROCESS = 200;
/** A child that keeps more than this share of its memory after a file is not used again. */
const MAX_KEPT_SHARE = 0.5;

export function openParserPool(options: ParserPoolOptions): Parser {
  const idle: ParserProcess[] = [];
  const busy = new Set<ParserProcess>();
  const waiting: ((process: ParserProcess | AppError) => void)[] = [];
  let closed = false;
  let launcher: Launcher = null;
  const start = (): ParserProcess => startParserProcess(options, launcher, options.entry);

  const rest = (process: ParserProcess): void => {
    idle.push(process);
    const { parsedCount } = process;
    const timer = setTimeout(() => {
      const at = idle.indexOf(process);
      if (at < 0 || process.parsedCount !== parsedCount) return;
      idle.splice(at, 1);
      process.end();
    }, IDLE_MS);
    timer.unref();
  };

  const acquire = (signal: AbortSignal | undefined): Promise<ParserProcess> => {
    throwIfAborted(signal);
    if (closed) throw new AppError("aborted", "The parser pool is closed.");
    let process = idle.pop();
    while (process !== undefined && !process.usable) process = idle.pop();
    if (process === undefined && busy.size < options.processes) process = start();
    if (process !== undefined) {
      // Taken before anything is awaited: callers of the same moment must not all find the place free.
      busy.add(process);
      return Promise.resolve(process);
    }
    return new Promise((resolve, reject) => {
      const take = (process: ParserProcess | AppError): void => {
        signal?.removeEventListener("abort", leave);
        if (process instanceof AppError) reject(process);
        else resolve(process);
      };
      const leave = (): void => {
        const at = waiting.indexOf(take);
        if (at >= 0) waiting.splice(at, 1);
        reject(new AppError("aborted", "Parsing was stopped."));
      };
      signal?.addEventListener("abort", leave, { once: true });
      waiting.push(take);
    });
  };

  const release = (process: ParserProcess): void => {
    busy.delete(process);
    const kept = process.memoryBytes() ?? 0;
    if (process.parsedCount >= MAX_FILES_PER_PROCESS || kept > options.memoryBytes * MAX_KEPT_SHARE) process.end();
    if (closed) {
      process.end();
      return;
    }
    const next = waiting.shift();
    if (next === undefined) {
      if (process.usable) rest(process);
      return;
    }
    const replacement = process.usable ? process : start();
    busy.add(replacement);
    next(replacement);
  };

  return {
    async parse(request: ParseRequest): Promise<ParsedDocument> {
      launcher = await launcherWithoutNetwork();
      const process = await acquire(request.signal);
      const startedAt = performance.now();
      try {
        throwIfAborted(request.signal);
        if (closed) throw new AppError("aborted", "The parser pool is closed.");
        const parsed = await lendPdfName(request.path, (pdfPath) => {
          throwIfAborted(request.signal);
          return process.parse(request, pdfPath);
        });
        options.logger.debug("document.parsed", {
          pageCount: parsed.pageCount,
          blockCount: parsed.blocks.length,
          durationMs: performance.now() - startedAt,
        });
        return parsed;
      } catch (error) {
        if (!process.usable && !(error instanceof AppError && error.code === "aborted"))
          options.logger.warn("parser.ended", {
            code: error instanceof AppError ? error.code : "unexpected",
            durationMs: performance.now() - startedAt,
          });
        throw closed ? new AppError("aborted", "The parser pool was closed.", {}, { cause: error }) : error;
      } finally {
        release(process);
      }
    },
    async close() {
      closed = true;
      for (const take of waiting.splice(0)) take(new AppError("aborted", "The parser pool was closed."));
      for (const process of [...idle.splice(0), ...busy]) process.end();
    },
  };
}

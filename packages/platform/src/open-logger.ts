/**
 * JSON lines through pino: always to a file in the data folder, and to stderr at the level asked for.
 *
 * Document text, questions, prompts, vectors and keys are never logged; as a net under careless callers, fields of those
 * names are dropped here, wherever they stand in the first two levels.
 */
import { existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@lorekeep/core";
import pino from "pino";

type Level = "silent" | "error" | "warn" | "info" | "debug";

export interface LoggerOptions {
  readonly level: Level;
  /** Folder of `lorekeep.log`; null = no file. */
  readonly folder: string | null;
  /** Level for stderr; null = nothing on stderr. */
  readonly stderr: Level | null;
}

const MAX_FILE_BYTES = 20_000_000;
const NEVER = ["text", "question", "query", "prompt", "answer", "vector", "vectors", "secret", "token", "password"];
const NEVER_KEYS = [...NEVER, "apiKey", "authorization", "cookie", "messages", "content", "quote"];

function wrap(log: pino.Logger): Logger {
  return {
    debug: (event, fields = {}) => log.debug({ event, ...fields }),
    info: (event, fields = {}) => log.info({ event, ...fields }),
    warn: (event, fields = {}) => log.warn({ event, ...fields }),
    error: (event, fields = {}) => log.error({ event, ...fields }),
    child: (fields) => wrap(log.child(fields)),
  };
}

/** A file that has grown past its limit becomes `.1`; the one before it goes. */
function logFile(folder: string): string {
  const path = join(folder, "lorekeep.log");
  if (existsSync(path) && statSync(path).size > MAX_FILE_BYTES) renameSync(path, `${path}.1`);
  return path;
}

export interface OpenLogger {
  readonly logger: Logger;
  close(): void;
}

/** Errors are given as `error` fields: name, message, code, stack, and the cause chain. */
export function openLogger(options: LoggerOptions): OpenLogger {
  const streams: pino.StreamEntry[] = [];
  const isLoud = options.level !== "silent";
  // Synchronous: a line that was logged is there after kill -9; lines are few (none per chunk).
  const file =
    options.folder !== null && isLoud
      ? pino.destination({ dest: logFile(options.folder), sync: true, mode: 0o600 })
      : null;
  if (file) streams.push({ stream: file, level: options.level as pino.Level });
  if (options.stderr !== null && options.stderr !== "silent" && isLoud)
    streams.push({ stream: pino.destination({ dest: 2, sync: true }), level: options.stderr });
  const log = pino(
    {
      level: streams.length > 0 ? options.level : "silent",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause },
      redact: { paths: NEVER_KEYS.flatMap((key) => [key, `*.${key}`]), remove: true },
    },
    pino.multistream(streams),
  );
  return {
    logger: wrap(log),
    close: () => {
      file?.flushSync();
      file?.end();
    },
  };
}

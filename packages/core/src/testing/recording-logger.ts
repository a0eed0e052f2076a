/** A logger that keeps what it was told, so that a test can ask; children share the list. */
import type { Logger } from "../ports/logger.ts";

export interface LoggedLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
export interface RecordingLogger extends Logger {
  readonly lines: readonly LoggedLine[];
}

export function recordingLogger(lines: LoggedLine[] = [], base: Record<string, unknown> = {}): RecordingLogger {
  const write =
    (level: LoggedLine["level"]) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, event, fields: { ...base, ...fields } });
  return {
    lines,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => recordingLogger(lines, { ...base, ...fields }),
  };
}

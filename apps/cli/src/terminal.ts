/** What a person or a script sees: results on stdout, everything else on stderr, bars only where somebody watches. */
import type { Writable } from "node:stream";

export interface Terminal {
  /** A line of the result. */
  readonly print: (line: string) => void;
  /** Part of a line of the result. */
  readonly write: (text: string) => void;
  /** The result for scripts: one JSON value. */
  readonly printJson: (value: unknown) => void;
  /** A line about what is going on. */
  readonly say: (line: string) => void;
  readonly bar: (label: string) => ProgressBar;
}

export interface ProgressBar {
  readonly update: (done: number, total: number | null, note?: string) => void;
  readonly end: () => void;
}

export interface TerminalStreams {
  readonly stdout: Writable;
  readonly stderr: Writable & { isTTY?: boolean; columns?: number };
}

const REDRAW_MS = 100;
const WIDTH = 28;

export function openTerminal(streams: TerminalStreams): Terminal {
  const { stdout, stderr } = streams;
  return {
    print: (line) => void stdout.write(`${line}\n`),
    write: (text) => void stdout.write(text),
    printJson: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    say: (line) => void stderr.write(`${line}\n`),
    bar: (label) => (stderr.isTTY ? drawBar(label, stderr) : SILENT),
  };
}

const SILENT: ProgressBar = { update: () => undefined, end: () => undefined };

/** `label ████░░░░ 12/40 30 % · note`, drawn over itself. */
export function barLine(label: string, done: number, total: number | null, note: string): string {
  if (total === null || total <= 0) return `${label} ${done}${note && ` · ${note}`}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
  return `${label} ${bar} ${done}/${total} ${Math.floor(share * 100)} %${note && ` · ${note}`}`;
}

function drawBar(label: string, stderr: TerminalStreams["stderr"]): ProgressBar {
  let drawnAtMs = -Infinity;
  let last = "";
  const draw = (): void => void stderr.write(`\r\x1b[2K${last.slice(0, (stderr.columns ?? 80) - 1)}`);
  return {
    update: (done, total, note = "") => {
      last = barLine(label, done, total, note);
      if (performance.now() - drawnAtMs < REDRAW_MS && done !== total) return;
      drawnAtMs = performance.now();
      draw();
    },
    end: () => {
      if (last === "") return;
      draw();
      stderr.write("\n");
    },
  };
}

/** Columns padded to their longest cell; wide characters count two. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(...[name, ...rows.map((row) => row[column] ?? "")].map(displayWidth)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + " ".repeat(widths[column]! - displayWidth(cell)))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
}

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uff60]/gu;

export const displayWidth = (text: string): number => [...text].length + (text.match(WIDE)?.length ?? 0);

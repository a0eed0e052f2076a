/** What every command is given: settings, a terminal, and the signal of Ctrl-C. */
import type { Config } from "@lorekeep/core";
import type { Terminal } from "./terminal.ts";

export interface CommandContext {
  /** Reads the settings. Throws config_invalid. */
  readonly config: () => Config;
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** What the process ends with; a command that found something wrong sets 1. */
  readonly exitWith: (code: number) => void;
}

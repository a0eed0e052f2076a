/**
 * The `lorekeep` command. This is one of the three edges where errors are caught: a known one is one sentence on stderr, an
 * unknown one also says where it came from.
 */
import { AppError } from "@lorekeep/core";
import { ClientError } from "@lorekeep/client";
import { loadConfig, readVersion } from "@lorekeep/platform";
import { Command, CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";
import { addAsk } from "./commands/ask.ts";
import { addBackup } from "./commands/backup.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEval } from "./commands/eval.ts";
import { addImport } from "./commands/import.ts";
import { addKeys } from "./commands/keys.ts";
import { addModels } from "./commands/models.ts";
import { addReindex } from "./commands/reindex.ts";
import { addSearch } from "./commands/search.ts";
import { addTune } from "./commands/tune.ts";
import { addUp } from "./commands/up.ts";
import { openTerminal } from "./terminal.ts";
import type { TerminalStreams } from "./terminal.ts";

export interface MainOptions extends Partial<TerminalStreams> {
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const SETTINGS = `
Settings come from lorekeep.config.json in the data folder, from LOREKEEP_… variables and from flags, the later ones winning.
Commands go through the running server when LOREKEEP_API_KEY is set, else they open the data folder themselves.`;

/** Runs one command; resolves with the exit status. */
export async function runMain(argv: readonly string[], options: MainOptions = {}): Promise<number> {
  const terminal = openTerminal({ stdout: options.stdout ?? process.stdout, stderr: options.stderr ?? process.stderr });
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new AppError("aborted", "Stopped."));
  const env = options.env ?? process.env;
  let exitCode = 0;
  const program = new Command("lorekeep");
  const context: CommandContext = {
    config: () =>
      loadConfig({
        env,
        flags: program.opts<{ data?: string }>().data ? { dataFolder: program.opts<{ data: string }>().data } : {},
      }).config,
    terminal,
    env,
    signal: controller.signal,
    exitWith: (code) => (exitCode = code),
  };
  describeProgram(program, terminal.say, terminal.write);
  for (const add of [
    addUp,
    addImport,
    addSearch,
    addAsk,
    addEval,
    addTune,
    addReindex,
    addBackup,
    addDoctor,
    addKeys,
    addModels,
  ])
    add(program, context);
  if (argv[0] !== "up") process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(error, terminal.say);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

function describeProgram(program: Command, say: (line: string) => void, write: (text: string) => void): void {
  program
    .description("Your documents, answered with citations.")
    .version(readVersion())
    .option("--data <folder>", "data folder (LOREKEEP_DATA)")
    .addHelpText("after", SETTINGS)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: (text) => say(text.trimEnd()) });
}

/** What Node's own timers and requests throw when a signal fires. */
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** Help and --version end with 0; commander has said already what is wrong with arguments. */
function explain(error: unknown, say: (line: string) => void): number {
  if (error instanceof CommanderError) return error.exitCode;
  const isStopped = error instanceof AppError ? error.code === "aborted" : isAbort(error);
  if (isStopped) {
    say("Stopped.");
    return 130;
  }
  if (error instanceof AppError || error instanceof ClientError) {
    say(`lorekeep: ${error.message} (${error.code})`);
    return 1;
  }
  say(`lorekeep: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return 1;
}

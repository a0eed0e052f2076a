/** Looks the data folder over; ends with status 0 only when all is sound. */
import { runDoctor } from "@lorekeep/platform";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { commandLogger } from "../open-door.ts";

export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("check settings, models, database, originals, indexes and disk")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: boolean }) => {
      const report = await runDoctor(context.config(), { logger: commandLogger() });
      if (!report.ok) context.exitWith(1);
      if (options.json) return context.terminal.printJson(report);
      for (const { ok, name, detail } of report.checks)
        context.terminal.print(`${ok ? "✓" : "✗"} ${name.padEnd(10)} ${detail}`);
      context.terminal.print(report.ok ? "All is sound." : "Something needs attention.");
    });
}

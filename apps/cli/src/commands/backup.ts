/** One file that holds everything, and the way back. */
import { resolve } from "node:path";
import { backupTo, restore } from "@lorekeep/platform";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { commandLogger, openLocalHouse } from "../open-door.ts";

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

export function addBackup(program: Command, context: CommandContext): void {
  const { terminal, signal } = context;
  program
    .command("backup")
    .description("write database and originals into one file, also while the server runs")
    .argument("<file>", "a new file; gzip when it ends in .gz")
    .option("--json", "print one JSON object")
    .action(async (file: string, options: { json?: boolean }) => {
      await using house = await openLocalHouse(context.config(), { work: false });
      const bar = terminal.bar("backup ");
      const onProgress = (done: number, total: number): void => bar.update(megabytes(done), megabytes(total), "MB");
      const outcome = await backupTo(house.platform, resolve(file), { onProgress, signal });
      bar.end();
      if (outcome.missingBlobs > 0) context.exitWith(1);
      if (options.json) return terminal.printJson(outcome);
      terminal.print(`${outcome.file}: ${megabytes(outcome.sizeBytes)} MB, ${outcome.documentBlobs} originals.`);
      if (outcome.missingBlobs > 0)
        terminal.say(`${outcome.missingBlobs} originals are missing; \`lorekeep doctor\` says more.`);
    });
  program
    .command("restore")
    .description("put a backup into an empty data folder; no server may be running on it")
    .argument("<file>", "the backup")
    .option("--json", "print one JSON object")
    .action(async (file: string, options: { json?: boolean }) => {
      const config = context.config();
      const bar = terminal.bar("restore");
      const onProgress = (done: number, total: number): void => bar.update(megabytes(done), megabytes(total), "MB");
      const outcome = await restore(config, resolve(file), { onProgress, signal, logger: commandLogger() });
      bar.end();
      if (options.json) return terminal.printJson(outcome);
      terminal.print(`Restored ${outcome.documentBlobs} originals of ${outcome.createdAt} into ${config.dataFolder}.`);
    });
}
